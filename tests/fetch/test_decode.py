"""Content codings in pieces of any size."""

import contextlib
import gzip
import tracemalloc
import zlib

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.fetch.decode import Body, CorruptBodyError, TooLargeError, UnknownCodingError
from tests.servers.upstream import Coding, compressed

CODINGS: tuple[Coding, ...] = ("gzip", "br", "zstd", "deflate", "raw-deflate")
LIMIT = 1_000_000


def decoded(data: bytes, header: str, step: int = 1 << 20) -> bytes:
    body = Body([header], LIMIT)
    for start in range(0, len(data), step):
        body.add(data[start : start + step])
    return body.finished()


@given(
    body=st.binary(max_size=400), times=st.integers(1, 500), coding=st.sampled_from(CODINGS), step=st.integers(1, 999)
)
def test_any_body_in_any_pieces(body: bytes, times: int, coding: Coding, step: int) -> None:
    assert decoded(compressed(body * times, coding), coding.removeprefix("raw-"), step) == body * times


@given(data=st.binary(max_size=200), coding=st.sampled_from(CODINGS), step=st.integers(1, 50), cut=st.integers(0, 100))
def test_garbage_is_corrupt_or_decodes(data: bytes, coding: Coding, step: int, cut: int) -> None:
    for garbage in (data, compressed(data, coding)[:cut] + data):
        with contextlib.suppress(CorruptBodyError):
            decoded(garbage, coding.removeprefix("raw-"), step)


@pytest.mark.parametrize(
    ("header", "data"),
    [
        ("X-GZIP", compressed(b"text", "gzip")),
        ("deflate, gzip", compressed(compressed(b"text", "deflate"), "gzip")),
        ("identity , br,", compressed(b"text", "br")),
        ("utf-8", b"text"),
        ("gzip", gzip.compress(b"te", mtime=0) + gzip.compress(b"", mtime=0) + gzip.compress(b"xt", mtime=0)),
        ("gzip", gzip.compress(b"text", mtime=0) + b"\0" * 512),
        ("zstd", zstd.compress(b"te") + zstd.compress(b"xt")),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_lists_and_parts(header: str, data: bytes, step: int) -> None:
    assert decoded(data, header, step) == b"text"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_costs_no_more_memory_than_the_limit(coding: Coding) -> None:
    bomb = compressed(b"\0" * 50_000_000, coding)
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decoded(bomb, coding.removeprefix("raw-"))
        assert tracemalloc.get_traced_memory()[1] < 5 * LIMIT
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_bomb() -> None:
    bomb = compressed(compressed(b"\0" * 100_000_000, "gzip"), "gzip")
    with pytest.raises(TooLargeError):
        decoded(bomb, "gzip, gzip")


def test_parts_without_end() -> None:
    with pytest.raises(CorruptBodyError, match="more than 1024 compressed parts"):
        decoded(gzip.compress(b"") * 10_000, "gzip")
    with pytest.raises(TooLargeError):
        decoded(gzip.compress(b"x") + b"\0" * LIMIT, "gzip")


@pytest.mark.parametrize("header", ["compress", "gzip, gzip, gzip, gzip"])
def test_codings_that_are_refused(header: str) -> None:
    with pytest.raises(UnknownCodingError):
        Body([header], LIMIT)


def test_a_window_larger_than_the_web_allows() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    data = packer.compress(zlib.compress(b"x")) + packer.flush()
    with pytest.raises(CorruptBodyError):
        decoded(data, "zstd")
