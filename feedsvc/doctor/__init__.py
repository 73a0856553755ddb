"""Checks everything that could be wrong, and explains what to do. It changes nothing."""

from feedsvc.doctor.examining import document, examine
from feedsvc.doctor.finding import Finding, Level, Topic

__all__ = ["Finding", "Level", "Topic", "document", "examine"]
