"""Documents as they are meant to be, in tests/data/render.

After a change that is meant to change them, rewrite them with

    python -m tests.render.golden

read the difference, and raise RENDERER_VERSION.
"""

from pathlib import Path

from feedsvc import render
from tests.render.samples import BASE, EMPTY, RICH

FOLDER = Path(__file__).parents[1] / "data" / "render"

_GROUPS = (
    render.OutlineGroup(
        title="Chuyên mục & chủ đề",
        outlines=(
            render.Outline(
                title="Chất lượng sản phẩm",
                xml_url=f"{BASE}/feeds/category/product-quality.rss",
                html_url=f"{BASE}/category/product-quality",
                description="Tiêu chuẩn, đo lường & chất lượng",
                language="vi",
                categories=("/category/product-quality", "/vi"),
            ),
            render.Outline(title="Wipo", xml_url=f"{BASE}/feeds/tag/wipo.atom"),
        ),
    ),
    render.OutlineGroup(title="Nothing here", outlines=()),
)


def documents() -> dict[str, bytes]:
    """Return every golden document by its file's name."""
    feeds = {"rich": RICH, "empty": EMPTY}
    made = {
        f"{name}.{format}": make(feed)
        for name, feed in feeds.items()
        for format, make in (("rss", render.rss), ("atom", render.atom), ("json", render.json_feed))
    }
    made["catalogue.opml"] = render.opml("Tin đổi mới sáng tạo", "ops@example.vn", RICH.updated, _GROUPS)
    return made


if __name__ == "__main__":
    for name, document in documents().items():
        (FOLDER / name).write_bytes(document)
