"""What a picture is and how large, by its bytes alone: PNG, JPEG, GIF, WebP, AVIF.

Only headers are read, nothing is decoded; each reader looks at a bounded number of parts. SVG is not among them: it is
a document that may hold scripts.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

from feedsvc.model import PictureFile

#: longest side; more than any page shows, less than what makes browsers fail
MAX_SIDE = 16_384
MAX_PIXELS = 64_000_000
#: shortest side: what is smaller counts readers or keeps room
MIN_SIDE = 3

#: segments, blocks or boxes that are looked at; a block of a GIF has at most 255 bytes
_MOST_PARTS = 40_000

_Size = tuple[int, int]


def read_picture(body: bytes) -> PictureFile | None:
    """Return the picture that these bytes are; None: they are none that is shown. Nothing is raised."""
    for media_type, reader in _READERS.items():
        try:
            size = reader(body)
        except struct.error:
            # It ends too early.
            return None
        if size is not None:
            width, height = size
            fits = min(size) >= MIN_SIDE and max(size) <= MAX_SIDE and width * height <= MAX_PIXELS
            return PictureFile(media_type=media_type, width=width, height=height, body=body) if fits else None
    return None


def _png(body: bytes) -> _Size | None:
    """W3C PNG, sections 5.2 and 11.2.1. The first chunk is checked by its sum, the last one has to be there."""
    if not body.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        return None
    (checksum,) = struct.unpack_from(">I", body, 29)
    if zlib.crc32(body[12:29]) != checksum or body.rfind(b"IEND\xaeB`\x82") < 0:
        return None
    width, height = struct.unpack_from(">II", body, 16)
    return width, height


def _jpeg(body: bytes) -> _Size | None:
    """ITU T.81, annex B: the frame header, and an end of the image after it."""
    if not body.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    for _ in range(_MOST_PARTS):
        mark, kind = struct.unpack_from("BB", body, at)
        if mark != 0xFF:
            return None
        if kind == 0xFF:
            # A marker may be preceded by fill bytes.
            at += 1
            continue
        (length,) = struct.unpack_from(">H", body, at + 2)
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", body, at + 5)
            return (width, height) if body.find(b"\xff\xd9", at + 2 + length) >= 0 else None
        if kind in {0xD9, 0xDA} or length < 2:
            return None
        at += 2 + length
    return None


def _gif(body: bytes) -> _Size | None:
    """GIF89a specification, sections 17 to 26: the screen's size, and a whole first image."""
    if not body.startswith((b"GIF87a", b"GIF89a")):
        return None
    width, height, packed = struct.unpack_from("<HHB", body, 6)
    at = 13 + _colour_table(packed)
    parts = 0
    while parts < _MOST_PARTS:
        (introducer,) = struct.unpack_from("B", body, at)
        if introducer == 0x21:
            at += 2
        elif introducer == 0x2C:
            (packed,) = struct.unpack_from("B", body, at + 9)
            at += 11 + _colour_table(packed)
        else:
            return None
        while parts < _MOST_PARTS:
            (length,) = struct.unpack_from("B", body, at)
            at, parts = at + 1 + length, parts + 1
            if length == 0:
                break
        if introducer == 0x2C:
            return width, height
    return None


def _colour_table(packed: int) -> int:
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _webp(body: bytes) -> _Size | None:
    """RFC 9649, sections 2.4 to 2.7, and RFC 6386, section 9.1."""
    if not (body.startswith(b"RIFF") and body[8:12] == b"WEBP"):
        return None
    (size,) = struct.unpack_from("<I", body, 4)
    if size + 8 > len(body):
        return None
    match body[12:16]:
        case b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", body, 24)
            return (low_width | high_width << 16) + 1, (low_height | high_height << 16) + 1
        case b"VP8L":
            signature, bits = struct.unpack_from("<BI", body, 20)
            return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if signature == 0x2F and bits >> 29 == 0 else None
        case b"VP8 ":
            tag, *start, width, height = struct.unpack_from("<Bxx3BHH", body, 20)
            # The lowest bit is set in frames that build on another one.
            return (width & 0x3FFF, height & 0x3FFF) if bytes(start) == b"\x9d\x01\x2a" and tag & 1 == 0 else None
    return None


def _avif(body: bytes) -> _Size | None:
    """AVIF 1.1 section 6 and ISO/IEC 23008-12: the primary item's extent, turned as its rotation says."""
    if body[4:8] != b"ftyp":
        return None
    top = dict(_boxes(body, 0, len(body)))
    start, end = top[b"ftyp"]
    brands = {body[at : at + 4] for at in (start, *range(start + 8, min(end, start + 256), 4))}
    if brands.isdisjoint({b"avif", b"avis"}) or not top.keys() >= {b"meta", b"mdat"}:
        return None
    start, end = top[b"meta"]
    meta = dict(_boxes(body, start + 4, end))
    if b"pitm" not in meta or b"iprp" not in meta:
        return None
    (version,) = struct.unpack_from("B", body, meta[b"pitm"][0])
    (primary,) = struct.unpack_from(">I" if version else ">H", body, meta[b"pitm"][0] + 4)
    described = dict(_boxes(body, *meta[b"iprp"]))
    if b"ipco" not in described or b"ipma" not in described:
        return None
    properties = list(_boxes(body, *described[b"ipco"]))
    size, turned = None, False
    for index in _associated(body, described[b"ipma"][0], primary):
        kind, (start, _) = properties[index - 1] if 0 < index <= len(properties) else (b"", (0, 0))
        if kind == b"ispe":
            size = struct.unpack_from(">II", body, start + 4)
        elif kind == b"irot":
            turned = bool(struct.unpack_from("B", body, start)[0] & 1)
    if size is None:
        return None
    return (size[1], size[0]) if turned else (size[0], size[1])


def _boxes(body: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield the type of each box, and where its content begins and ends. One that is cut off raises struct.error."""
    for _ in range(_MOST_PARTS):
        if at == end:
            return
        size, kind = struct.unpack_from(">I4s", body, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", body, start)
            start += 8
        elif size == 0:
            size = end - at
        if start > at + size or at + size > end:
            raise struct.error
        yield kind, (start, at + size)
        at += size


def _associated(body: bytes, at: int, item: int) -> Iterator[int]:
    """Yield the numbers of an item's properties, counted from 1, of the `ipma` box whose content begins at `at`."""
    version, flags, count = struct.unpack_from(">B2xBI", body, at)
    at += 8
    # The highest bit of each says that a reader must know the property.
    form, mask, size = (">H", 0x7FFF, 2) if flags & 1 else ("B", 0x7F, 1)
    for _ in range(min(count, _MOST_PARTS)):
        id, properties = struct.unpack_from(">IB" if version else ">HB", body, at)
        at += 5 if version else 3
        if id == item:
            for n in range(properties):
                yield struct.unpack_from(form, body, at + n * size)[0] & mask
            return
        at += properties * size


_READERS: dict[str, Callable[[bytes], _Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": _avif,
}
