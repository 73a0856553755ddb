"""The configuration: three YAML files and the environment → frozen Settings, or every error with its position."""

from feedsvc.settings.adding import Choice, choose
from feedsvc.settings.edit import NewSource, load_to_add, save, with_sources
from feedsvc.settings.environment import storage_url
from feedsvc.settings.files import CONFIG_FILES, Files, diff, read_folder
from feedsvc.settings.nearest import nearest
from feedsvc.settings.reading import Settings, load, parse
from feedsvc.settings.reference import json_schema, reference
from feedsvc.settings.starter import starter, write_new

__all__ = [
    "CONFIG_FILES",
    "Choice",
    "Files",
    "NewSource",
    "Settings",
    "choose",
    "diff",
    "json_schema",
    "load",
    "load_to_add",
    "nearest",
    "parse",
    "read_folder",
    "reference",
    "save",
    "starter",
    "storage_url",
    "with_sources",
    "write_new",
]
