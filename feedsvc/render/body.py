"""What every format says of a story in the same way."""

from dataclasses import dataclass
from html import escape

from feedsvc.model import Label, OutputFeed, Person, PublishedStory
from feedsvc.render.addresses import address
from feedsvc.render.text import said, shortened, untagged

_TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Credit:
    """The credit line: a link to the article."""

    href: str
    words: str

    @property
    def html(self) -> str:
        return f'<p><a href="{escape(self.href)}">{escape(self.words, quote=False)}</a></p>'


@dataclass(frozen=True, slots=True)
class Body:
    """A story's text. Either there is content, or the summary is not empty."""

    #: plain text
    paragraphs: tuple[str, ...]
    #: ends the summary
    credit: Credit | None
    #: safe HTML, ended by its own credit line
    content: str | None

    @property
    def summary(self) -> str | None:
        """Return the summary as HTML."""
        lead = "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in self.paragraphs)
        return lead + (self.credit.html if self.credit else "") or None


def page(feed: OutputFeed, story: PublishedStory) -> str:
    """Return the address of our own page of a story."""
    return f"{feed.story_url}{story.id}"


def origin(story: PublishedStory) -> str | None:
    """Return the original article's address; ours is never put in its place."""
    return address(story.link)


def _credited(feed: OutputFeed, story: PublishedStory) -> str:
    """Return where a credit line leads: to the original article, or our page where the publisher gave no address."""
    return origin(story) or page(feed, story)


def headline(story: PublishedStory) -> str:
    """Return a title that is never blank: Atom demands one."""
    return said(story.title) or shortened(
        said(story.summary) or said(story.credit.title) or str(story.id), _TITLE_CHARACTERS
    )


def body(feed: OutputFeed, story: PublishedStory) -> Body:
    """Return the text with the credit line where it belongs.

    Full text ends with it, and so does an excerpt; where only the headline may be shown, it is all there is.
    """
    summary, content, attribution = said(story.summary), said(story.content), said(story.attribution)
    paragraphs = tuple(line.strip() for line in summary.split("\n") if line.strip()) if summary else ()
    credit = Credit(_credited(feed, story), attribution) if attribution else None
    if content:
        return Body(paragraphs, None, content + (credit.html if credit else ""))
    if not paragraphs and credit is None:
        credit = Credit(_credited(feed, story), said(story.credit.title) or headline(story))
    return Body(paragraphs, credit, None)


def labels(feed: OutputFeed, story: PublishedStory) -> list[Label]:
    """Return our categories and tags of a story, in the order of the configuration.

    A category and a tag may have the same id; in a feed's labels categories come first.
    """
    tags = {label.id: label for label in feed.labels}
    categories = {label.id: label for label in reversed(feed.labels)}
    found = [categories.get(id) for id in story.categories] + [tags.get(id) for id in story.tags]
    return [label for label in found if label is not None]


def name(person: Person) -> str | None:
    """Return what to call a person: Atom demands a name. Angle brackets around addresses are for mail programs."""
    called = said(person.name) or said(person.email) or said(person.uri)
    if called is None:
        return None
    return untagged(called.replace("<", "(").replace(">", ")") if "@" in called else called) or None
