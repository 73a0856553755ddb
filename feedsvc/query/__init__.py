"""The query language: text to our own tree, and whether a story matches it. Folding and cutting into words for all."""

from feedsvc.query.ast import And, IdField, Is, Not, Or, Phrase, Published, Query, Word, WordField
from feedsvc.query.fold import FOLDING_VERSION, WORD_LIMIT, Token, bare, bare_words, fold, tokens
from feedsvc.query.marking import Span, marked, snippet
from feedsvc.query.matcher import explain, matches
from feedsvc.query.parser import FIELDS, MAX_DEPTH, MAX_LENGTH, parse
from feedsvc.query.stories import story_subject, subject_of
from feedsvc.query.subject import Subject, Wording

__all__ = [
    "FIELDS",
    "FOLDING_VERSION",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "WORD_LIMIT",
    "And",
    "IdField",
    "Is",
    "Not",
    "Or",
    "Phrase",
    "Published",
    "Query",
    "Span",
    "Subject",
    "Token",
    "Word",
    "WordField",
    "Wording",
    "bare",
    "bare_words",
    "explain",
    "fold",
    "marked",
    "matches",
    "parse",
    "snippet",
    "story_subject",
    "subject_of",
    "tokens",
]
