"""Pictures are known by their bytes alone, whatever the bytes are."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.model import PictureFile
from feedsvc.parse.picture import read_picture


def png(width: int, height: int) -> bytes:
    """Return a whole picture, one bit a pixel."""
    rows = b"".join(b"\0" + bytes((width + 7) // 8) for _ in range(min(height, 64)))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(width: int, height: int, kind: int = 0xC2) -> bytes:
    thumbnail = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0\xff\xd9"
    exif = b"\xff\xe1" + struct.pack(">H", 2 + len(thumbnail)) + thumbnail
    frame = b"\xff\xff" + bytes([kind]) + struct.pack(">HBHHB3x", 11, 8, height, width, 1)
    return b"\xff\xd8" + exif + frame + b"\xff\xda\0\x08\x01\x01\0\0?\0\x12\x34\xff\xd9"


def gif(width: int, height: int) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    loop = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    return b"GIF89a" + screen + loop + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02D\x01\0;"


def webp(kind: bytes, content: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14 | 1 << 28))


def extended(width: int, height: int) -> bytes:
    return webp(b"VP8X", bytes(4) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3])


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


def avif(width: int, height: int, *, turned: bool = False) -> bytes:
    """Return what an encoder writes: a grid is item 1, with a tile of another size as item 2."""
    extents = [box(b"ispe", bytes(4), struct.pack(">II", *size)) for size in ((16, 16), (width, height))]
    properties = box(b"ipco", extents[0], box(b"pixi", bytes(5)), extents[1], box(b"irot", bytes([1 if turned else 0])))
    of_tile, of_grid = struct.pack(">HBB", 2, 1, 1), struct.pack(">HBBBB", 1, 3, 3, 0x80 | 2, 0x80 | 4)
    associations = box(b"ipma", struct.pack(">II", 0, 2), of_tile, of_grid)
    meta = box(b"meta", bytes(4), box(b"pitm", bytes(4), b"\0\x01"), box(b"iprp", properties, associations))
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"
    return box(b"ftyp", b"mif1", bytes(4), b"miafavif") + meta + large


PICTURES = {
    "png": png,
    "jpeg": jpeg,
    "gif": gif,
    "lossy": lossy,
    "lossless": lossless,
    "extended": extended,
    "avif": avif,
}
TYPES = {"lossy": "image/webp", "lossless": "image/webp", "extended": "image/webp"}


@pytest.mark.parametrize("name", PICTURES)
def test_each_kind_says_its_size(name: str) -> None:
    body = PICTURES[name](640, 427)
    expected = PictureFile(media_type=TYPES.get(name, f"image/{name}"), width=640, height=427, body=body)
    assert read_picture(body) == expected
    assert read_picture(body + b"\0\0") == (expected_with(expected, body + b"\0\0") if name != "avif" else None)


def expected_with(file: PictureFile, body: bytes) -> PictureFile:
    return PictureFile(media_type=file.media_type, width=file.width, height=file.height, body=body)


@pytest.mark.parametrize("name", PICTURES)
def test_one_that_was_cut_short_is_none(name: str) -> None:
    body = PICTURES[name](640, 427)
    for end in range(len(body) - 1):
        assert read_picture(body[:end]) is None


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("size", [(1, 1), (640, 2), (16_000, 16_000)])
def test_trackers_and_bombs_are_none(name: str, size: tuple[int, int]) -> None:
    assert read_picture(PICTURES[name](*size)) is None


def test_a_picture_that_is_shown_turned_has_the_size_it_is_shown_with() -> None:
    file = read_picture(avif(640, 427, turned=True))
    assert file is not None
    assert (file.width, file.height) == (427, 640)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"<!DOCTYPE html><title>Not found</title>",
        b"BM" + bytes(60),
        box(b"ftyp", b"heic", bytes(4), b"mif1") + bytes(60),
        png(9, 9).replace(b"\0\0\0\x09\x01", b"\0\0\0\x08\x01"),
    ],
    ids=["nothing", "svg", "html", "bmp", "heic", "a sum that is wrong"],
)
def test_anything_else_is_none(body: bytes) -> None:
    assert read_picture(body) is None


@given(st.binary(max_size=200), st.sampled_from(sorted(PICTURES)), st.data())
def test_arbitrary_bytes_are_a_picture_or_none(noise: bytes, name: str, data: st.DataObject) -> None:
    read_picture(noise)
    body = PICTURES[name](640, 427)
    at = data.draw(st.integers(0, len(body)))
    for spoilt in (body[:at] + noise, body[:at] + noise + body[at + len(noise) :]):
        file = read_picture(spoilt)
        assert file is None or (3 <= file.width <= 16_384 and 3 <= file.height <= 16_384)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xd8" + b"\xff\xe0\0\x02" * 1_200_000,
        b"\xff\xd8" + b"\xff" * 5_000_000,
        gif(9, 9)[:19] + b"!\xfe" + b"\x01\0" * 2_500_000,
        gif(9, 9)[:19] + b"!\xfe\0" * 1_600_000,
        box(b"ftyp", b"avif") + box(b"free") * 600_000,
    ],
    ids=["jpeg segments", "jpeg fill", "gif blocks", "gif extensions", "avif boxes"],
)
def test_millions_of_parts_are_not_all_looked_at(body: bytes) -> None:
    assert read_picture(body) is None
