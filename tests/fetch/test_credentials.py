"""Who hears a secret."""

from pathlib import Path

import pytest
from yarl import URL

from feedsvc.fetch.credentials import credentials
from feedsvc.model import Auth
from tests.fetch.asking import BODY, a_source, failure, read
from tests.servers.upstream import Upstream, answer, redirect


def test_credentials_go_to_the_own_origin_only(upstream: Upstream, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pâss\n")
    auth = Auth(user="me", password_file=secret)
    upstream.on("/feed", redirect("/there", 302))
    with Upstream() as other:
        upstream.on("/there", redirect(other.serve("/feed", BODY), 302))
        read(a_source(upstream.url("/feed"), auth))
        assert [request.header("Authorization") for request in upstream.requests] == ["Basic bWU6cMOic3M="] * 2
        assert other.requests[0].header("Authorization") is None


@pytest.mark.parametrize(
    ("target", "is_own"),
    [
        ("https://paper.example/other?a", True),
        ("https://PAPER.example:443/", True),
        ("http://paper.example/", False),
        ("http://paper.example:443/", False),
        ("https://paper.example:8443/", False),
        ("https://www.paper.example/", False),
        ("https://paper.example.evil.example/", False),
        ("https://paper.example@evil.example/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(target: str, is_own: bool, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    source = a_source("https://paper.example/feed", Auth(header="X-Key", value_file=tmp_path / "secret"))
    assert credentials(source, URL(target)) == ({"X-Key": "secret"} if is_own else {})


def test_a_header_of_the_sources_own(upstream: Upstream, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret")
    source = a_source(upstream.on("/feed", answer(403)), Auth(header="X-Token", value_file=token))
    assert "s3cret" not in str(failure(source))
    assert upstream.requests[0].header("X-Token") == "s3cret"


def test_a_user_in_the_address_stays_out_of_what_is_said(upstream: Upstream) -> None:
    url = upstream.serve("/feed", BODY).replace("http://", "http://me:p%40ss@")
    assert read(url).url == upstream.url("/feed")
    assert upstream.requests[0].header("Authorization") == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file"), (b"\xff", "not UTF-8"), (b"a\nb", "one line")]
)
def test_a_secret_that_cannot_be_read(upstream: Upstream, tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    error = failure(a_source(upstream.url("/feed"), Auth(user="me", password_file=tmp_path / "secret")))
    assert problem in error.problem
    assert not error.retryable
    assert not upstream.requests
