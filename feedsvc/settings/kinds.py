"""The kinds of values that a setting can have: how a person writes them, how they are checked, how editors check them.

Every function takes what YAML gave and returns the value, or raises ValueError with what is wrong and what is allowed.
The `title` in a kind's JSON Schema is its name in config/README.md.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from feedsvc import css, query
from feedsvc.errors import QueryError
from feedsvc.settings.nearest import nearest
from feedsvc.settings.tree import shown

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SIZES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_DURATION = r"^[0-9]{1,9}(s|m|h|d)$"
_SIZE = r"^[0-9]{1,9}(B|kB|KB|MB|GB)$"
_RATE = r"^[0-9]{1,6}(\.[0-9]{1,6})?/(s|m|h)$"
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
#: RFC 5646 section 2.1 without extensions: language, script, region, variants
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$"
_WEB = r"^[Hh][Tt][Tt][Pp][Ss]?://"
_DATABASE = r"^(sqlite:///|postgresql(\+psycopg)?://)."
_PROXY = r"^[Hh][Tt][Tt][Pp]://[^/?#@\s]+/?$"
_HEADER = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"

MAX_DURATION = timedelta(days=3_650)
_LARGEST_BODY = 10**9

#: ISO 639-1: two letters that are none of these are a slip, mostly a country (`vn` for `vi`)
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss "
    "st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)


def kind_of(value: object) -> str:
    """Return what a value is, in words for an error message."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return f"the number {shown(value)}"
        case str():
            return f"“{shown(value)}”"
        case list():
            return "a list"
    return "a mapping"


def _text(value: object, wanted: str) -> str:
    if isinstance(value, str):
        return value
    raise ValueError(f"must be {wanted}, not {kind_of(value)}")


def _matching(value: object, pattern: str, wanted: str) -> str:
    text = _text(value, wanted)
    if re.fullmatch(pattern, text) is None:
        raise ValueError(f"must be {wanted}, not {kind_of(value)}")
    return text


def _unquoted(value: object) -> ValueError:
    return ValueError(f"must be a text, not {kind_of(value)}: put it in quotes")


def read_duration(value: object) -> timedelta:
    text = _matching(value, _DURATION, "a duration such as 90s, 15m, 6h or 2d")
    duration = timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])
    if duration > MAX_DURATION:
        raise ValueError(f"must be at most {MAX_DURATION.days}d, not {text}")
    return duration


def read_interval(value: object) -> timedelta:
    duration = read_duration(value)
    if not duration:
        raise ValueError(f"must be at least 1s, not {shown(value)}")
    return duration


def write_duration(length: timedelta) -> str:
    """Return a duration in the largest unit that divides it: `90s`, `15m`, `6h`, `2d`."""
    seconds = round(length.total_seconds())
    units = (("d", 86_400), ("h", 3_600), ("m", 60))
    return next((f"{seconds // size}{unit}" for unit, size in units if seconds and seconds % size == 0), f"{seconds}s")


def read_size(value: object) -> int:
    text = _matching(value, _SIZE, "a size such as 500kB or 15MB (10^6 bytes)")
    digits = text.rstrip("BkKMG")
    size = int(digits) * _SIZES[text.removeprefix(digits)]
    if not 1 <= size <= _LARGEST_BODY:
        raise ValueError(f"must be between 1B and 1GB, not {text}")
    return size


def read_rate(value: object) -> float:
    text = _matching(value, _RATE, "a rate such as 1/s, 0.5/s or 30/m")
    count, unit = text.split("/")
    if not float(count):
        raise ValueError(f"must be more than 0, not {text}")
    return float(count) / _UNITS[unit]


def read_count_or_all(value: object) -> int | None:
    if value == "all":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        raise ValueError(f"must be a whole number from 0 to 1000000, or all, not {shown(value)}")
    return value


def read_slug(value: object) -> str:
    if isinstance(value, int | float):
        raise _unquoted(value)
    return _matching(value, f"(?=.{{1,64}}$){_SLUG}", "an id: a-z, 0-9 and single hyphens between, up to 64 characters")


