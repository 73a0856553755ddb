"""Reads cleaned HTML with the standard library's parser, which has nothing in common with those that made it."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

#: Written out here and not imported: a change in what is kept must be made twice.
ELEMENTS = set(
    re.findall(
        r"\w+",
        "a abbr address article aside audio b bdi bdo blockquote br caption cite code col colgroup data dd del details "
        "dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p picture "
        "pre q rp rt ruby s samp section small source span strong sub summary sup table tbody td tfoot th thead time "
        "tr u ul var video wbr",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"\w+",
        "alt cite colspan controls datetime dir height href hreflang lang media open poster reversed rowspan scope "
        "span src srcset start title type value width",
    )
)
LOADING = {"cite", "poster", "src"}
VOID = {"br", "col", "hr", "img", "source", "wbr"}


class _Auditor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            self._check(tag, name, value or "")
        if tag not in VOID:
            self.open.append(tag)

    def _check(self, tag: str, name: str, value: str) -> None:
        addresses = [part.split()[0] for part in value.split(", ")] if name == "srcset" else [value]
        if name not in ATTRIBUTES:
            self.faults.append(f"<{tag} {name}>")
        if name in LOADING | {"srcset"} and not all(re.match(r"https?://[^/?#\s]", found) for found in addresses):
            self.faults.append(f"<{tag} {name}={value!r}>")
        if name == "href" and not re.match(r"https?://[^/?#\s]|mailto:\S|tel:\S", value):
            self.faults.append(f"<{tag} {name}={value!r}>")
        if tag == "img" and name in ("width", "height") and not re.fullmatch(r"[1-9]\d*", value):
            self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.faults.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")


def faults(html: str) -> list[str]:
    """Return everything in `html` that may not be there: elements, attributes, addresses, tags that do not match."""
    auditor = _Auditor()
    auditor.feed(html)
    auditor.close()
    found = [*auditor.faults, *(f"<{tag}> left open" for tag in auditor.open)]
    try:
        ET.fromstring(f"<x>{html}</x>")
    except ET.ParseError as error:
        found.append(f"not XML: {error}")
    return found


def words(html: str) -> str:
    """Return all text without any white space."""
    auditor = _Auditor()
    auditor.feed(html)
    auditor.close()
    return re.sub(r"\s+", "", "".join(auditor.text))
