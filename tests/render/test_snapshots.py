import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import brotli

from feedsvc import render

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BODY = "Tin đổi mới sáng tạo\n".encode() * 500


def test_variants_hold_the_body_under_one_weak_tag() -> None:
    made = render.snapshot("/feeds/all.rss", render.MEDIA_TYPES["rss"], BODY, NOW, timedelta(minutes=5))
    assert gzip.decompress(made.gzip) == brotli.decompress(made.br) == made.body == BODY
    assert len(made.br) < len(made.gzip) < len(BODY) / 10
    assert made.etag.startswith('W/"')
    assert made.etag.endswith('"')


def test_tag_and_variants_follow_from_the_body_alone() -> None:
    made = render.snapshot("/feeds/all.rss", render.MEDIA_TYPES["rss"], BODY, NOW, timedelta(minutes=5))
    later = render.snapshot("/x", render.MEDIA_TYPES["atom"], BODY, NOW + timedelta(days=1), timedelta(hours=1))
    assert replace(later, path=made.path, media_type=made.media_type, last_modified=NOW, max_age=made.max_age) == made
    other = render.snapshot("/feeds/all.rss", render.MEDIA_TYPES["rss"], BODY + b" ", NOW, timedelta(minutes=5))
    assert other.etag != made.etag
