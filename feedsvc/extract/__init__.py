"""Parsed entries become entries fit to store: safe HTML, absolute addresses, plain text, pictures, a language."""

from feedsvc.extract.feed import SANITISER_VERSION, clean, surroundings
from feedsvc.extract.markup import plain_text

__all__ = ["SANITISER_VERSION", "clean", "plain_text", "surroundings"]
