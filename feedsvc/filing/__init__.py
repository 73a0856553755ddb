"""Filing: which of our categories and tags a story belongs to, with the reason of each in words."""

from feedsvc.filing.rules import Rules, compile_rules

__all__ = ["Rules", "compile_rules"]
