"""What became of an article: every decision that was taken on it, as facts and in words."""

from feedsvc.why.facts import DocumentFacts, EntryFacts, Shows, SourceFacts, StoryFacts, Why, shows, story_id, why
from feedsvc.why.words import Paragraph, in_words, shown

__all__ = [
    "DocumentFacts",
    "EntryFacts",
    "Paragraph",
    "Shows",
    "SourceFacts",
    "StoryFacts",
    "Why",
    "in_words",
    "shown",
    "shows",
    "story_id",
    "why",
]
