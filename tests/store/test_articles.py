"""Pages of articles: wanted once, asked for by one at a time and host, kept beside the feed's own words."""

from datetime import timedelta

from feedsvc.model import Article, Content, Contribution, Evidence, Fingerprint
from feedsvc.store import Lease, PagedEntry, PageWish, Store, Transaction
from tests.store.make import FEED, NOW, appearance, arrival, entry, listed, published, put, story, story_id

MINUTE = timedelta(minutes=1)
OWN, SHOWN = (11, 12), (21, 22)


def lease(holder: str = "p1", *, per_host: int = 1) -> Lease:
    return Lease(holder=holder, now=NOW, until=NOW + 5 * MINUTE, per_host=per_host)


def wish(entry_id: int, host: str = "a.example", *, held: bool = True) -> PageWish:
    href = f"https://{host}/{entry_id}"
    return PageWish(entry_id=entry_id, href=href, host=host, held_until=NOW + 10 * MINUTE if held else None)


def waiting(tx: Transaction, name: str, source: str = "nhandan") -> int:
    """Store an entry with a story that is not announced yet; return the entry's id."""
    leading = appearance(tx, name, arrival(name, bands=OWN, links=(f"link:{name}",)), source)
    put(tx, story(name, leading, announced=False), None)
    return leading.entry_id


def paged(name: str, *, origin: str = "page", text: str = "The whole text") -> PagedEntry:
    content = Content(value=f"<p>{text}</p>", type="html", text=text)
    article = Article(url="https://a.example/x", fetched_at=NOW, title="Headline", content=content)
    given = Contribution(article=article, origin=origin, reason="longer", notes=("a note",))  # type: ignore[arg-type]
    return PagedEntry(
        own=entry(name),
        entry=entry(name, text),
        contribution=given,
        link_keys=(f"link:{name}", "link:canonical"),
        fingerprint=Fingerprint(version=1, words=3, text_hash=b"other", content_hash=b"other", bands=SHOWN),
    )


def found(tx: Transaction, *, bands: tuple[int, ...] = (), links: tuple[str, ...] = ()) -> list[int]:
    """Return which entries another source's arrival is compared with."""
    asked = arrival("asked", bands=bands, links=links)
    return [each.id for each in tx.entries.candidates(asked, source_id="other", since=NOW - MINUTE)]


def test_pages_that_stories_wait_for_come_first_and_each_host_has_its_slots(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=("nhandan", "other"))
        first, second, third = (waiting(tx, name) for name in "xyz")
        tx.articles.want([wish(first, held=False), wish(second), wish(third, "b.example")], NOW)
        assert set(tx.articles.held([first, second, third])) == {second, third}
        one = tx.articles.next_wanted(NOW, per_host=1)
        assert one is not None
        assert (one.entry_id, one.source_id, one.entry) == (second, "nhandan", entry("y"))
        assert tx.articles.take(one, lease())
        assert not tx.articles.take(one, lease("p2", per_host=9))
        other = tx.articles.next_wanted(NOW, per_host=1)
        assert other is not None
        assert other.host == "b.example"
        assert tx.articles.next_wanted(NOW, per_host=1, but=["b.example"]) is None
        tx.articles.fail(one, "cannot be reached", NOW + MINUTE)
        tx.articles.done(other)
        assert tx.articles.tasks([second])[second].error == "cannot be reached"
        again = tx.articles.next_wanted(NOW + MINUTE, per_host=1)
        assert again is not None
        assert again.entry_id == first, "what failed comes after what did not"


