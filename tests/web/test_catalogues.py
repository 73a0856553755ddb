"""What pages say is translated, and what is compiled is what is written."""

import gettext

import pytest

from feedsvc.web.catalogues import TRANSLATED, compiled, extracted, path_of, stored, untranslated

UPDATE = "run: python -m feedsvc.web.catalogues"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    catalogue = stored(language)
    assert list(untranslated(catalogue)) == [], "translate these"
    wanted = {message.id for message in extracted() if message.id}
    assert {message.id for message in catalogue if message.id} == wanted, UPDATE


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_take_the_same_values(language: str) -> None:
    for message in stored(language):
        assert not list(message.check(stored(language))), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    anew = tmp_path_factory.mktemp("compiled") / "messages.mo"
    anew.write_bytes(compiled(stored(language)))
    with anew.open("rb") as expected, path_of(language).with_suffix(".mo").open("rb") as there:
        # Their heads name the version of the library that wrote them.
        words, found = ({**gettext.GNUTranslations(file)._catalog, "": None} for file in (expected, there))  # type: ignore[attr-defined]
    assert found == words, UPDATE
