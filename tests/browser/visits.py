"""Opens pages as somebody would: with a screen, a colour scheme, a language; and notes what the browser did for it."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Response

#: not committed; to be looked at
ARTEFACTS = Path(__file__).parents[1] / "artefacts"

Scheme = Literal["light", "dark"]

#: WCAG 2.2 AA, and what axe holds for good practice
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass  # without slots: playwright writes its handlers into the object
class Visit:
    """An open page."""

    page: Page
    #: what the browser asked for, and got
    answers: list[Response] = field(default_factory=list)
    #: what it wrote to its console: warnings about the page among them
    console: list[str] = field(default_factory=list)

    def note_answer(self, answer: Response) -> None:
        self.answers.append(answer)

    def note_message(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    @property
    def text(self) -> str:
        """Return what can be seen of the document; XML elements have no innerText."""
        return str(
            self.ask(
                "() => { const all = getSelection(); all.selectAllChildren(document.documentElement);"
                " const text = all.toString(); all.removeAllRanges(); return text; }"
            )
        )

    @property
    def weight(self) -> int:
        """Return the bytes of everything that was loaded, decompressed."""
        return sum(len(answer.body()) for answer in self.answers)

    @property
    def barriers(self) -> list[str]:
        """Return what axe finds to stand in somebody's way; the page must allow its script."""
        found = Axe().run(self.page, options={"runOnly": _RULES}).response["violations"]
        return [f"{fault['id']}: {node['html']}" for fault in found for node in fault["nodes"]]

    def keep(self, name: str) -> None:
        """Take a picture; of XML only what is on the screen: playwright measures whole pages by their body."""
        ARTEFACTS.mkdir(exist_ok=True)
        is_html = self.ask("document.contentType") == "text/html"
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=is_html)


class Visitor:
    """Somebody with a browser that runs no scripts, unless it is to be examined by one."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self.address = browser, address
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.close()

    def visit(
        self,
        path: str,
        *,
        width: int = 1440,
        scheme: Scheme = "light",
        locale: str = "vi-VN",
        examined: bool = False,
    ) -> Visit:
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=locale,
            java_script_enabled=examined,
            bypass_csp=examined,
        )
        self._open.callback(context.close)
        visit = Visit(context.new_page())
        visit.page.on("response", visit.note_answer)
        visit.page.on("console", visit.note_message)
        visit.page.goto(self.address + path)
        return visit
