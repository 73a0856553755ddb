"""What every XML document must keep, whatever the stories say; W3C's feed validator warns where one is broken."""

import re

from lxml import etree
from lxml.etree import _Element as Element

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
RFC_822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d \+0000"
)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
URI = re.compile(r"[a-z][a-z0-9+.-]*:[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]+")
BAD_CHARACTERS = re.compile("[\x7f-\x9f\ufdd0-\ufdef\ufffd]")


def read(document: bytes) -> Element:
    """Return the root of a document that is well-formed and holds nothing that irritates readers."""
    text = document.decode()
    assert not BAD_CHARACTERS.search(text)
    root = etree.fromstring(document)
    for element in root.iter(etree.Element):
        for name in ("href", "url"):
            value = element.get(name)
            assert value is None or URI.fullmatch(value) or "[::1]" in value, value
    return root


def check_rss(document: bytes) -> None:
    channel = read(document)[0]
    for one in ("title", "link", "description", "lastBuildDate", "ttl", "generator"):
        assert len(channel.findall(one)) == 1, one
    assert [link.get("type") for link in channel.findall(f"{ATOM}link")] == ["application/rss+xml"]
    for item in channel.findall("item"):
        tags = [str(child.tag) for child in item]
        for one in ("title", "description", "guid"):
            assert tags.count(one) == 1, one
            assert (item.findtext(one) or "").strip(), one
        links = [link.text or "" for link in item.findall("link")]
        assert len(links) <= 1
        assert all(URI.fullmatch(link) or "[::1]" in link for link in links), links
        assert tags.count("enclosure") <= 1
        assert CONTENT not in tags or tags.index("description") < tags.index(CONTENT)
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
        for date in item.findall("pubDate"):
            assert RFC_822.fullmatch(date.text or "")


def check_atom(document: bytes) -> None:
    feed = read(document)
    _check_metadata(feed)
    assert len(feed.findall(f"{ATOM}author")) == 1
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    for entry in feed.findall(f"{ATOM}entry"):
        _check_metadata(entry)
        source = entry.find(f"{ATOM}source")
        assert source is not None
        _check_metadata(source)
        assert source.find(f"{ATOM}author") is not None
        assert entry.find(f"{ATOM}summary") is not None or entry.find(f"{ATOM}content") is not None
        rels = [link.get("rel") for link in entry.findall(f"{ATOM}link")]
        assert rels.count("related") == 1
        assert rels.count("alternate") == 1 or entry.find(f"{ATOM}content") is not None
        for name in entry.iter(f"{ATOM}name", f"{ATOM}title"):
            assert (name.text or "").strip()


def _check_metadata(parent: Element) -> None:
    for one in ("id", "title", "updated"):
        assert len(parent.findall(f"{ATOM}{one}")) == 1, one
    assert URI.fullmatch(parent.findtext(f"{ATOM}id") or "")
    assert RFC_3339.fullmatch(parent.findtext(f"{ATOM}updated") or "")
