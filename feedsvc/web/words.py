"""What pages say, in the language of whoever reads them."""

from collections.abc import Callable

from flask import Flask
from flask_babel import Babel
from flask_babel import gettext as translated
from flask_babel import ngettext as translated_number


def add_words(flask: Flask, locale: Callable[[], str]) -> None:
    """Let pages speak the language that `locale` names for the request."""
    Babel(flask, locale_selector=locale)


def gettext(text: str, **values: object) -> str:
    """Return a message of the catalogue; `%(name)s` in it stands for a value."""
    return str(translated(text, **values))


def ngettext(one: str, many: str, number: int) -> str:
    """Return a message about `%(num)s` things."""
    return str(translated_number(one, many, number))
