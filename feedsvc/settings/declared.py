"""Every setting, declared once: name, type, default, unit and one sentence.

The JSON Schemas and the tables in config/README.md are made from these models. Defaults stand as a person writes them.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from feedsvc.settings import kinds


def _setting(default: Any, sentence: str, *, unit: str | None = None, **limits: Any) -> Any:
    """Declare an optional key; its default passes the same checks as a written value."""
    if unit:
        limits["json_schema_extra"] = {"x-unit": unit}
    return Field(default=default, description=sentence, validate_default=True, **limits)


def _required(sentence: str, **limits: Any) -> Any:
    return Field(description=sentence, **limits)


def _section(model: type[BaseModel], sentence: str) -> Any:
    return Field(default_factory=model, description=sentence)


class Keys(BaseModel):
    """A mapping that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SiteKeys(Keys):
    title: kinds.TextMap = _required("The name of your site; it is in the title of every feed.")
    base_url: kinds.BaseAddress | None = _setting(
        None,
        "The public address of the service. Null: `http://HOST:PORT` as last served, with a warning. "
        "`FEEDSVC_BASE_URL` goes before it.",
    )
    languages: list[kinds.Language] = _setting(
        ["vi", "en"],
        "The languages that you publish in; the first one names the documents without a language in their address.",
        min_length=1,
    )
    timezone: kinds.Zone = _setting(
        "Asia/Ho_Chi_Minh", "The time zone of dates in queries, and of a source's dates that name no zone."
    )
    contact: kinds.Contact | None = _setting(
        None, "An e-mail address or web page of yours; publishers see it in the User-Agent of every request."
    )
    icon: kinds.Address | None = _setting(None, "The address of a square picture that readers show beside your feeds.")


class StorageKeys(Keys):
    url: kinds.Database = _setting(
        "sqlite:///var/feedsvc.db",
        "The database: `sqlite:///PATH` or `postgresql://USER@HOST/NAME`. `FEEDSVC_STORAGE_URL` goes before it.",
    )


class FetchKeys(Keys):
    allow_private: list[kinds.Network] = _setting(
        [], "Networks that may be contacted although they are private; this holds for every request that feedsvc makes."
    )
    proxy: kinds.Proxy | None = _setting(
        None,
        "An HTTP proxy that every request goes through (`https:` by CONNECT), without a user and password. The proxy "
        "finds out where names lead, so it must guard private networks; addresses written as such are refused here.",
    )
    max_body: kinds.Size = _setting("15MB", "The largest answer that is read, counted after decompression.")
    timeout: kinds.Interval = _setting("20s", "How long one whole request may take.")
    per_host: int = _setting(1, "How many requests to one host may run at a time.", unit="requests", ge=1, le=100)
    rate: kinds.Rate = _setting(
        "1/s",
        "How many requests one registrable domain gets in the long run (60 at once after a pause); "
        "`allow_private` networks have no such limit.",
    )
    hold: kinds.Duration = _setting(
        "10m", "How long an entry waits for its page to be fetched before it is announced with what the feed gave."
    )


class PublishKeys(Keys):
    entries: int = _setting(
        50, "A feed holds at least so many stories, where there are so many.", unit="stories", ge=1, le=10_000
    )
    window: kinds.Duration = _setting(
        "48h", "A feed also holds every story announced within this time before its newest announcement."
    )
    max_entries: int = _setting(500, "A feed never holds more stories than this.", unit="stories", ge=1, le=10_000)
    max_age: kinds.Duration = _setting("5m", "How long readers and caches may keep a feed before they ask again.")

    @field_validator("max_entries")
    @classmethod
    def _at_least_entries(cls, value: int, given: ValidationInfo) -> int:
        if value < given.data.get("entries", 0):
            raise ValueError(f"must not be less than entries, which is {given.data['entries']}, not {value}")
        return value


class RetentionKeys(Keys):
    entries: kinds.Interval = _setting("400d", "How long stored entries and their stories are kept.")
    changes: kinds.Interval = _setting(
        "90d", "How long the change log is kept; a partner that is away longer starts over."
    )
    revisions: int = _setting(20, "How many earlier versions of one entry are kept.", unit="revisions", ge=0, le=10_000)


class ApiKeys(Keys):
    open: bool = _setting(True, "Whether everybody may use the API; false: only partners with a key.")


class ServiceFile(Keys):
    """config/feedsvc.yaml: the service."""

    site: SiteKeys = _required("Who publishes.")
    storage: StorageKeys = _section(StorageKeys, "Where everything is kept.")
    fetch: FetchKeys = _section(FetchKeys, "Limits of every request that goes out.")
    publish: PublishKeys = _section(PublishKeys, "How far a feed reaches back, and how long it may be cached.")
    retention: RetentionKeys = _section(RetentionKeys, "How long things are kept.")
    api: ApiKeys = _section(ApiKeys, "The interface for programs.")


class SelectKeys(Keys):
    list: kinds.Css | None = _setting(None, "Each entry of a list page; kind `page` needs it.")
    link: kinds.Css | None = _setting(
        None, "The entry's link, inside `list`; null: the first one, or `list` itself where that is a link."
    )
    title: kinds.Css | None = _setting(None, "The title; null, in a list page: the words of the link.")
    date: kinds.Css | None = _setting(
        None, "The time of publication: a `datetime` or `content` attribute, else words such as `25/04/2025 05:00`."
    )
    picture: kinds.Css | None = _setting(None, "The main picture; null, in a list page: none.")
    summary: kinds.Css | None = _setting(None, "The summary; null, in a list page: none.")
    next: kinds.Css | None = _setting(
        None,
        "The link to the next list page, read on a first poll until there are `backfill` entries, else only "
        "where all entries of a page are new; for other kinds, to the next page of an article.",
    )
    body: kinds.Css | None = _setting(None, "The text of an article's page.")


