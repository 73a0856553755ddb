"""Dry runs, by the very functions that do the thing: what a poll would bring, what changed rules would move."""

from feedsvc.preview.pages import PreviewedPage, Visit
from feedsvc.preview.polls import Fate, Moved, Original, Preview, PreviewedEntry, preview
from feedsvc.preview.rules import Labels, Refiling, Sample, Shift, refiled

__all__ = [
    "Fate",
    "Labels",
    "Moved",
    "Original",
    "Preview",
    "PreviewedEntry",
    "PreviewedPage",
    "Refiling",
    "Sample",
    "Shift",
    "Visit",
    "preview",
    "refiled",
]
