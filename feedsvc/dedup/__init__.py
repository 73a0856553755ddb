"""Recognises entries: the same one seen again, the same article from another source, or something new."""

from feedsvc.dedup.fingerprint import FINGERPRINT_VERSION, fingerprint
from feedsvc.dedup.identity import arrivals, guid_key, kind_of
from feedsvc.dedup.lead import leading
from feedsvc.dedup.reissue import hosts_of, reissued
from feedsvc.dedup.verdict import matched, recognise

__all__ = [
    "FINGERPRINT_VERSION",
    "arrivals",
    "fingerprint",
    "guid_key",
    "hosts_of",
    "kind_of",
    "leading",
    "matched",
    "recognise",
    "reissued",
]
