"""Texts of the files → Settings, or every error at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from feedsvc.errors import ConfigError, InvalidConfigError
from feedsvc.model import Category, FetchLimits, PublishLimits, Retention, Site, Source, Tag
from feedsvc.settings import built
from feedsvc.settings.checks import cross_check
from feedsvc.settings.declared import FILES, CategoriesFile, Keys, ServiceFile, SourcesFile
from feedsvc.settings.environment import absolute_storage_url, base_folder, from_environment
from feedsvc.settings.faults import translated
from feedsvc.settings.files import CONFIG_FILES, Files, read_readable
from feedsvc.settings.tree import Node, compose, plain


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration, typed and valid."""

    site: Site
    #: SQLite paths in it are absolute
    storage_url: str
    fetch: FetchLimits
    publish: PublishLimits
    retention: Retention
    api_open: bool
    #: in the order of the files
    sources: tuple[Source, ...]
    categories: tuple[Category, ...]
    tags: tuple[Tag, ...]

    def source(self, id: str) -> Source | None:
        return self._sources.get(id)

    def category(self, id: str) -> Category | None:
        return self._categories.get(id)

    def tag(self, id: str) -> Tag | None:
        return self._tags.get(id)

    @cached_property
    def _sources(self) -> dict[str, Source]:
        return {source.id: source for source in self.sources}

    @cached_property
    def _categories(self) -> dict[str, Category]:
        return {category.id: category for category in self.categories}

    @cached_property
    def _tags(self) -> dict[str, Tag]:
        return {tag.id: tag for tag in self.tags}


def load(folder: Path, environ: Mapping[str, str]) -> tuple[Files, Settings]:
    """Read and parse in one, so that a file that cannot be read does not hide the errors of the others."""
    files, unreadable = read_readable(folder)
    if not unreadable:
        return files, parse(files, environ)
    raise InvalidConfigError(_sorted([*unreadable, *_Reading(files, environ).errors], files))


def parse(files: Files, environ: Mapping[str, str]) -> Settings:
    """Return what the files and the environment say.

    Raises InvalidConfigError with all errors of all files, by file and position, the environment's last.
    """
    reading = _Reading(files, environ)
    if missing := [name for name in CONFIG_FILES if name not in dict(files.texts)]:
        reading.errors += [ConfigError("there is no such file", file=files.path(name)) for name in missing]
    if reading.errors:
        raise InvalidConfigError(_sorted(reading.errors, files))
    return reading.settings()


def _sorted(errors: list[ConfigError], files: Files) -> list[ConfigError]:
    order = {files.path(name): number for number, name in enumerate(CONFIG_FILES)}
    return sorted(errors, key=lambda error: (order.get(error.file, len(order)), error.line, error.column, error.key))


class _Reading:
    """One reading: the valid models by file, and the errors of all."""

    def __init__(self, files: Files, environ: Mapping[str, str]) -> None:
        self._folder = files.folder
        self._models: dict[str, Keys] = {}
        self._storage_url, self._base_url, self.errors = from_environment(files.folder, environ)
        trees: dict[str, Node] = {}
        texts = dict(files.texts)
        for name, model in FILES:
            if name not in texts:
                continue
            read = compose(texts[name], files.path(name))
            self.errors += read.errors
            if read.whole:
                trees[name] = read.root
                self._validate(name, model, read.root, files.path(name))
        self.errors += cross_check(trees, {name: files.path(name) for name in CONFIG_FILES})

    def _validate(self, name: str, model: type[Keys], tree: Node, file: str) -> None:
        try:
            self._models[name] = model.model_validate(plain(tree))
        except ValidationError as error:
            self.errors += translated(error, model, tree, file)

    def settings(self) -> Settings:
        service, sources, categories = (self._models[name] for name in CONFIG_FILES)
        assert isinstance(service, ServiceFile)
        assert isinstance(sources, SourcesFile)
        assert isinstance(categories, CategoriesFile)
        site = built.site(service.site, self._base_url)
        paths_from = base_folder(self._folder)
        return Settings(
            site=site,
            storage_url=absolute_storage_url(self._storage_url or service.storage.url, self._folder),
            fetch=built.fetch_limits(service.fetch),
            publish=built.publish_limits(service.publish),
            retention=built.retention(service.retention),
            api_open=service.api.open,
            sources=tuple(built.source(keys, site.timezone, paths_from) for keys in sources.sources),
            categories=tuple(built.category(keys) for keys in categories.categories),
            tags=tuple(built.tag(keys) for keys in categories.tags),
        )
