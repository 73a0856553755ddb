"""What feedparser makes of the elements of a feed or of an entry, one after the other, oddities included."""

from feedsvc.parse.dates import is_read
from feedsvc.parse.fields import Fields
from feedsvc.parse.nodes import Node, Unusual, text_of
from feedsvc.parse.quick_values import (
    Rules,
    Scope,
    construct,
    divided,
    is_page,
    joined,
    parts_of_person,
    said,
    unescaped,
)
from feedsvc.parse.texts import clean

_ADDRESSES = ("comments", "icon", "logo")
_ITUNES = "http://www.itunes.com/"
_MEDIA_SCHEME = "http://search.yahoo.com/mrss/category_schema"


class Thing:
    """A feed, an entry or an entry's source in the making."""

    def __init__(self, rules: Rules, *, is_entry: bool) -> None:
        self.fields: Fields = {}
        self.rules = rules
        self.is_entry = is_entry
        #: there was a content, and no entry has ended since
        self.has_content = False
        self.title_depth = -1
        self._depths: dict[str, int] = {}
        #: the tags, so that many are soon compared
        self._labels: set[tuple[object, ...]] = set()

    def mended(self, text: str) -> str:
        """Return a text as feedparser corrects it."""
        return self.rules.mended(text)

    # Texts that may be marked up

    def title(self, node: Node, scope: Scope) -> None:
        value, detail = self._construct(node, "text/plain", scope)
        if not -1 < self.title_depth <= scope.depth:
            self._keep("title", value, detail, scope)
        if value:
            self.title_depth = scope.depth

    def media_title(self, node: Node, scope: Scope) -> None:
        depth = self.title_depth
        self.title(node, scope)
        self.title_depth = depth

    def description(self, node: Node, scope: Scope) -> None:
        if "summary" in self.fields and not self.has_content:
            self.content(node, scope)
        else:
            self._keep("summary" if self.is_entry else "subtitle", *self._construct(node, "text/html", scope), scope)

    def summary(self, node: Node, scope: Scope) -> None:
        if "summary" in self.fields and not self.has_content:
            self.content(node, scope)
        else:
            self._keep("summary", *self._construct(node, "text/plain", scope), scope)

    def encoded(self, node: Node, scope: Scope) -> None:
        self.content(node, scope, "text/html")

    def subtitle(self, node: Node, scope: Scope) -> None:
        self._keep("subtitle", *self._construct(node, "text/plain", scope), scope)

    def rights(self, node: Node, scope: Scope) -> None:
        self._keep("rights", *self._construct(node, "text/plain", scope), scope)

    def content(self, node: Node, scope: Scope, default: str = "text/plain") -> None:
        self.has_content = True
        value, detail = self._construct(node, default, scope)
        if self.is_entry:
            self._list("content").append(detail)
        self.fields.setdefault("summary", value)

    def _keep(self, key: str, value: str, detail: Fields, scope: Scope) -> None:
        """What is said deeper inside does not replace the value, but the detail."""
        if not self.is_entry or scope.depth <= self._depths.setdefault(key, scope.depth):
            self._depths[key] = scope.depth
            self.fields[key] = value
        self.fields[f"{key}_detail"] = detail

    def _construct(self, node: Node, default: str, scope: Scope) -> tuple[str, Fields]:
        value, kind = construct(node, default, self.rules)
        mended = self.mended(value)
        clean = self.rules.is_clean and mended is value
        detail: Fields = {"type": kind, "language": scope.language, "base": scope.base}
        return mended, {**detail, "value": mended, "is_clean": clean}

    # Addresses

    def link(self, node: Node, scope: Scope) -> None:
        link = dict(node.attributes) if node.attributes is not None else {}
        rel = link.setdefault("rel", "alternate")
        type = link.setdefault("type", "application/atom+xml" if rel == "self" else "text/html")
        value = text_of(node)
        if "href" in link:
            link["href"] = joined(scope.base, link["href"])
            if rel == "alternate" and is_page(type):
                self.fields["link"] = link["href"]
        else:
            self.fields["link"] = value = unescaped(self.address(value, scope), is_entry=self.is_entry)
            if value or not self.is_entry:
                link["href"] = value
        if not link.get("href", "x") or "url" in link or "uri" in link:
            raise Unusual("a link to nowhere")
        self._list("links").append(dict(link))

    def address(self, value: str, scope: Scope) -> str:
        return self.mended(joined(scope.base, value)) if value else ""

    def guid(self, node: Node, scope: Scope) -> None:
        is_link = node.attributes is None or node.attributes.get("ispermalink", "true") == "true"
        value = text_of(node)
        self.fields["id"] = value = self.address(value, scope) if is_link else self.mended(value)
        if is_link:
            self.fields.setdefault("link", value)

    def enclosure(self, node: Node, scope: Scope) -> None:
        link: Fields = dict(node.attributes or {})
        href = next((link[name] for name in ("url", "uri", "href") if name in link), None)
        if href:
            link["href"] = href
        self._list("links").append({**link, "rel": "enclosure"})

    def licence(self, node: Node, scope: Scope) -> None:
        value = self.mended(text_of(node))
        self._list("links").append({"rel": "license", "href": value} if value else {"rel": "license"})

    def cc_licence(self, node: Node, scope: Scope) -> None:
        value = (node.attributes or {}).get("rdf:resource")
        self._list("links").append({"rel": "license", "href": value} if value else {"rel": "license"})

    def itunes_image(self, node: Node, scope: Scope) -> None:
        attributes = node.attributes or {}
        text_of(node)
        if href := attributes.get("href") or attributes.get("url"):
            self.fields["image"] = {"href": href}

    # Plain values

    def date(self, key: str, node: Node) -> None:
        value = text_of(node)
        if not is_read(clean(value) or ""):
            raise Unusual("a date in a rare form")
        self.fields[key] = value

    def published(self, node: Node, scope: Scope) -> None:
        self.date("published", node)

    def updated(self, node: Node, scope: Scope) -> None:
        self.date("updated", node)

    def language(self, node: Node, scope: Scope) -> None:
        self.fields["language"] = self.mended(text_of(node))

    def generator(self, node: Node, scope: Scope) -> None:
        self.fields["generator"] = self.mended(text_of(node))

    def generator_agent(self, node: Node, scope: Scope) -> None:
        self.fields["generator"] = self.mended((node.attributes or {}).get("rdf:resource", "").strip())

    def plain(self, node: Node, scope: Scope) -> None:
        """An element that feedparser has no rule for; with an attribute it would keep the attributes instead."""
        if node.attributes:
            raise Unusual(f"{node.name} with attributes")
        value = text_of(node)
        self.fields[node.name] = self.address(value, scope) if node.name in _ADDRESSES else self.mended(value)

    # People

    def author(self, node: Node, scope: Scope) -> None:
        self._list("authors").append({})
        for key, child in parts_of_person(node):
            value = self._value(key, child, scope)
            # what an earlier author was divided into: feedparser writes the later one over it
            self.part("author_detail")[key] = value
            self._author_part(key, value)
        self.fields["author"] = self.mended(node.own_text().strip())
        self._divide_author()

    def owner(self, node: Node, scope: Scope) -> None:
        """feedparser writes the owner of a podcast over the last author."""
        for key, child in parts_of_person(node, "itunes_"):
            self._author_part(key, self._value(key, child, scope))

    def contributor(self, node: Node, scope: Scope) -> None:
        self._list("contributors").append({key: self._value(key, part, scope) for key, part in parts_of_person(node)})

    def dc_contributor(self, node: Node, scope: Scope) -> None:
        self._list("contributors").append({"name": text_of(node)})

    def _value(self, key: str, node: Node, scope: Scope) -> str:
        value = text_of(node)
        if key == "href":
            value = self.address(value, said(scope, node.attributes or {}))
            if not self.is_entry:  # a source takes it for its own
                self.fields["href"] = value
        return value

    def _author_part(self, key: str, value: str) -> None:
        self._divide_author()
        authors = self._list("authors")
        if not authors:
            authors.append({})
        authors[-1][key] = value

    def _divide_author(self) -> None:
        """A last author of whom nothing is known yet gets what was last said of any."""
        authors = self._list("authors")
        last = authors[-1] if authors else {}
        if last:
            name, email = last.get("name"), last.get("email")
            if name or email:
                self.fields["author"] = f"{name} ({email})" if name and email else name or email
        elif isinstance(author := self.fields.get("author"), str) and author:
            last.update(divided(author))
            self.fields.setdefault("author_detail", last)

    # Labels

    def category(self, node: Node, scope: Scope) -> None:
        self._category(node.attributes or {}, node)

    def media_category(self, node: Node, scope: Scope) -> None:
        self._category({"scheme": _MEDIA_SCHEME, **(node.attributes or {})}, node)

    def itunes_category(self, node: Node, scope: Scope) -> None:
        self._label((node.attributes or {}).get("text"), _ITUNES, None)
        for child in node.children:
            if child.name != "itunes_category":
                raise Unusual(f"{child.name} in a category")
            self.itunes_category(child, scope)
        if node.own_text().strip():
            raise Unusual("text in a category")

    def itunes_keywords(self, node: Node, scope: Scope) -> None:
        self._keywords(node, _ITUNES)

    def media_keywords(self, node: Node, scope: Scope) -> None:
        self._keywords(node, None)

    def _category(self, attributes: dict[str, str], node: Node) -> None:
        scheme = attributes.get("scheme", attributes.get("domain"))
        self._label(attributes.get("term"), scheme, attributes.get("label"))
        value = self.mended(text_of(node))
        tags = self._list("tags")
        if value and tags and not tags[-1]["term"]:
            self._name(tags[-1], value)
        elif value:
            self._label(value, None, None)

    def _keywords(self, node: Node, scheme: str | None) -> None:
        if node.attributes:
            raise Unusual(f"{node.name} with attributes")
        for word in self.mended(text_of(node)).split(","):
            if word.strip():
                self._label(word.strip(), scheme, None)

    def _name(self, tag: Fields, term: str) -> None:
        """Give a label that had none the word that stands in the element."""
        self._labels.discard(tuple(tag.values()))
        tag["term"] = term
        self._labels.add(tuple(tag.values()))

    def _label(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if (term or scheme or label) and (term, scheme, label) not in self._labels:
            self._labels.add((term, scheme, label))
            self._list("tags").append({"term": term, "scheme": scheme, "label": label})

    def part(self, key: str) -> Fields:
        found = self.fields.setdefault(key, {})
        assert isinstance(found, dict)
        return found

    def _list(self, key: str) -> list[Fields]:
        found = self.fields.setdefault(key, [])
        assert isinstance(found, list)
        return found
