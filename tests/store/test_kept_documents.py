"""Documents that could not be read."""

import random
from datetime import timedelta

import pytest

from feedsvc.model import Document
from feedsvc.store import Store, Wanted, kept_documents
from tests.store.make import NOW, listed

URL = "https://example.org/feed.xml"


def document(body: bytes) -> Document:
    return Document(url=URL, status=200, body=body, content_type="text/xml", fetched_at=NOW)


def test_the_newest_of_a_source_are_kept_each_once(store: Store) -> None:
    with store.write() as tx:
        for at, body in enumerate([b"one", b"two", b"two", b"three", b"four"]):
            tx.kept_documents.keep("a", document(body), "no feed\0", NOW + timedelta(hours=at))
        tx.kept_documents.keep("b", document(b"four"), "took longer than 30 s", NOW)
    with store.read() as tx:
        newest, *others = tx.kept_documents.list()
        assert (newest.source_id, newest.url, newest.content_type, newest.at) == ("b", URL, "text/xml", NOW)
        assert (newest.why, newest.size, newest.is_cut) == ("took longer than 30 s", 4, False)
        assert [tx.kept_documents.body(each.number) for each in others] == [b"four", b"three", b"two"]
        assert {each.source_id for each in others} == {"a"}
        assert tx.kept_documents.body(999) is None


def test_a_long_document_is_cut(store: Store) -> None:
    with store.write() as tx:
        tx.kept_documents.keep("a", document(b"x" * 3_000_000), "no feed", NOW)
    with store.read() as tx:
        (kept,) = tx.kept_documents.list()
        assert (kept.size, kept.is_cut) == (3_000_000, True)
        assert tx.kept_documents.body(kept.number) == b"x" * 2_000_000


def test_the_oldest_go_when_all_are_too_large(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_documents, "ALL_BYTES", 2_500)
    noise = random.Random(1)
    with store.write() as tx:
        for id in "abc":
            tx.kept_documents.keep(id, document(noise.randbytes(1000)), "no feed", NOW)
    with store.read() as tx:
        assert [each.source_id for each in tx.kept_documents.list()] == ["c", "b"]


def test_they_go_with_the_attempts(store: Store) -> None:
    with store.write() as tx:
        for age in (9, 1):
            tx.kept_documents.keep("a", document(b"%d" % age), "no feed", NOW - timedelta(days=age))
        before = NOW - timedelta(days=5)
        tx.retention.prune(entries_before=before, changes_before=before, attempts_before=before)
        assert [tx.kept_documents.body(each.number) for each in tx.kept_documents.list()] == [b"1"]


def test_documents_of_two_sources_made_one_are_all_kept(store: Store) -> None:
    with store.write() as tx:
        listed(tx, sources=["a", "b"])
        for id in "ab":
            tx.kept_documents.keep(id, document(id.encode()), "no feed", NOW)
    with store.write() as tx:
        tx.listings.apply([Wanted(kind="source", id="b", was=("a",))], NOW)
    with store.read() as tx:
        assert [each.source_id for each in tx.kept_documents.list()] == ["b", "b"]
