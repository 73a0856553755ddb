"""The search page. It shows and marks what may be published of a story, and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup, escape

from feedsvc.errors import QueryError
from feedsvc.fragments import plain
from feedsvc.model import PublishedStory
from feedsvc.query import Query, Span, marked, parse, snippet
from feedsvc.store import Place, Store
from feedsvc.web.context import Reader, listed, reader
from feedsvc.web.words import gettext as _

#: results on one page
ON_A_PAGE = 15
#: Characters of a query. Rules are longer, but nobody types them here.
LONGEST = 1000

#: characters of a result's text, and of a summary or article that are looked through for them
_SNIPPET = 260
_LOOKED_THROUGH = 20_000
#: characters of a wrong query around the place of the fault
_AROUND = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A story with the words that were looked for marked."""

    story: PublishedStory
    title: Markup
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a query, and where."""

    problem: str
    column: int
    shown: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of results."""

    hits: Sequence[Hit]
    older: Place | None
    #: the search was ended before the page was full
    is_partial: bool


def searching(store: Store) -> Blueprint:
    """Return the route `/search`."""
    blueprint = Blueprint("searching", __name__)

    @blueprint.get("/search")
    def search() -> str:
        who = reader()
        asked = request.args.get("q", "").strip()
        given = request.args.get("before")
        before = Place.parse(given)
        if given is not None and before is None:
            abort(404)
        found, fault = None, None
        if asked:
            try:
                found = _find(store, who, _read(asked), before)
            except QueryError as error:
                fault = Fault(problem=error.problem, column=error.column, shown=_place_of(error, asked))
        return render_template(
            "search.html",
            asked=asked,
            found=found,
            fault=fault,
            is_first=before is None,
            examples=list(_examples(who)),
        )

    return blueprint


def _read(asked: str) -> Query:
    if len(asked) > LONGEST:
        raise QueryError(_("the query is longer than %(most)s characters", most=LONGEST), column=LONGEST + 1)
    return parse(asked)


def _find(store: Store, who: Reader, query: Query, before: Place | None) -> Found:
    with store.read() as tx:
        page = tx.search.page(query, zone=who.zone, limit=ON_A_PAGE, before=before)
    hits = [_hit(story, query) for story in who.published(page.stories)]
    return Found(hits=hits, older=page.older, is_partial=page.exhausted)


def _hit(story: PublishedStory, query: Query) -> Hit:
    title = story.title[:300]
    texts = ((story.summary or "")[:_LOOKED_THROUGH], plain(story.content or "", _LOOKED_THROUGH))
    shown = [snippet(query, text, _SNIPPET) for text in texts if text]
    # The first that has what was looked for, else the first.
    text, spans = next((each for each in shown if each[1]), shown[0] if shown else ("", ()))
    return Hit(story=story, title=_with_marks(title, marked(query, title)), text=_with_marks(text, spans))


def _with_marks(text: str, spans: Sequence[Span]) -> Markup:
    pieces, place = Markup(), 0
    for start, end in spans:
        pieces += escape(text[place:start]) + Markup("<mark>%s</mark>") % text[start:end]
        place = end
    return pieces + escape(text[place:])


def _place_of(error: QueryError, asked: str) -> Markup:
    """Return the query, or what of it is around the fault, with the place marked."""
    place = min(max(error.column - 1, 0), len(asked))
    start, end = max(place - _AROUND, 0), place + _AROUND
    before, wrong, after = asked[start:place], asked[place : place + 1] or " ", asked[place + 1 : end]
    cut = ("…" if start else "", "…" if end < len(asked) else "")
    return Markup("%s%s<mark>%s</mark>%s%s") % (cut[0], before, wrong, after, cut[1])


def _examples(who: Reader) -> Iterator[tuple[str, str]]:
    """Yield queries that work here, with what they find."""
    yield "ha noi", _("both words; without diacritics they match any")
    yield '"chuyển đổi số"', _("these words in this order, with these diacritics")
    yield "xuất khẩu OR export*", _("either; an asterisk stands for the rest of a word")
    yield "title:AI -robot", _("AI in the headline, and no robot anywhere")
    for category in listed(who.view, "category")[:1]:
        yield f"category:{category.id}", _("in the category %(title)s", title=who.text(category.title))
    for source in listed(who.view, "source")[:1]:
        yield f"source:{source.id}", _("from %(title)s", title=who.text(source.title))
    year = datetime.now(who.zone).year
    yield f"published:[{year}-01-01 TO {year}-12-31]", _("from the first to the last day")
