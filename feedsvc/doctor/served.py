"""What is published."""

from collections.abc import Iterator

from feedsvc.doctor.finding import Finding, fine, warning
from feedsvc.settings import Settings
from feedsvc.store import Store

#: JSON Feed 1.1: "should be under 250 KB" or so, since some readers load no more
_MAX_JSON_BYTES = 250_000


def documents(store: Store, settings: Settings) -> Iterator[Finding]:
    with store.read() as tx:
        large = tx.figures.documents_above(_MAX_JSON_BYTES, ".json")
        counts, total = tx.stories.counts("category"), sum(tx.stories.counts("all").values())
    for path, size in large:
        yield warning(
            "publishing",
            f"{path} has {size / 1000:,.0f} KB; JSON Feed asks for under {_MAX_JSON_BYTES / 1000:.0f} KB",
            "lower `publish.entries`, `publish.window` or the source's `policy.excerpt_chars`",
            about=path,
        )
    if not total:
        yield fine("publishing", "no story is announced yet")
        return
    for category in settings.categories:
        if counts.get(category.id, 0) == 0:
            how = "its rule matches no story" if category.match else "it has no rule, and no source is filed there"
            advice = "`feedsvc preview --rules FILE` tries another rule; `feedsvc refile` files what is stored"
            yield warning("publishing", f"{category.id} is empty: {how}", advice, about=category.id)
