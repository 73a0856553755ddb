"""Documents made to trip the quick reading up: it agrees with feedparser or leaves them to it, in little time."""

import time

import pytest

from feedsvc.parse.quick import read_quickly
from feedsvc.parse.xml_feed import UNUSUAL
from tests.parse.given import atom, rss
from tests.parse.test_quick import VIETNAM, document, is_equal_or_left, outcome

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
READ = {
    "a namespace under two prefixes": rss(
        '<item><a:creator xmlns:a="http://purl.org/dc/elements/1.1/">An</a:creator>'
        '<b:date xmlns:b="http://purl.org/dc/elements/1.1/">2025-04-25</b:date></item>'
    ),
    "bases and languages everywhere": atom(
        '<entry xml:base="/a/" xml:lang="vi"><title xml:base="b/" xml:lang="en">T</title><link href="x"/>'
        '<content type="html" xml:base="../c/" xml:lang="fr">C</content></entry>',
        attributes='xml:base="http://b.example/" xml:lang="de"',
    ),
    "bases of media": rss(
        '<item xml:base="sub/"><media:group xml:base="deep/"><media:content url="1.jpg" xml:base="er/"/></media:group>'
        '<media:thumbnail url="2.jpg"/><image>3.jpg</image></item>',
        attributes=f'{MEDIA} xml:base="http://b.example/"',
    ),
    "a language after the entries": rss("<item><title xml:lang='vi'>T</title></item>", attributes="").replace(
        "</channel>", "<language>vi</language></channel>"
    ),
    "CDATA in pieces": rss(
        "<item><title>a<![CDATA[<b>]]>b<![CDATA[]]]]><![CDATA[>]]>&amp;c</title>"
        "<description><![CDATA[&#0;&lt;]]><!-- x -->&#60;p&#62;</description></item>"
    ),
    "what comes twice": rss(
        "<item><title>1</title><title>2</title><guid>a</guid><guid>b</guid><link>http://a/1</link><link>http://[</link>"
        "<description>1</description><description>2</description><author>A</author><author>B</author>"
        "<pubDate>2025-04-25</pubDate><pubDate>2025-04-26</pubDate><comments>http://c/1</comments></item>"
    ),
    "nothing in anything": rss(
        "<item><title/><link/><guid/><pubDate/><description/><author/><category/><comments/><enclosure/></item>"
    ),
    "other links than the page's": atom(
        '<entry><link rel="http://www.iana.org/assignments/relation/alternate" type="x/y" href="http://a/1"/>'
        '<link rel="" href="http://a/2" type="x/y"/>'
        '<link rel="enclosure" href="http://a/3.mp3" type="audio/mpeg"/></entry>'
    ),
    "a medium with words": rss(
        "<item><title>T</title><description>D</description><media:content url='http://a/1.jpg' fileSize='x'>"
        "<media:title>M</media:title><media:description type='html'>&lt;i&gt;C&lt;/i&gt;</media:description>"
        "<media:credit>N</media:credit><media:text>D</media:text></media:content></item>",
        attributes=MEDIA,
    ),
    "skipped hours, and tombstones of another feed": rss(
        '<item><source url="http://s"><title>S</title></source></item><at:deleted-entry ref="1"/>'
        "<skipHours><hour>24</hour><hour>x</hour></skipHours><skipDays><day>MONDAY</day></skipDays>",
        attributes='xmlns:at="http://purl.org/atompub/tombstones/1.0"',
    ),
}
LEFT = {
    "an attribute twice": rss("<item><guid isPermaLink='true' isPermaLink='false'>a</guid></item>"),
    "an attribute twice by its namespace": rss("<item a:x='1' b:x='2'/>", attributes='xmlns:a="u:" xmlns:b="u:"'),
    "an unbound prefix": rss("<item><dc:title>T</dc:title></item>"),
    "xml bound anew": rss(attributes='xmlns:xml="http://example.org/"'),
    "a prefix of another namespace": rss("<item><media:content/></item>", attributes='xmlns:media="http://other/"'),
    "a prefix bound anew": rss(
        '<item xmlns:a="http://purl.org/dc/elements/1.1/"><a:date>2025</a:date><b xmlns:a="u:x"><a:date/></b></item>'
    ),
    "deep": rss("<item>" + "<x>" * 200 + "</x>" * 200 + "</item>"),
    "an entry in an entry": rss("<item><item><title>T</title></item></item>"),
    "an end in CDATA": rss("<item><title>a ]]> b</title></item>"),
    "a name of the fifth edition": rss("<item><\U00010400>x</\U00010400></item>"),
}


@pytest.mark.parametrize("feed", READ.values(), ids=READ)
def test_tricky_documents_are_read_alike(feed: str) -> None:
    assert is_equal_or_left(document(feed.encode()))


@pytest.mark.parametrize("feed", LEFT.values(), ids=LEFT)
def test_doubtful_documents_are_left(feed: str) -> None:
    assert outcome(document(feed.encode()), VIETNAM, read_quickly) == UNUSUAL


COUNT = 40_000
PICTURE = '<media:content url="http://a/1.jpg"/>'


def many(pattern: str, count: int = COUNT) -> str:
    """Return as many elements or attributes, each with its number for `#`."""
    return "".join(pattern.replace("#", str(number)) for number in range(count))


FLOODS = {
    "attributes": rss("<item " + many('a#="" ') + "><title>T</title></item>"),
    "labels": rss(f"<item>{many('<category>#</category>')}</item>"),
    "labels of the feed": rss(channel=many("<category>#</category>")),
    "links": atom("<entry>" + many('<link href="http://a/"/>') + "</entry>"),
    "authors": rss(f"<item>{many('<author>#</author>')}</item>"),
    "media, each in the next": rss(
        f"<item>{'<media:group>' * 90}{many(PICTURE)}{'</media:group>' * 90}</item>", attributes=MEDIA
    ),
    "words of media": rss(f"<item>{many('<media:credit>x</media:credit>')}{many(PICTURE)}</item>", attributes=MEDIA),
    "namespaces": rss("<item>" + many('<x xmlns:p#="u:#"/>') + "</item>"),
    "names": rss(f"<item>{many('<x# />')}</item>"),
    "a long name": rss(f"<item><{'x' * 1_000_000}/></item>"),
    "texts in pieces": rss(f"<item><description>{many('a<!-- -->&amp;')}</description></item>"),
    "bases": atom(many('<entry xml:base="#/"><link href="x"/></entry>', 5000), attributes='xml:base="http://a/"'),
    "people by references": rss(many("<item><author>A (a&#35;&#64;b.info)</author></item>", 5000)),
}


@pytest.mark.parametrize("feed", FLOODS.values(), ids=FLOODS)
def test_floods_take_little_time(feed: str) -> None:
    start = time.process_time()
    outcome(document(feed.encode()), VIETNAM, read_quickly)
    assert time.process_time() - start < 3  # a hundredth of what squares would take
