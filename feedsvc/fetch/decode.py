"""Content codings, undone piece by piece so that a bomb costs no more memory than the limit.

Source: RFC 9110 section 8.4; RFC 1950, 1951 and 1952 (deflate, gzip), 7932 (br), 8878 and 9659 (zstd).
"""

import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: bytes that one step brings at most
STEP_BYTES = 65_536
#: gzip members or zstd frames in one body: real ones have one, and each costs us a new decoder
MAX_MEMBERS = 1024
#: codings one upon the other
MAX_CODINGS = 3
#: RFC 9659: a window of at most 8 MB
ZSTD_WINDOW_LOG = 23

#: what servers write into Content-Encoding although it names none
NO_CODINGS = frozenset({"", "identity", "none", "binary", "utf-8", "utf8"})


class CorruptBodyError(Exception):
    """The body cannot be decoded, or ends too early."""


class TooLargeError(Exception):
    """The body is larger than the limit."""


class UnknownCodingError(Exception):
    """A coding that we did not offer; its text is the coding."""


class Decoder(Protocol):
    """Undoes one coding. Both methods raise CorruptBodyError."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the next bytes decode to."""

    def finish(self) -> None:
        """Complain if more bytes should have come; a body of no bytes at all passes."""


class Gzip:
    """One or several members; bytes behind the last one that start no other are ignored, as every client does."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._members = 0
        self._is_over = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and not self._is_over:
            if self._stream is None:
                self._is_over = self._members > 0 and chunk[0] != 0x1F
                self._members = _counted(self._members)
                self._stream = zlib.decompressobj(wbits=31)
            if not self._is_over:
                yield from _inflated(self._stream, chunk)
            chunk = b""
            if self._is_over or self._stream.eof:
                chunk, self._stream = self._stream.unused_data, None

    def finish(self) -> None:
        if self._stream is not None:
            raise CorruptBodyError("ends too early")


class Deflate:
    """With zlib's frame; or without, as some servers send it against RFC 9110 section 8.4.1.2."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._stream is None:
            # RFC 1950 section 2.2: the frame's first byte ends in 8, which bare deflate never starts with in practice.
            self._stream = zlib.decompressobj(wbits=15 if chunk[0] & 0x0F == 8 else -15)
        if not self._stream.eof:
            yield from _inflated(self._stream, chunk)

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise CorruptBodyError("ends too early")


class Brotli:
    """Its window is 16 MB at most: the decoder refuses the larger ones that RFC 7932 does not know."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._has_begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        self._has_begun = True
        while not self._stream.is_finished():
            try:
                piece = self._stream.process(chunk, output_buffer_limit=STEP_BYTES)
            except brotli.error as exc:
                raise CorruptBodyError(str(exc)) from exc
            if piece:
                yield piece
            if self._stream.can_accept_more_data():
                return
            chunk = b""

    def finish(self) -> None:
        if self._has_begun and not self._stream.is_finished():
            raise CorruptBodyError("ends too early")


class Zstd:
    """One or several frames."""

    def __init__(self) -> None:
        self._stream: zstd.ZstdDecompressor | None = None
        self._members = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self._stream is None:
                self._members = _counted(self._members)
                limits: dict[int, int] = {zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
                self._stream = zstd.ZstdDecompressor(options=limits)
            yield from self._steps(self._stream, chunk)
            chunk = b""
            if self._stream.eof:
                chunk, self._stream = self._stream.unused_data, None

    def finish(self) -> None:
        if self._stream is not None:
            raise CorruptBodyError("ends too early")

    @staticmethod
    def _steps(stream: zstd.ZstdDecompressor, chunk: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = stream.decompress(chunk, STEP_BYTES)
            except zstd.ZstdError as exc:
                raise CorruptBodyError(str(exc)) from exc
            if piece:
                yield piece
            if stream.eof or stream.needs_input:
                return
            chunk = b""


class Body:
    """Collects one body and decodes it on the way."""

    def __init__(self, content_encoding: Sequence[str], limit_bytes: int) -> None:
        """`content_encoding` holds the header's lines in order. Raises UnknownCodingError."""
        codings = [coding.strip().lower() for line in content_encoding for coding in line.split(",")]
        # Applied in the order of the list, so undone from its end.
        self._decoders = [_decoder(coding) for coding in reversed(codings) if coding not in NO_CODINGS]
        if len(self._decoders) > MAX_CODINGS:
            raise UnknownCodingError(", ".join(codings[:MAX_CODINGS]) + ", …")
        self._limit = limit_bytes
        self._received = self._size = 0
        self._pieces: list[bytes] = []

    def add(self, chunk: bytes) -> None:
        """Take the next bytes as received. Raises TooLargeError, CorruptBodyError."""
        # The limit also holds before decoding: members may decode to nothing, for ever.
        self._received += len(chunk)
        if self._received > self._limit:
            raise TooLargeError
        for piece in _through(self._decoders, chunk):
            self._size += len(piece)
            self._pieces.append(piece)
            if self._size > self._limit:
                raise TooLargeError

    def so_far(self) -> bytes:
        """Return what is decoded, also of a body that has gone wrong; at most one step more than the limit."""
        return b"".join(self._pieces)

    def finished(self) -> bytes:
        """Return the decoded body. Raises CorruptBodyError if it ends too early."""
        for decoder in self._decoders:
            decoder.finish()
        return self.so_far()


def _through(decoders: Sequence[Decoder], chunk: bytes) -> Iterable[bytes]:
    if not decoders or not chunk:
        return (chunk,)
    first, *rest = decoders
    return (piece for half in first.feed(chunk) for piece in _through(rest, half))


def _decoder(coding: str) -> Decoder:
    match coding:
        case "gzip" | "x-gzip":
            return Gzip()
        case "deflate":
            return Deflate()
        case "br":
            return Brotli()
        case "zstd":
            return Zstd()
    raise UnknownCodingError(coding)


def _inflated(stream: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    piece = b"\0" * STEP_BYTES
    # A full step may leave output inside although all input is taken.
    while chunk or len(piece) == STEP_BYTES:
        try:
            piece = stream.decompress(chunk, STEP_BYTES)
        except zlib.error as exc:
            raise CorruptBodyError(str(exc)) from exc
        if piece:
            yield piece
        chunk = stream.unconsumed_tail


def _counted(members: int) -> int:
    if members >= MAX_MEMBERS:
        raise CorruptBodyError(f"more than {MAX_MEMBERS} compressed parts")
    return members + 1
