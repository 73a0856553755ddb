"""Validated keys → the values that the stages take."""

from pathlib import Path

from feedsvc.model import (
    Auth,
    Category,
    FetchLimits,
    LocalText,
    Policy,
    PublishLimits,
    Retention,
    Selectors,
    Site,
    Source,
    Tag,
)
from feedsvc.settings.declared import (
    AuthKeys,
    CategoryKeys,
    FetchKeys,
    PolicyKeys,
    PublishKeys,
    RetentionKeys,
    SiteKeys,
    SourceKeys,
    TagKeys,
)


def site(keys: SiteKeys, base_url: str | None) -> Site:
    """`base_url`: the environment's, which goes before the file's."""
    return Site(
        title=_local(keys.title),
        base_url=base_url or keys.base_url,
        languages=tuple(dict.fromkeys(keys.languages)),
        timezone=keys.timezone,
        contact=keys.contact,
        icon=keys.icon,
    )


def fetch_limits(keys: FetchKeys) -> FetchLimits:
    return FetchLimits(
        allow_private=tuple(dict.fromkeys(keys.allow_private)),
        proxy=keys.proxy,
        max_body_bytes=keys.max_body,
        timeout=keys.timeout,
        per_host=keys.per_host,
        rate=keys.rate,
        hold=keys.hold,
    )


def publish_limits(keys: PublishKeys) -> PublishLimits:
    return PublishLimits(entries=keys.entries, window=keys.window, max_entries=keys.max_entries, max_age=keys.max_age)


def retention(keys: RetentionKeys) -> Retention:
    return Retention(entries=keys.entries, changes=keys.changes, revisions=keys.revisions)


def source(keys: SourceKeys, site_zone: str, paths_from: Path) -> Source:
    return Source(
        id=keys.id,
        title=_local(keys.title),
        url=keys.url,
        kind=keys.kind,
        language=keys.language,
        every=keys.every,
        full_text=keys.full_text,
        backfill=keys.backfill,
        categories=tuple(dict.fromkeys(keys.categories)),
        rank=keys.rank,
        skip=keys.skip,
        select=Selectors(**dict(keys.select)) if keys.select else None,
        auth=_auth(keys.auth, paths_from) if keys.auth else None,
        timezone=keys.timezone or site_zone,
        index=keys.index,
        paused=keys.paused,
        was=tuple(keys.was),
        policy=_policy(keys.policy),
    )


def category(keys: CategoryKeys) -> Category:
    return Category(
        id=keys.id,
        title=_local(keys.title),
        description=_local(keys.description) if keys.description else None,
        match=keys.match,
        was=tuple(keys.was),
    )


def tag(keys: TagKeys) -> Tag:
    return Tag(
        id=keys.id,
        title=_local(keys.title),
        description=_local(keys.description) if keys.description else None,
        match=keys.match,
        was=tuple(keys.was),
    )


def _auth(keys: AuthKeys, paths_from: Path) -> Auth:
    """The files need not exist yet: secrets are often mounted after the configuration is written."""
    return Auth(
        user=keys.user,
        password_file=paths_from / keys.password_file if keys.password_file else None,
        header=keys.header,
        value_file=paths_from / keys.value_file if keys.value_file else None,
    )


def _policy(keys: PolicyKeys) -> Policy:
    return Policy(
        republish=keys.republish,
        excerpt_chars=keys.excerpt_chars,
        pictures=keys.pictures,
        rights=keys.rights,
        licence=keys.licence,
        attribution=_local(keys.attribution) if keys.attribution else None,
    )


def _local(texts: dict[str, str]) -> LocalText:
    return LocalText(by_language=tuple(texts.items()))