def test_what_a_dead_process_had_taken_is_due_at_once(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        tx.articles.want([wish(waiting(tx, "x"))], NOW)
        wanted = tx.articles.next_wanted(NOW, per_host=1)
        assert wanted is not None
        assert tx.articles.take(wanted, lease("dead"))
        assert tx.articles.next_wanted(NOW, per_host=1) is None
        tx.schedule.release("dead")
        assert tx.articles.next_wanted(NOW, per_host=1) == wanted


def test_a_page_that_is_being_asked_for_is_not_hopeless_when_another_one_of_its_host_fails(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        tx.articles.want([wish(waiting(tx, name)) for name in "xy"], NOW)
        until, taken = NOW + 20 * MINUTE, []
        for _ in range(2):
            wanted = tx.articles.next_wanted(NOW, per_host=2)
            assert wanted is not None
            assert tx.articles.take(wanted, Lease(holder="p1", now=NOW, until=until, per_host=2))
            taken.append(wanted)
        tx.articles.fail(taken[1], "404", None)
        for is_there in (True, False):
            assert tx.articles.hopeless("a.example", NOW, is_there=is_there) == (taken[1].entry_id,)


def test_who_waited_long_enough_is_overdue_but_not_what_was_retracted(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        first, second = waiting(tx, "x"), waiting(tx, "y")
        tx.articles.want([wish(first), wish(second)], NOW)
        gone = tx.stories.get([story_id("y")])[story_id("y")]
        put(tx, story("y", gone.lead, announced=False, retracted="withdrawn"), None)
        assert tx.articles.overdue(NOW + 9 * MINUTE, 9) == ()
        assert tx.articles.overdue(NOW + 10 * MINUTE, 9) == (first,)
        assert tx.articles.waiting(NOW) == (first,)
        assert tx.articles.untried(NOW, NOW)
        wanted = tx.articles.next_wanted(NOW, per_host=1)
        assert wanted is not None
        assert tx.articles.take(wanted, lease())
        assert tx.articles.untried(NOW, NOW)
        tx.articles.put_back(wanted, NOW)
        tx.articles.postpone("a.example", NOW + MINUTE)
        assert not tx.articles.untried(NOW, NOW)
        tx.articles.release([first])
        assert tx.articles.overdue(NOW + 10 * MINUTE, 9) == ()


def test_copies_find_the_page_and_the_next_poll_the_feed(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=("nhandan", "other"))
        id = waiting(tx, "x")
        assert found(tx, bands=OWN) == [id]
    with store.write() as tx:
        tx.articles.keep(id, paged("x"), NOW, revisions=None)
    with store.write() as tx:
        assert found(tx, bands=OWN) == []
        assert found(tx, bands=SHOWN) == found(tx, links=("link:canonical",)) == [id]
        (known,) = tx.entries.known("nhandan", ["guid:x"]).values()
        assert (known.fingerprint.bands, known.fingerprint.text_hash) == (OWN, b"x")
        subject = tx.articles.subject(id)
        assert subject is not None
        assert (subject.entry, subject.link_keys) == (entry("x"), ("link:x",))
        assert tx.stories.get([story_id("x")])[story_id("x")].lead.entry == entry("x", "The whole text")
        # Text is stored once, and comes back where it was taken.
        assert tx.articles.kept([id])[id].content == paged("x").contribution.article.content
        assert tx.articles.contributions([id])[id].article.content is None
        # Nobody has seen the former words: there is one revision.
        assert [each.revision for each in tx.tracing.entries_of(story_id("x"))] == [1]
    with store.write() as tx:
        tx.articles.keep(id, paged("x", origin="feed"), NOW + MINUTE, revisions=20)
        assert tx.articles.kept([id])[id].content is None
        assert [each.revision for each in tx.tracing.entries_of(story_id("x"))] == [2]
        tx.entries.revise_all([(id, arrival("x", text="edited", bands=OWN))], FEED, NOW, keep=20)
        assert tx.articles.kept([id]) == {}
        assert found(tx, bands=OWN) == [id]
        assert found(tx, bands=SHOWN) == []


def test_a_story_that_ends_unannounced_leaves_its_entry_to_another(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=("nhandan", "other"))
        kept = published(tx, "kept", source="other")
        id = waiting(tx, "x")
        ended = tx.stories.get([story_id("x")])[story_id("x")]
        tx.entries.explain(id, Evidence(kind="text", detail="the same words", entry_id=kept.lead.entry_id))
        tx.stories.end(ended.id, kept.id)
        put(tx, story("kept", kept.lead, others=(ended.lead,)), None)
        assert [each.source_id for each in tx.stories.get([kept.id])[kept.id].appearances] == ["other", "nhandan"]
        assert tx.stories.get([ended.id]) == {}
        (traced,) = tx.tracing.stories([ended.id])
        assert (traced.retracted, traced.replaced_by) == ("merged", kept.id)
        assert tx.tracing.entries_of(kept.id)[1].evidence is not None


def test_forgotten_entries_take_their_pages_along(store: Store) -> None:
    with store.write() as tx:
        listed(tx)
        id = waiting(tx, "x")
        tx.articles.want([wish(id)], NOW)
        tx.articles.keep(id, paged("x"), NOW, revisions=None)
        later = NOW + timedelta(days=500)
        assert tx.retention.prune(entries_before=later, changes_before=NOW, attempts_before=NOW).entries == 1
        assert not tx.articles.tasks([id])
        assert not tx.articles.contributions([id])
        assert tx.articles.subject(id) is None
        assert tx.articles.next_wanted(later, per_host=1) is None
