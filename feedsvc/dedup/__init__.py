"""Recognises entries: the same one seen again, the same article from another source, or something new."""

from feedsvc.dedup.fingerprint import FINGERPRINT_VERSION, fingerprint
from feedsvc.dedup.identity import arrivals, arrivals_again, guid_key, is_named, kind_of
from feedsvc.dedup.lead import leading
from feedsvc.dedup.reissue import hosts_of, reissued
from feedsvc.dedup.verdict import are_settled, matched, recognise

__all__ = [
    "FINGERPRINT_VERSION",
    "are_settled",
    "arrivals",
    "arrivals_again",
    "fingerprint",
    "guid_key",
    "hosts_of",
    "is_named",
    "kind_of",
    "leading",
    "matched",
    "recognise",
    "reissued",
]
