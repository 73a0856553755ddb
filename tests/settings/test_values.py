"""What a value may look like, told alike by the parser and by the JSON Schema that editors use."""

import json
from datetime import timedelta

import jsonschema
import pytest
from ruamel.yaml import YAML

from feedsvc.settings import json_schema
from tests.settings.samples import problems, read, source


@pytest.mark.parametrize(
    ("keys", "valid"),
    [
        ("every: 90s", True),
        ("every: 2d", True),
        ("every: 90", False),
        ("every: 1.5h", False),
        ("every: 5 m", False),
        ("every: -5m", False),
        ("every: 5M", False),
        ("every: ''", False),
        ("backfill: 0", True),
        ("backfill: all", True),
        ("backfill: -1", False),
        ("backfill: some", False),
        ("backfill: true", False),
        ("language: zh-Hant", True),
        ("language: es-419", True),
        ("language: vietnamese", False),
        ("language: vi_VN", False),
        ("rank: 1.5", False),
        ("rank: '1'", False),
        ("paused: yes", False),
        ("paused: true", True),
        ("kind: sitemap", True),
        ("kind: page", False),
        ("kind: page, select: {link: a}", False),
        ("kind: page, select: {list: null}", False),
        ("kind: page, select: {list: article.story}", True),
        ("kind: atom", False),
        ("was: [old-id, '2024']", True),
        ("was: [Old]", False),
        ("was: [a_b]", False),
        ("was: [a--b]", False),
        ("was: old", False),
        ("was: null", False),
        ("skip: null", True),
        ("skip: 5", False),
        ("select: null", True),
        ("select: {list: article}", True),
        ("select: {lists: article}", False),
        ("select: {next: 5}", False),
        ("auth: {user: me, password_file: secrets/x}", True),
        ("policy: null", False),
        ("policy: {}", True),
        ("policy: {excerpt_chars: 0}", False),
        ("policy: {licence: CC-BY}", False),
        ("policy: {attribution: {vi: x}}", True),
        ("policy: {attribution: {}}", False),
        ("policy: {attribution: {vi: ''}}", False),
        ("policy: {attribution: []}", False),
        ("unknown: 1", False),
    ],
)
def test_parser_and_schema_agree_on_a_source(keys: str, valid: bool) -> None:
    text = source(keys)
    document = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))
    schema = json_schema()["sources.yaml"]
    assert jsonschema.Draft202012Validator(schema).is_valid(document) is valid
    assert (problems(sources=text) == []) is valid


@pytest.mark.parametrize(
    ("service", "valid"),
    [
        ("site: {title: {vi: Tin, en: News}}", True),
        ("site: {title: ''}", False),
        ("site: {title: x, base_url: 'https://example.org/'}", True),
        ("site: {title: x, base_url: example.org}", False),
        ("{site: {title: x}, fetch: {proxy: 'http://[fd00::1]:3128/'}}", True),
        ("{site: {title: x}, fetch: {proxy: null}}", True),
        ("{site: {title: x}, fetch: {proxy: 'https://proxy.example'}}", False),
        ("{site: {title: x}, fetch: {proxy: 'http://me:secret@proxy.example'}}", False),
        ("{site: {title: x}, fetch: {proxy: 'http://proxy.example/path'}}", False),
        ("{site: {title: x}, fetch: {proxy: 'http:///'}}", False),
        ("site: {title: x, languages: []}", False),
        ("site: {title: x, contact: a@example.org}", True),
        ("site: {title: x, contact: ă@example.org}", False),
        ("{site: {title: x}, storage: {url: 'postgresql://u@h/d'}}", True),
        ("{site: {title: x}, storage: {url: 'sqlite:///var/x.db'}}", True),
        ("{site: {title: x}, storage: {url: var/x.db}}", False),
        ("{site: {title: x}, fetch: {max_body: 500kB, rate: 0.5/s, hold: 0s}}", True),
        ("{site: {title: x}, fetch: {max_body: 15MiB}}", False),
        ("{site: {title: x}, fetch: {max_body: 15000000}}", False),
        ("{site: {title: x}, fetch: {rate: 1}}", False),
        ("{site: {title: x}, fetch: {rate: 1/d}}", False),
        ("{site: {title: x}, publish: {entries: 0}}", False),
        ("{site: {title: x}, api: {open: false}}", True),
        ("{site: {title: x}, api: null}", False),
        ("{}", False),
    ],
)
def test_parser_and_schema_agree_on_the_service(service: str, valid: bool) -> None:
    document = YAML(typ="safe", pure=True).load(service)
    assert jsonschema.Draft202012Validator(json_schema()["feedsvc.yaml"]).is_valid(document) is valid
    assert (problems(service) == []) is valid


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("timezone: Asia/Ho_Chi_Min", "did you mean Asia/Ho_Chi_Minh?"),
        ("timezone: ../../etc/passwd", "is not a time zone"),
        ("language: vn", "Vietnamese is vi"),
        ("every: 0s", "must be at least 1s"),
        ("every: 9999d", "must be at most 3650d"),
        ("rank: 99999999", "must be at most 1000000"),
        (f"rank: 0x{'F' * 5_000}", "must be a whole number"),
        (f"backfill: {'9' * 5_000}", "must be a whole number"),
        ("policy: {attribution: {vi: a, VI: b}}", "two texts stand for one language"),
        ("auth: {user: a, password_file: b, header: c, value_file: d}", "must have either"),
        ("auth: {}", "must have either"),
        ("auth: {user: 'a:b', password_file: c}", "must not contain a colon"),
        ("auth: {header: 'X Key', value_file: c}", "the name of an HTTP header"),
        ("skip: /regex/", "column 1: "),
        ("skip: 'ok AND ha~1'", "column 10: "),
    ],
)
def test_what_a_schema_cannot_say_is_refused_too(keys: str, says: str) -> None:
    (found,) = problems(sources=source(keys))
    assert says in found


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "//x/",
        "x",
        "http://",
        "https:///x",
        "http://[::1",
        "http://x:99999/",
        "http://a b/",
        "file:///etc/x",
    ],
)
def test_only_web_addresses_with_a_host_are_read(url: str) -> None:
    (found,) = problems(sources=f"sources: [{{id: a, title: A, url: '{url}'}}]")
    assert "allowed: http:// or https://" in found


def test_units_are_those_of_the_manual() -> None:
    settings = read(
        "{site: {title: x}, fetch: {max_body: 2MB, rate: 30/m, timeout: 1m, hold: 6h}, publish: {window: 2d}}"
    )
    assert settings.fetch.max_body_bytes == 2_000_000
    assert settings.fetch.rate == 0.5
    assert settings.fetch.timeout == timedelta(seconds=60)
    assert settings.fetch.hold == timedelta(hours=6)
    assert settings.publish.window == timedelta(days=2)
