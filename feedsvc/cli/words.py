"""What happened, in words for people."""

from rich.text import Text

from feedsvc.model import Attempt, Outcome

STYLES: dict[Outcome, str] = {"changed": "green", "failed": "red", "gone": "red", "refused": "yellow", "held": "yellow"}


def in_words(attempt: Attempt) -> Text:
    """Say an attempt on one line."""
    counts = {
        "new": attempt.new,
        "changed": attempt.changed,
        "copies": attempt.copies,
        "withdrawn": attempt.withdrawn,
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    details = "; ".join(part for part in ("pushed" if attempt.pushed else "", said, attempt.error) if part)
    text = Text(f"{attempt.source_id:<24} ")
    text.append(f"{attempt.outcome:<13}", STYLES.get(attempt.outcome, "dim"))
    return text.append(details)
