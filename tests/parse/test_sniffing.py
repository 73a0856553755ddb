"""What is no feed is refused in words that say what it is."""

import pytest

from feedsvc.errors import ParseError
from tests.parse.given import read, rss


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "the document is empty"),
        (" \n\ufeff", "the document is empty"),
        ("<!DOCTYPE html><title>Not\n found</title>", "an HTML page, not a feed (its title: “Not found”)"),
        (
            "<!-- x --><html lang=vi><head><title>Đăng &amp; nhập</title>",
            "an HTML page, not a feed (its title: “Đăng & nhập”)",
        ),
        ("<html><body><rss></rss></body></html>", "an HTML page, not a feed"),
        ("<script>location='/'</script>", "an HTML page, not a feed"),
        ("<?xml version='1.0'?><opml version='2.0'/>", "an OPML list, not a feed"),
        ("<urlset/>", "a sitemap, not a feed"),
        ("<s:sitemapindex xmlns:s='x'/>", "a list of sitemaps, not a feed"),
        ("<catalogue><book/></catalogue>", "an XML document (<catalogue>), not a feed"),
        ("<!-- only this -->", "an XML document without an element"),
        ("<?xml version='1.0'", "an XML document without an element"),
        ("404 not found", "neither XML nor JSON: it begins with “404 not found”"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document, not a feed"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither XML nor JSON, nor text at all"),
        (b"\x1f\x8b\x08\0\0\0\0\0\2\xff", "neither XML nor JSON, nor text at all"),
        (b"kh\xf4ng th\x81y", "neither XML nor JSON: it begins with “không th\ufffdy”"),
        ("[1, 2]", "a JSON document, not a JSON Feed"),
        ('{"rss": {"items": []}}', "a JSON document, not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', "a JSON document, not a JSON Feed"),
        (
            '{"version": "https://jsonfeed.org/version/1",\n "items": [',
            "not valid JSON: Expecting value (line 2, column 12)",
        ),
        ("{" * 3000, "not valid JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        ("[" * 300_000, "not readable JSON: nested too deeply"),
    ],
)
def test_what_is_no_feed_is_said(body: bytes | str, words: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(body)
    assert refused.value.problem == words
    assert refused.value.source_id == "given"


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        ("\n\t", None),
        ("<?phpxml version='1.0'?><!-- <html> --><?xml-stylesheet href='x'?>", None),
        ("<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://x/rss.dtd'>", None),
        ("<br />\n<b>Warning</b>: x on line <b>2</b><br />\n<?xml version='1.0'?>\n", "text before the feed"),
        ("Notice: x <?xml version='1.0' encoding='utf-8'?>", "text before the feed"),
    ],
)
def test_a_feed_is_found_behind_what_stands_before_it(before: str, problem: str | None) -> None:
    feed = read(before + rss("<item><title>One</title></item>"))
    assert [entry.title for entry in feed.entries] == ["One"]
    assert feed.problem == problem