def read_language(value: object) -> str:
    text = _matching(value, _LANGUAGE, "a language code such as vi, en or zh-Hant")
    primary, *rest = text.split("-")
    if len(primary) == 2 and primary.lower() not in _ISO_639_1.split():
        hint = "; Vietnamese is vi" if primary.lower() == "vn" else ""
        raise ValueError(f"“{text}” is not a language code of ISO 639, such as vi or en{hint}")
    # RFC 5646 section 2.1.1: the customary case, so that two spellings are one language
    return "-".join([primary.lower(), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


@cache
def _zones() -> frozenset[str]:
    """Asking for the names reads some 600 files."""
    return frozenset(available_timezones())


def read_zone(value: object) -> str:
    text = _text(value, "a time zone such as Asia/Ho_Chi_Minh")
    if text not in _zones():
        near = nearest(text, _zones(), likeness=0.85)  # Asia/Hanoi is no slip for Asia/Shanghai
        hint = f", did you mean {near}?" if near else ""
        raise ValueError(
            f"“{shown(text)}” is not a time zone{hint}; allowed: IANA names such as Asia/Ho_Chi_Minh or UTC"
        )
    return text


def read_address(value: object) -> str:
    text = _text(value, "an address that begins with http:// or https://")
    if problem := address_problem(text):
        seen = "" if "@" in text else f": “{shown(text)}”"  # what stands before an @ may be a password
        raise ValueError(f"{problem}{seen}; allowed: http:// or https://, a host, and what follows it")
    return text


def address_problem(text: str) -> str | None:
    """Return why a text is no address that can be configured; the words do not repeat it."""
    if not text.isprintable() or " " in text:
        return "a space or control character in an address"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        return f"not an address ({error})"
    if parts.scheme not in {"http", "https"}:
        return "not a web address"
    if not host:
        return "an address without a host"
    if parts.username is not None or parts.password is not None:
        return "credentials in an address (they belong under auth)"
    return None


def read_base_address(value: object) -> str:
    text = read_address(value)
    if "?" in text or "#" in text:
        raise ValueError(f"must end before ? and #: “{shown(text)}”")
    return text.rstrip("/")


def read_proxy(value: object) -> str:
    wanted = "the address of an HTTP proxy such as http://proxy.example.org:3128"
    text = _text(value, wanted)
    if "@" in text:
        # not repeated: what stands before it may be a password
        raise ValueError(f"must be {wanted}, without a user and password: let the proxy know this machine otherwise")
    if not re.fullmatch(_PROXY, text) or address_problem(text):
        raise ValueError(f"must be {wanted}, not {kind_of(value)}")
    return text.rstrip("/")


def read_database(value: object) -> str:
    wanted = "sqlite:///FOLDER/FILE.db or postgresql://USER@HOST/DATABASE"
    if not isinstance(value, str) or not re.match(_DATABASE, value) or not value.isprintable():
        # the value may hold a password: it is not repeated
        raise ValueError(f"must be a database address like {wanted}")
    if value.removeprefix("sqlite:///").partition("?")[0] in {"", ":memory:"}:
        raise ValueError(f"must name a file, since several processes share the database; like {wanted}")
    try:
        urlsplit(value)
    except ValueError as error:
        raise ValueError(f"must be a database address like {wanted} ({error})") from error
    return value


def read_network(value: object) -> str:
    text = _text(value, "a network such as 10.0.0.0/8 or fd00::/8")
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        pass
    try:
        meant = f", did you mean {ipaddress.ip_network(text, strict=False)}?"
    except ValueError:
        meant = ", allowed: such as 10.0.0.0/8 or fd00::/8"
    raise ValueError(f"“{shown(text)}” is not a network{meant}") from None


def read_line(value: object) -> str:
    """Return a text as one line in NFC: some systems write decomposed letters, and block texts have line breaks."""
    if isinstance(value, bool | int | float):
        raise _unquoted(value)
    text = unicodedata.normalize("NFC", re.sub(r"[ \t\r\n\x85]+", " ", _text(value, "a text"))).strip()
    if not text:
        raise ValueError("must not be empty")
    return text


def read_css(value: object) -> str:
    text = read_line(value)
    css.check(text)
    return text


def read_contact(value: object) -> str:
    text = read_line(value)
    if not text.isascii() or not text.isprintable() or set(text) & set("()\\"):
        raise ValueError(f"must be an address or link in plain ASCII, since it is sent in a header: “{shown(text)}”")
    return text


def read_user(value: object) -> str:
    text = read_line(value)
    if ":" in text:
        raise ValueError("must not contain a colon (RFC 7617 section 2)")
    return text


def read_header_name(value: object) -> str:
    return _matching(value, _HEADER, "the name of an HTTP header, such as X-Api-Key")


def read_path(value: object) -> str:
    text = _text(value, "the path of a file")
    if not text.strip() or not text.isprintable():
        raise ValueError(f"must be the path of a file, not “{shown(text)}”")
    return text


def _by_language(value: object) -> object:
    """Bring a plain text into the form of a map; the key "" stands for no language."""
    if isinstance(value, dict):
        if not value:
            raise ValueError("must have a text in at least one language")
        if "" in value:
            raise ValueError("a text stands without its language, such as vi or en")
        if len({key.casefold() for key in value}) < len(value):
            raise ValueError("two texts stand for one language")
        return value
    if value is None or isinstance(value, list):
        raise ValueError(f"must be a text or a map by language such as {{vi: …, en: …}}, not {kind_of(value)}")
    return {"": value}


def _read_text_language(value: object) -> str:
    return "" if value == "" else read_language(value)


def _query_reader(*missing: str) -> Callable[[object], str]:
    """Return a reader of queries that may not use the fields `missing`, since these are decided later."""
    fields = frozenset(query.FIELDS) - set(missing)

    def read_query(value: object) -> str:
        text = _text(value, 'a query such as title:"hàng Việt Nam"')
        try:
            query.parse(text, fields=fields)
        except QueryError as error:
            later = " (it is decided later)" if error.problem.endswith("cannot be used here") else ""
            raise ValueError(f"column {error.column}: {error.problem}{later}") from error
        return text

    return read_query


def _schema(title: str, pattern: str | None = None, *examples: str) -> WithJsonSchema:
    shape: dict[str, object] = {"type": "string", "title": title}
    if pattern:
        shape["pattern"] = pattern
    if examples:
        shape["examples"] = list(examples)
    return WithJsonSchema(shape)


_TEXT_MAP: dict[str, object] = {
    "title": "text, or map by language",
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": _LANGUAGE},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
    ],
}

Duration = Annotated[timedelta, PlainValidator(read_duration), _schema("duration", _DURATION, "90s", "15m", "6h", "2d")]
Interval = Annotated[timedelta, PlainValidator(read_interval), _schema("duration", _DURATION, "90s", "15m", "6h", "2d")]
Size = Annotated[int, PlainValidator(read_size), _schema("size", _SIZE, "500kB", "15MB")]
Rate = Annotated[float, PlainValidator(read_rate), _schema("rate", _RATE, "1/s", "30/m")]
CountOrAll = Annotated[
    int | None,
    PlainValidator(read_count_or_all),
    WithJsonSchema(
        {
            "title": "whole number, or `all`",
            "anyOf": [{"type": "integer", "minimum": 0, "maximum": 1_000_000}, {"const": "all"}],
        }
    ),
]
Slug = Annotated[str, PlainValidator(read_slug), _schema("id", _SLUG)]
Language = Annotated[str, PlainValidator(read_language), _schema("language", _LANGUAGE, "vi", "en")]
Zone = Annotated[str, PlainValidator(read_zone), _schema("time zone", None, "Asia/Ho_Chi_Minh", "UTC")]
Address = Annotated[str, PlainValidator(read_address), _schema("address", _WEB)]
BaseAddress = Annotated[str, PlainValidator(read_base_address), _schema("address", _WEB)]
Proxy = Annotated[str, PlainValidator(read_proxy), _schema("address", _PROXY, "http://proxy.example.org:3128")]
Database = Annotated[str, PlainValidator(read_database), _schema("database address", _DATABASE)]
Network = Annotated[str, PlainValidator(read_network), _schema("network", None, "10.0.0.0/8")]
Line = Annotated[str, PlainValidator(read_line), _schema("text", r"\S")]
Css = Annotated[str, PlainValidator(read_css), _schema("CSS selector", r"\S", "article.story", "h2 > a")]
Contact = Annotated[str, PlainValidator(read_contact), _schema("text", r"^[ -~]+$")]
User = Annotated[str, PlainValidator(read_user), _schema("text", r"^[^:]+$")]
HeaderName = Annotated[str, PlainValidator(read_header_name), _schema("header name", _HEADER)]
FilePath = Annotated[str, PlainValidator(read_path), _schema("path", r"\S")]
SkipQuery = Annotated[str, PlainValidator(_query_reader("category", "tag")), _schema("query")]
TagQuery = Annotated[str, PlainValidator(_query_reader("category", "tag")), _schema("query")]
CategoryQuery = Annotated[str, PlainValidator(_query_reader("category")), _schema("query")]
TextMap = Annotated[
    dict[Annotated[str, PlainValidator(_read_text_language)], Line],
    BeforeValidator(_by_language),
    WithJsonSchema(_TEXT_MAP),
]
