"""What every value promises."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedsvc.model import Attempt, Entry, LocalText


@pytest.mark.parametrize("at", [datetime(2026, 3, 2), datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=7)))])  # noqa: DTZ001
def test_a_time_that_is_not_utc_is_refused_at_construction(at: datetime) -> None:
    with pytest.raises(ValueError, match=r"Entry\.published must be in UTC"):
        Entry(published=at)
    with pytest.raises(ValueError, match=r"Attempt\.at must be in UTC"):
        Attempt(source_id="paper", at=at, outcome="changed")
    assert Entry(published=at.replace(tzinfo=UTC)).published == at.replace(tzinfo=UTC)


def test_a_text_is_shown_in_the_language_or_the_nearest_there_is() -> None:
    both = LocalText(by_language=(("vi", "Tin"), ("en", "News")))
    assert [both.in_language(language) for language in ("vi", "en", "fr")] == ["Tin", "News", "Tin"]
    assert LocalText(by_language=(("", "News"),)).in_language("vi") == "News"
