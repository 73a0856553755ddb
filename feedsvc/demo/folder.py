"""The configuration with which the demonstration is read: ordinary files, to learn from."""

from pathlib import Path

from feedsvc.demo.newsroom import FOLDER

#: what stands in the files for the addresses of the publishers and of the site
UPSTREAM, SITE = "http://upstream.invalid", "http://site.invalid"


def write_folder(folder: Path, upstream_address: str, base_url: str) -> None:
    """Write the configuration folder; addresses without a slash at their end."""
    folder.mkdir(parents=True)
    for path in sorted(FOLDER.glob("config/*.yaml")):
        text = path.read_text("utf-8").replace(UPSTREAM, upstream_address).replace(SITE, base_url)
        (folder / path.name).write_text(text, "utf-8")
