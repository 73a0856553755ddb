"""Takes the pictures in the README anew, from the demonstration: what a newcomer sees.

.venv/bin/python -m tests.browser.pictures
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.cli.test_run import Running, until

PICTURES = Path(__file__).parents[2] / "feedsvc" / "pictures"

#: name, path, the lowest pixel that is shown
TAKEN = (("category.png", "/category/intellectual-property", 1120), ("status.png", "/status", 1000))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        running = Running(Path(folder) / "config", "run", "--demo")
        try:
            # The publishers' pictures come after the first stories, and by then one of them has failed.
            until(lambda: b"/picture/" in running.get(TAKEN[0][1])[1], "pictures")
            until(lambda: b'"state failing"' in running.get("/status")[1], "a publisher that fails")
            take(browser, f"http://127.0.0.1:{running.port}")
        finally:
            running.stop()


def take(browser: Browser, address: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="en-GB", color_scheme="light")
    for name, path, lowest in TAKEN:
        page.goto(address + path)
        page.screenshot(path=PICTURES / name, full_page=True, clip={"x": 0, "y": 0, "width": 1200, "height": lowest})


if __name__ == "__main__":
    main()
