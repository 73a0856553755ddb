"""Stories with the picture that goes beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedsvc.model import Picture, PublishedStory, Story
from feedsvc.store import KeptPicture, Transaction
from feedsvc.web.context import Reader

#: where our copies of pictures are; a key follows
PICTURES = "/picture/"

#: in pixels; what is smaller is an icon or counts visitors
_SMALLEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A picture of a story, from our own copy."""

    picture: Picture
    #: its address below the site's root
    path: str
    width: int
    height: int

    @property
    def alt(self) -> str:
        return " ".join((self.picture.caption or "").split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What may be shown of a story, and its picture if there is one."""

    story: PublishedStory
    sight: Sight | None


def cards(tx: Transaction, who: Reader, stories: Sequence[Story]) -> list[Card]:
    """Return what may be shown of stories, in the same order."""
    published = who.published(stories)
    kept = tx.pictures.here({picture.href for story in published for picture in story.pictures})
    return [Card(story=story, sight=sight(story.pictures, kept)) for story in published]


def sight(pictures: Iterable[Picture], kept: Mapping[str, KeptPicture]) -> Sight | None:
    """Return the first picture that is here and large enough to be looked at."""
    for picture in pictures:
        copy = kept.get(picture.href)
        if copy is not None and min(copy.width, copy.height) >= _SMALLEST:
            return Sight(picture=picture, path=f"{PICTURES}{copy.key}", width=copy.width, height=copy.height)
    return None
