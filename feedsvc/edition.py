"""The configuration's part in every document."""

from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from feedsvc.model import Category, ListKind, LocalText, PublishLimits, Site, Source, Tag

_ALL_TITLE = LocalText(by_language=(("vi", "Tất cả tin"), ("en", "All stories")))

KIND_TITLES = MappingProxyType[ListKind, LocalText](
    {
        "all": _ALL_TITLE,
        "category": LocalText(by_language=(("vi", "Chuyên mục"), ("en", "Categories"))),
        "tag": LocalText(by_language=(("vi", "Thẻ"), ("en", "Tags"))),
        "source": LocalText(by_language=(("vi", "Nguồn tin"), ("en", "Sources"))),
    }
)

#: what is listed, in the order of the configuration, with title and description
Texts = dict[tuple[ListKind, str], tuple[LocalText, LocalText | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A site as it publishes. `site.base_url` is the effective one, without a slash at its end."""

    site: Site
    limits: PublishLimits
    sources: tuple[Source, ...]
    categories: tuple[Category, ...]
    tags: tuple[Tag, ...]
    #: names all that documents show of the configuration
    basis: str

    def texts(self) -> Texts:
        """Return title and description of everything that is listed."""
        found: Texts = {("all", "all"): (_ALL_TITLE, self.site.title)}
        found |= {("category", each.id): (each.title, each.description) for each in self.categories}
        found |= {("tag", each.id): (each.title, each.description) for each in self.tags}
        found |= {("source", each.id): (each.title, None) for each in self.sources}
        return found


def edition_of(
    site: Site,
    limits: PublishLimits,
    sources: tuple[Source, ...],
    categories: tuple[Category, ...],
    tags: tuple[Tag, ...],
) -> Edition:
    """Build an edition. How often a source is read, say, is not in its basis: documents do not show it."""
    said = [(each.id, each.title, each.url, each.language, each.policy) for each in sources]
    labels = [[(each.id, each.title, each.description) for each in group] for group in (categories, tags)]
    basis = sha256(repr((site, limits, said, labels)).encode()).hexdigest()
    return Edition(site=site, limits=limits, sources=sources, categories=categories, tags=tags, basis=basis)
