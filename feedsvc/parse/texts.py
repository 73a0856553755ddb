"""Cleaning of strings, and plain text from marked-up ones."""

import re

from lxml import etree

# Not allowed in XML 1.0 (section 2.2), or never meant: C0 and C1 controls, halves of surrogate pairs, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"<[A-Za-z/!?]|&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
# lxml compares each attribute of a tag with all before: 100,000 take it 14 s.
_ATTRIBUTES = r"""(?:[\s/]++|=?+[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>"'][^\s>]*+)?+)?+|=)*+"""
_TAG = re.compile(rf"(</?[A-Za-z][^\s/>]*+)({_ATTRIBUTES})(>?)")
_LONG_TAG = 1000
#: In a whole page a tag may be longer: links have lists of words or data with them.
_LONG_TAG_OF_PAGE = 10_000
_RAW = re.compile(r"<(?:!--|(script|style)(?=[\s/>]))", re.IGNORECASE)
_ENDS = {
    name: re.compile(end, re.IGNORECASE) for name, end in {"": "-->", "script": "</script", "style": "</style"}.items()
}
_BLOCKS = ("br", "p", "div", "li", "tr", "td", "th", "dt", "dd", "h1", "h2", "h3", "blockquote", "pre", "hr")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")


def clean(value: object) -> str | None:
    """Return the string without control characters and outer white space; None for "" and for anything else."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():  # it would take ten times as long to look for what is forbidden
        value = _FORBIDDEN.sub("", value)
    return value.strip() or None


def plain_text(value: str | None) -> str | None:
    """Strip tags and resolve character references, once; text without either is returned verbatim."""
    if value is None or not _MARKUP.search(value):
        return value
    if len(value) > _LONG_TAG:
        value = _TAG.sub(lambda tag: tag[0] if len(tag[2]) <= _LONG_TAG else tag[1] + tag[3], value)
    # A parser of bytes, for str with an encoding declaration is refused; lxml, for html.parser takes quadratic time.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(f"<div>{_FORBIDDEN.sub('', value)}".encode(), parser)
    if root is None:
        return None
    etree.strip_elements(root, "script", "style", "template", with_tail=False)
    for block in root.iter(*_BLOCKS):
        block.text, block.tail = f" {block.text or ''}", f" {block.tail or ''}"
    return clean(re.sub(r"\s+", " ", "".join(root.itertext())))


def without_floods(page: str) -> str:
    """Take the attributes out of tags that have more than any page needs; lxml would compare each with all before."""
    pieces: list[str] = []
    kept, at = 0, page.find("<")
    while 0 <= at < len(page) - _LONG_TAG_OF_PAGE:
        if raw := _RAW.match(page, at):
            end = _ENDS[(raw[1] or "").lower()].search(page, raw.end())
            after = end.end() if end else len(page)
        elif (tag := _TAG.match(page, at)) is None:
            after = at + 1
        else:
            after = tag.end()
            if len(tag[2]) > _LONG_TAG_OF_PAGE:
                pieces += page[kept : tag.end(1)], tag[3]
                kept = after
        at = page.find("<", after)
    return "".join((*pieces, page[kept:])) if pieces else page


def language_tag(value: object) -> str | None:
    """Return a well-formed BCP 47 tag, else None."""
    if not value:
        return None
    tag = (clean(value) or "").replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
