"""Bytes from a source to a ParsedFeed: RSS, RDF, CDF and Atom by feedparser, JSON Feed by a reader of our own."""

from feedsvc.parse.reader import PARSER_VERSION, parse

__all__ = ["PARSER_VERSION", "parse"]
