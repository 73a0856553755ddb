"""What an arrival is: known, a copy of another source's entry, or new. Pure, and careful: better to miss a duplicate
than to lose a story."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from feedsvc.dedup.evidence import evidence_of, shared_bands, words_of
from feedsvc.dedup.fingerprint import FINGERPRINT_VERSION
from feedsvc.dedup.identity import KINDS, kind_of, value_of
from feedsvc.dedup.links import normal_link
from feedsvc.model import Arrival, Candidate, Evidence, KnownEntry, Verdict

#: kinds of keys that name an entry whatever else changed
_SURE = frozenset({"guid", "guid+link", "guid+title", "post", "title", "whole"})
_NAMED = {
    "link+title": "link and title",
    "post": "article number",
    "number": "article number",
    "title": "title and date",
    "whole": "guid, link, title and text",
}
#: candidates of one arrival whose texts are compared
_MAX_COMPARED = 30


def recognise(
    arrivals: Sequence[Arrival],
    known: Mapping[str, KnownEntry],
    candidates: Callable[[Arrival], tuple[Candidate, ...]],
    *,
    source_id: str | None = None,
) -> tuple[Verdict, ...]:
    """Return a verdict for each arrival of one document of `source_id`, in their order.

    `known` holds the source's stored entries by key; `candidates` is asked only for arrivals that are neither known nor
    skipped. Entries of one source are told apart by their keys alone, so no story gets two: not two arrivals, and none
    where the source has an entry already.
    """
    matches = matched(arrivals, known)
    verdicts: dict[int, Verdict] = {}
    for at, (key, entry) in matches.items():
        if entry.story_id is not None or arrivals[at].skipped is not None:
            verdicts[at] = _known(arrivals[at], key, entry)
    taken = {entry.story_id for _, entry in matches.values()}
    asking = {at: arrival for at, arrival in enumerate(arrivals) if at not in verdicts and arrival.skipped is None}
    found = {
        at: [each for each in candidates(arrival) if source_id not in (each.source_id, *each.story_sources)]
        for at, arrival in asking.items()
    }
    for at, candidate, evidence in _joining(asking, found, taken):
        verdicts[at] = Verdict(kind="copy", story_id=candidate.story_id, evidence=evidence)
    for at, (key, entry) in matches.items():
        # It was skipped before and is not any more: it keeps its place and joins a story, or gets its own.
        if at in asking:
            plain = Verdict(kind="changed", evidence=_identity_evidence(key, arrivals[at], entry))
            verdicts[at] = replace(verdicts.get(at, plain), kind="changed", entry_id=entry.id)
    return tuple(verdicts.get(at, Verdict(kind="new")) for at in range(len(arrivals)))


def matched(arrivals: Sequence[Arrival], known: Mapping[str, KnownEntry]) -> dict[int, tuple[str, KnownEntry]]:
    """Return which stored entry each arrival is, by its place, and the key that told.

    The strongest keys choose first; each entry is one arrival's.
    """
    found = (
        (KINDS.index(kind_of(key)), key, at)
        for at, arrival in enumerate(arrivals)
        for key in arrival.keys
        if key in known
    )
    matches: dict[int, tuple[str, KnownEntry]] = {}
    used: set[int] = set()
    for _, key, at in sorted(found):
        entry = known[key]
        if at not in matches and entry.id not in used and _is_same(key, arrivals[at], entry):
            matches[at] = (key, entry)
            used.add(entry.id)
    return matches


def are_settled(arrivals: Sequence[Arrival], known: Mapping[str, KnownEntry]) -> bool:
    """Say whether what each brief arrival says is what is stored; else the document has to be read in full.

    Then it is recognised as if it had been read, and unchanged.
    """
    brief = [at for at, arrival in enumerate(arrivals) if arrival.is_brief]
    matches = matched(arrivals, known) if brief else {}
    return all(at in matches and _is_settled(arrivals[at], matches[at][1], known) for at in brief)


def _is_settled(arrival: Arrival, entry: KnownEntry, known: Mapping[str, KnownEntry]) -> bool:
    """Say whether an arrival's hash suffices: it is the entry's, and its keys lead to no other with other words."""
    before, now = entry.fingerprint, arrival.fingerprint
    named = {known[key].id for key in arrival.keys if key in known}
    same = before.version == now.version and before.content_hash == now.content_hash
    return same and named == {entry.id} and entry.story_id is not None


def _is_same(key: str, arrival: Arrival, entry: KnownEntry) -> bool:
    """Say whether a shared key is enough.

    Where the guids differ a link is not: there are pages that every new entry links to (a live page, a podcast's home),
    often under one title. Then the words decide, or a guid that is the link itself, which a new entry would not share.
    """
    kind = kind_of(key)
    if kind in _SURE or (kind != "number" and not (arrival.entry.guid and _has_guid(entry))):
        return True
    ours, before = arrival.fingerprint, entry.fingerprint
    comparable = ours.version == before.version
    if comparable and (
        ours.content_hash == before.content_hash
        or ours.text_hash == before.text_hash
        or {*ours.bands} & {*before.bands}
    ):
        return True
    if kind == "link+title":
        return not (comparable and ours.bands and before.bands)
    guids = {normal_link(arrival.entry.guid), *(value_of(k) for k in entry.keys if kind_of(k) == "guid")}
    return kind == "link" and value_of(key) in guids


def _has_guid(entry: KnownEntry) -> bool:
    return any(kind_of(key).startswith("guid") for key in entry.keys)


def _known(arrival: Arrival, key: str, entry: KnownEntry) -> Verdict:
    before, now = entry.fingerprint, arrival.fingerprint
    # A list of addresses does not take back what a page or another list said.
    same = before.version == now.version == FINGERPRINT_VERSION and before.content_hash == now.content_hash
    return Verdict(
        kind="unchanged" if arrival.entry.is_bare or same else "changed",
        entry_id=entry.id,
        story_id=entry.story_id,
        evidence=_identity_evidence(key, arrival, entry),
    )


def _identity_evidence(key: str, arrival: Arrival, entry: KnownEntry) -> Evidence:
    kind = kind_of(key)
    if key not in entry.keys:
        detail = "the source published it before, under another guid and link"
        return Evidence(kind="text", detail=detail, entry_id=entry.id)
    if kind.startswith("guid"):
        return Evidence(kind="guid", detail="the source gave it the same guid before", entry_id=entry.id)
    what = _NAMED.get(kind, "link")
    changed = arrival.entry.guid and _has_guid(entry)
    detail = f"the source gave it the same {what} before{', under another guid' if changed else ''}"
    return Evidence(kind="link", detail=detail, entry_id=entry.id)


def _joining(
    asking: Mapping[int, Arrival],
    candidates: Mapping[int, Sequence[Candidate]],
    taken: Iterable[object],
) -> Iterator[tuple[int, Candidate, Evidence]]:
    """Yield which arrival joins which candidate's story; the strongest evidence chooses first."""
    pairs = [
        (evidence, candidate, at)
        for at, arrival in asking.items()
        for candidate, evidence in _evidence(arrival, candidates[at])
    ]

    def strength(pair: tuple[Evidence, Candidate, int]) -> tuple[object, ...]:
        evidence, candidate, at = pair
        # The keys, not the place in the document, break ties: the order of arrivals must not matter.
        return (evidence.kind != "link", -(evidence.score or 0), candidate.first_seen_at, candidate.id, asking[at].keys)

    joined: set[int] = set()
    full = set(taken)
    for evidence, candidate, at in sorted(pairs, key=strength):
        if at not in joined and candidate.story_id not in full:
            joined.add(at)
            full.add(candidate.story_id)
            yield at, candidate, evidence


def _evidence(arrival: Arrival, found: Sequence[Candidate]) -> Iterator[tuple[Candidate, Evidence]]:
    """Yield the candidates that carry the same article. Of many only the likeliest are compared: it takes time."""
    if not found:
        return

    def unlikeliness(candidate: Candidate) -> tuple[bool, int, int]:
        linked = not set(arrival.link_keys).isdisjoint(candidate.link_keys)
        return (not linked, -shared_bands(arrival, candidate), candidate.id)

    ours = words_of(arrival.entry)
    for candidate in sorted(found, key=unlikeliness)[:_MAX_COMPARED]:
        if (evidence := evidence_of(arrival, ours, candidate)) is not None:
            yield candidate, evidence
