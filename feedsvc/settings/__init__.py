"""The configuration: three YAML files and the environment → frozen Settings, or every error with its position."""

from feedsvc.settings.environment import storage_url
from feedsvc.settings.files import CONFIG_FILES, Files, diff, read_folder
from feedsvc.settings.reading import Settings, load, parse
from feedsvc.settings.reference import json_schema, reference

__all__ = [
    "CONFIG_FILES",
    "Files",
    "Settings",
    "diff",
    "json_schema",
    "load",
    "parse",
    "read_folder",
    "reference",
    "storage_url",
]
