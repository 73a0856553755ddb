"""Takes the picture in the README anew: the start page as a new installation shows it, with made-up publishers.

.venv/bin/python -m tests.browser.pictures
"""

import tempfile
from pathlib import Path

from tests.browser.chromium import chromium
from tests.browser.newsroom import ROOT, newsroom

PICTURES = ROOT / "feedsvc" / "pictures"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, newsroom(Path(folder)) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="en-GB", color_scheme="light")
        page.goto(f"{address}/")
        # Down to the end of the sources; the tags below look the same.
        end = page.evaluate("document.querySelectorAll('section')[1].getBoundingClientRect().bottom")
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(
            path=PICTURES / "home.png", full_page=True, clip={"x": 0, "y": 0, "width": 1200, "height": round(end) + 24}
        )


if __name__ == "__main__":
    main()
