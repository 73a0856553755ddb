"""The page of one story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import NotFound

from feedsvc import policy
from feedsvc.addresses import STORIES
from feedsvc.model import ListKind, LocalText, PublishedStory, Story
from feedsvc.store import Store, Transaction
from feedsvc.web.body import Part, Sights, part_of, pictures_in
from feedsvc.web.cards import PICTURES, Sight, sight
from feedsvc.web.context import Reader, listed, on_web, reader
from feedsvc.web.linked_data import news_article
from feedsvc.web.refusals import refused
from feedsvc.web.words import gettext as _

#: headlines under "more of the category"
MORE = 6
#: What is corrected sooner is not worth a line.
_UPDATED_AFTER = timedelta(minutes=10)

#: how reasons begin that are the publisher's own doing
_BY_PUBLISHER = ("the publisher withdrew it", "missing from the publisher's complete feed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The listing that a story is read in, with its neighbours there; without a title: all stories."""

    kind: ListKind
    id: str
    title: LocalText | None
    more: Sequence[PublishedStory]
    newer: PublishedStory | None
    older: PublishedStory | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A story's text on the page."""

    sight: Sight | None
    #: all pictures, as addresses below the site's root
    pictures: tuple[str, ...]
    #: None: none of its text may be shown
    part: Part | None


def stories(store: Store) -> Blueprint:
    """Return the route `/story/<id>`."""
    blueprint = Blueprint("stories", __name__)

    @blueprint.get("/story/<uuid:id>")
    def story(id: UUID) -> str | Response:
        who = reader()
        with store.read() as tx:
            found = tx.stories.by_id(id)
            shown = who.published((found,)) if found is not None else []
            if found is None or not shown:
                return _gone(tx, id)
            reading = _read(tx, who, shown[0], _asked_part())
            beside = _beside(tx, who, found, shown[0])
        return _page(who, shown[0], reading, beside)

    @blueprint.get("/story/urn:uuid:<uuid:id>")
    def by_urn(id: UUID) -> Response:
        """Answer for the id as feeds write it."""
        return _moved(id)

    return blueprint


def _asked_part() -> int:
    given = request.args.get("part", "1")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 0


def _page(who: Reader, story: PublishedStory, reading: Reading, beside: Beside) -> str:
    filed = [each for each in listed(who.view, "category") if each.id in story.categories]
    page = who.public(f"{STORIES}{story.id}")
    return render_template(
        "story.html",
        here=(beside.kind, beside.id),
        story=story,
        reading=reading,
        beside=beside,
        in_category=beside.id if beside.kind == "category" else None,
        # Ours moves also when another source's entry takes the lead: readers are told of the publisher's corrections.
        is_updated=story.published and story.edited and story.edited - story.published >= _UPDATED_AFTER,
        host=(urlsplit(on_web(story.link) or "").hostname or "").removeprefix("www."),
        filed=filed,
        tags=[each for each in listed(who.view, "tag") if each.id in story.tags],
        page=page,
        linked_data=news_article(
            story,
            page=page,
            pictures=[who.public(path) for path in reading.pictures],
            sections=[who.text(category.title) for category in filed],
            zone=who.zone,
        ),
    )


def _read(tx: Transaction, who: Reader, story: PublishedStory, number: int) -> Reading:
    """Return what is on the part of that number. Raises NotFound where there are not so many."""
    kept = tx.pictures.here(policy.shown_pictures(story))
    inside = sorted(pictures_in(story.content) & kept.keys())
    lead = sight(story.pictures, kept)
    # In the text it may have another size: publishers give all of them one file name.
    if lead is not None and _file_name(lead.picture.href) in map(_file_name, inside):
        lead = None
    sights = Sights(
        kept=kept,
        pictures_at=who.bare(PICTURES),
        watch=_("Watch the video"),
        listen=_("Listen to the recording"),
        wide=_("Table or code; scroll sideways"),
    )
    part = part_of(story.content, sights, number) if story.content else None
    if part is None and (story.content or number != 1):
        raise NotFound
    return Reading(
        sight=lead if number == 1 else None,
        pictures=(*([lead.path] if lead else ()), *(f"{PICTURES}{kept[href].key}" for href in inside)),
        part=part,
    )


def _file_name(href: str) -> str:
    return urlsplit(href).path.rpartition("/")[2]


def _beside(tx: Transaction, who: Reader, story: Story, shown: PublishedStory) -> Beside:
    """Return the category that the reader came from, else the story's first, else all stories."""
    asked = request.args.get("in")
    mine = [each for each in listed(who.view, "category") if each.id in shown.categories]
    category = next((each for each in mine if each.id == asked), mine[0] if mine else None)
    kind: ListKind = "category" if category else "all"
    id = category.id if category else "all"
    around = tx.pages.around(kind, id, story)

    def only(found: Story | None) -> PublishedStory | None:
        return next(iter(who.published((found,) if found else ())), None)

    return Beside(
        kind=kind,
        id=id,
        title=category.title if category else None,
        more=who.published(tx.pages.more(kind, id, but=story.id, limit=MORE)),
        newer=only(around.newer),
        older=only(around.older),
    )


def _gone(tx: Transaction, id: UUID) -> Response:
    """Answer for a story that is not shown: it was merged or withdrawn, its text is no longer kept, or it never was."""
    who = reader()
    traced = next(iter(tx.tracing.stories([id])), None)
    if traced is None or traced.announced is None:
        raise NotFound
    if traced.replaced_by is not None:
        return _moved(traced.replaced_by)
    if traced.retracted is None:
        return refused(410, _("No longer kept"), _("This story is older than what is kept here."))
    when = (
        _("This story was withdrawn on %(date)s.", date=who.full_date(traced.retracted_at))
        if traced.retracted_at
        else _("This story was withdrawn.")
    )
    by_publisher = next((reason for reason in _BY_PUBLISHER if traced.retracted.startswith(reason)), "")
    reason = policy.excerpt(traced.retracted.removeprefix(by_publisher).lstrip(" :"), 300)
    why = [_("Its publisher took it back.")] if by_publisher else []
    why += [_("Reason: %(reason)s", reason=reason)] if reason else []
    return refused(410, _("This story was withdrawn"), when, *why)


def _moved(id: UUID) -> Response:
    query = request.query_string.decode("ascii", "replace")
    return cast(Response, redirect(reader().public(f"{STORIES}{id}") + (f"?{query}" if query else ""), 308))
