"""Texts of small valid files, and how to parse variations of them."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError, InvalidConfigError
from feedsvc.settings import Files, Settings, parse

SERVICE = "site: {title: News}\n"
SOURCES = "sources: []\n"
CATEGORIES = "categories: []\n"


def files(service: str = SERVICE, sources: str = SOURCES, categories: str = CATEGORIES) -> Files:
    texts = (("feedsvc.yaml", service), ("sources.yaml", sources), ("categories.yaml", categories))
    return Files(Path("config"), texts)


def read(service: str = SERVICE, sources: str = SOURCES, categories: str = CATEGORIES) -> Settings:
    return parse(files(service, sources, categories), {})


def settings_or_errors(files: Files, environ: Mapping[str, str]) -> Settings | tuple[ConfigError, ...]:
    try:
        return parse(files, environ)
    except InvalidConfigError as error:
        return error.errors


def problems(service: str = SERVICE, sources: str = SOURCES, categories: str = CATEGORIES) -> list[str]:
    """Return the messages of the errors; none when the files are valid."""
    outcome = settings_or_errors(files(service, sources, categories), {})
    return [] if isinstance(outcome, Settings) else [str(error) for error in outcome]


def source(keys: str) -> str:
    """Return sources.yaml with one source that has the required keys, and in line 2 `keys` besides."""
    return f"sources:\n- {{{keys}, id: a, title: A, url: https://example.org/feed}}\n"


def synced_folders(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Return a set that goes on to hold each folder that is written to disk."""
    synced: set[Path] = set()
    fsync = os.fsync

    def sync(handle: int) -> None:
        synced.add(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", sync)
    return synced