class AuthKeys(Keys):
    user: kinds.User | None = _setting(None, "The user name for basic authentication; needs `password_file`.")
    password_file: kinds.FilePath | None = _setting(None, "The file that holds the password.")
    header: kinds.HeaderName | None = _setting(None, "The name of a header that carries a secret; needs `value_file`.")
    value_file: kinds.FilePath | None = _setting(None, "The file that holds the header's value.")


class PolicyKeys(Keys):
    republish: Literal["full", "excerpt", "headline"] = _setting(
        "excerpt", "What we may show: the full text, an excerpt, or only the headline with its link."
    )
    excerpt_chars: int = _setting(
        300, "The length of an excerpt, cut at the end of a sentence or word.", unit="characters", ge=1, le=100_000
    )
    pictures: bool = _setting(False, "Whether we may show the publisher's pictures.")
    rights: kinds.Line | None = _setting(None, "The copyright notice that goes with every story.")
    licence: kinds.Address | None = _setting(None, "The address of the licence under which we may show it.")
    attribution: kinds.TextMap | None = _setting(None, "The credit line that goes with every story.")


#: what `checks` asks of kind `page`, for editors
_LIST_OF_A_PAGE: dict[str, Any] = {
    "if": {"properties": {"kind": {"const": "page"}}, "required": ["kind"]},
    "then": {
        "properties": {
            "select": {"type": "object", "properties": {"list": {"type": "string"}}, "required": ["list"]},
        },
        "required": ["select"],
    },
}


class SourceKeys(Keys):
    model_config = ConfigDict(json_schema_extra=_LIST_OF_A_PAGE)

    id: kinds.Slug = _required("The name in addresses and commands; never give it to another source later.")
    title: kinds.TextMap = _required("The name that readers see.")
    url: kinds.Address = _required("The address of the feed, sitemap or page.")
    kind: Literal["feed", "sitemap", "page"] = _setting("feed", "What the address leads to.")
    language: kinds.Language | None = _setting(
        None, "The language of the entries; null: what the feed says, else what the text looks like."
    )
    every: kinds.Interval = _setting(
        "1h", "The least time between two polls; a quiet source is asked less often, at least once in 24h."
    )
    full_text: bool = _setting(True, "Whether to fetch each article's page and extract its text.")
    backfill: kinds.CountOrAll = _setting(
        10,
        "How many entries of the first poll are announced, newest first; the rest is stored and filed.",
        unit="entries",
    )
    categories: list[kinds.Slug] = _setting(
        [], "Categories in which everything from here is filed, beside what the rules say."
    )
    rank: int = _setting(
        0,
        "Of two copies the one with the higher rank leads, when the original cannot be told.",
        ge=-1_000_000,
        le=1_000_000,
    )
    skip: kinds.SkipQuery | None = _setting(None, "What this query matches is recorded as skipped and not published.")
    select: SelectKeys | None = _setting(
        None,
        "CSS selectors. Kind `page` looks for `next` in the list page, for the others inside each entry of it, and for "
        "`body` in each article's page; other kinds look for all in the article's page.",
    )
    auth: AuthKeys | None = _setting(None, "Credentials, sent to the origin of `url` only.")
    timezone: kinds.Zone | None = _setting(None, "The time zone of dates that name none; null: the site's.")
    index: bool = _setting(False, "Whether search engines may index our copy.")
    paused: bool = _setting(False, "Stop polling; what is stored stays published.")
    was: list[kinds.Slug] = _setting([], "Earlier ids: their entries are carried over, their addresses lead here.")
    policy: PolicyKeys = _section(PolicyKeys, "What we may republish.")


class SourcesFile(Keys):
    """config/sources.yaml: what we read."""

    sources: list[SourceKeys] = _required("The sources; write `[]` for none.")


class CategoryKeys(Keys):
    id: kinds.Slug = _required(
        "The name in addresses, queries and `categories` of sources; never give it to another one later."
    )
    title: kinds.TextMap = _required("The name that readers see.")
    description: kinds.TextMap | None = _setting(None, "One sentence on what belongs here.")
    match: kinds.CategoryQuery | None = _setting(None, "Stories that this query matches are filed here.")
    was: list[kinds.Slug] = _setting([], "Earlier ids: their addresses lead here.")


class TagKeys(Keys):
    id: kinds.Slug = _required("The name in addresses and queries; never give it to another one later.")
    title: kinds.TextMap = _required("The name that readers see.")
    description: kinds.TextMap | None = _setting(None, "One sentence on what belongs here.")
    match: kinds.TagQuery | None = _setting(None, "Stories that this query matches get the tag.")
    was: list[kinds.Slug] = _setting([], "Earlier ids: their addresses lead here.")


class CategoriesFile(Keys):
    """config/categories.yaml: what we publish, and the rules."""

    categories: list[CategoryKeys] = _required(
        "The categories, in the order in which they are shown; write `[]` for none."
    )
    tags: list[TagKeys] = _setting([], "The tags; they are decided before the categories.")


FILES: tuple[tuple[str, type[Keys]], ...] = (
    ("feedsvc.yaml", ServiceFile),
    ("sources.yaml", SourcesFile),
    ("categories.yaml", CategoriesFile),
)
