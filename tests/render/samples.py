"""Feeds to render: a rich one, an empty one, and a strategy for any."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from feedsvc.model import (
    Credit,
    Enclosure,
    FeedInfo,
    Label,
    Link,
    OutputFeed,
    Person,
    Picture,
    PublishedStory,
    Term,
)

BASE = "https://tin.example.vn"

_NHANDAN = FeedInfo(
    title="Báo Nhân Dân - Khoa học",
    subtitle="Tin khoa học & công nghệ",
    links=(
        Link(href="https://nhandan.vn/rss/khoahoc-congnghe-1292.rss", rel="self", type="application/rss+xml"),
        Link(href="https://nhandan.vn/khoahoc-congnghe/", type="text/html"),
        Link(href="https://hub.example.net/", rel="hub"),
    ),
    updated=datetime(2026, 3, 2, 4, 0, tzinfo=UTC),
    rights="© Báo Nhân Dân",
    authors=(Person(name="Báo Nhân Dân", email="nhandan@nhandan.vn", uri="https://nhandan.vn/"),),
    terms=(Term(term="khoa-hoc", scheme="https://nhandan.vn/muc", label="Khoa học"),),
    language="vi",
    icon="https://nhandan.vn/favicon.ico",
)
_NHANDAN_CREDIT = Credit(
    source_id="nhandan-khoahoc",
    title="Nhân Dân: Khoa học & công nghệ",
    url="https://nhandan.vn/rss/khoahoc-congnghe-1292.rss",
    home="https://nhandan.vn/khoahoc-congnghe/",
    link="https://nhandan.vn/hang-viet-post869001.html",
)
_LAB = FeedInfo(id="tag:lab.example.org,2024:blog", title="Lab notes", updated=datetime(2026, 3, 1, tzinfo=UTC))
_LAB_CREDIT = Credit(
    source_id="lab",
    title="Lab notes",
    url="https://lab.example.org/feed.atom",
    home=None,
    link="https://lab.example.org/rd",
)

#: Full text, and everything that a story can have.
FULL = PublishedStory(
    id=UUID("5b0c1b8e-6a53-4f43-9d0b-6f1a2c3d4e5f"),
    link="https://nhandan.vn/hang-viet-post869001.html?a=1&b=2",
    title='Hàng Việt Nam: R&D, giá < 5 USD & "chất lượng"',
    summary="Doanh nghiệp đầu tư cho R&D.\nGiá < 5 USD.",
    content="<p>Doanh nghiệp <strong>đầu tư</strong> cho R&amp;D.</p>"
    '<p><img src="https://image.nhandan.vn/a.jpg" alt=""></p>',
    language="vi",
    authors=(Person(name="Nguyễn Văn An", uri="https://nhandan.vn/tac-gia/an"), Person(email="ban.khoahoc@nhandan.vn")),
    contributors=(Person(name="Trần Thị Bình"),),
    published=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
    updated=datetime(2026, 3, 2, 3, 15, 20, 123456, tzinfo=UTC),
    dated=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
    pictures=(
        Picture(
            href="https://image.nhandan.vn/w800/a.jpg.webp",
            width=800,
            height=533,
            caption="Dây chuyền <mới> ở Bắc Ninh",
            credit="Ảnh: Minh Hà",
        ),
        Picture(href="https://image.nhandan.vn/w800/b.jpg", type="image/jpeg"),
    ),
    enclosures=(
        Enclosure(href="https://nhandan.vn/audio/869001.mp3", length=1_234_567, duration=95, title="Nghe bài"),
        Enclosure(href="https://nhandan.vn/tai-lieu/bao cao.pdf", type="application/pdf"),
    ),
    terms=(Term(term="kinh tế", scheme="https://nhandan.vn/chu-de", label="Kinh tế"), Term(term="R&D")),
    categories=("product-quality",),
    tags=("made-in-vietnam",),
    comments="https://nhandan.vn/hang-viet-post869001.html#binh-luan",
    rights="© Báo Nhân Dân",
    licence="https://creativecommons.org/licenses/by/4.0/",
    attribution="Nguồn: nhandan.vn",
    feed=_NHANDAN,
    credit=_NHANDAN_CREDIT,
    also=(_LAB_CREDIT,),
)

#: An excerpt in another language, of a feed that says next to nothing of itself.
EXCERPT = replace(
    FULL,
    id=UUID("0f8fad5b-d9cb-469f-a165-70867728950e"),
    link="https://lab.example.org/rd/ghi chú",
    title="Closing a </p> tag, and AT&T",
    summary="An excerpt that ends here…",
    content=None,
    language="en",
    authors=(),
    contributors=(),
    published=None,
    updated=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    dated=None,
    pictures=(),
    enclosures=(),
    terms=(),
    categories=("product-quality", "innovation"),
    tags=(),
    comments=None,
    rights=None,
    licence=None,
    attribution="Source: lab.example.org",
    feed=_LAB,
    credit=_LAB_CREDIT,
    also=(),
)

#: A headline, without an address of its own.
HEADLINE = replace(
    EXCERPT,
    id=UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"),
    link=None,
    title="Only the headline may be shown",
    summary=None,
    attribution=None,
    updated=datetime(2026, 2, 28, 12, 0, tzinfo=UTC),
    published=datetime(2026, 2, 28, 12, 0, tzinfo=UTC),
    dated=datetime(2026, 2, 28, 12, 0, tzinfo=UTC),
    feed=FeedInfo(),
)

EMPTY = OutputFeed(
    id="urn:uuid:3f333df6-90a4-4fda-8dd3-9485d27cee36",
    title="Chất lượng sản phẩm | Tin đổi mới sáng tạo",
    description="Tiêu chuẩn, đo lường & chất lượng",
    self_urls=tuple((format, f"{BASE}/feeds/category/product-quality.{format}") for format in ("rss", "atom", "json")),
    home_url=f"{BASE}/category/product-quality",
    site_title="Tin đổi mới sáng tạo",
    site_url=f"{BASE}/",
    language="vi",
    updated=datetime(2026, 3, 2, 5, 0, tzinfo=UTC),
    ttl=timedelta(minutes=5),
    icon=f"{BASE}/static/icon.png",
    rights="© các toà soạn",
    stylesheet=f"{BASE}/static/feed.css",
    story_url=f"{BASE}/story/",
    labels=(
        Label(id="product-quality", title="Chất lượng sản phẩm", scheme=f"{BASE}/category/"),
        Label(id="innovation", title="Đổi mới sáng tạo", scheme=f"{BASE}/category/"),
        Label(id="made-in-vietnam", title="Hàng Việt Nam", scheme=f"{BASE}/tag/"),
    ),
    stories=(),
    generator="feedsvc",
)

RICH = replace(EMPTY, stories=(FULL, EXCERPT, HEADLINE))
