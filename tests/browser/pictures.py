"""Takes the picture in the README anew, from the demonstration: what a newcomer sees.

.venv/bin/python -m tests.browser.pictures
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, FloatRect

from tests.browser.chromium import chromium
from tests.cli.test_run import Running, until

PICTURES = Path(__file__).parents[2] / "feedsvc" / "pictures"

PATH = "/category/intellectual-property"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        running = Running(Path(folder) / "config", "run", "--demo")
        try:
            # The publishers' pictures come a moment after their stories.
            until(lambda: running.get(PATH)[1].count(b"/picture/") > 1, "pictures")
            take(browser, f"http://127.0.0.1:{running.port}{PATH}")
        finally:
            running.stop()


def take(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="en-GB", color_scheme="light")
    page.goto(address)
    end = page.evaluate("document.querySelectorAll('article')[1].getBoundingClientRect().bottom")
    clip = FloatRect(x=0, y=0, width=1200, height=round(end) + 8)
    page.screenshot(path=PICTURES / "category.png", full_page=True, clip=clip)


if __name__ == "__main__":
    main()
