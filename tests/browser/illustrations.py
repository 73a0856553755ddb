"""Draws the demonstration's pictures from their SVG: `python -m tests.browser.illustrations`, after one was edited.

They are published as PNG with a palette: publishers and readers know that, and flat drawings need under 20 KB.
"""

import base64
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tests.browser.chromium import chromium

FOLDER = Path(__file__).parents[2] / "feedsvc" / "demo" / "pictures"
WIDTH, HEIGHT = 960, 540

#: draws, chooses the commonest colours that differ to the eye, and returns them with each pixel's place among them
_DRAW = """async ([svg, width, height]) => {
  const image = new Image();
  image.src = "data:image/svg+xml;base64," + svg;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, width, height).data;
  const pixels = Array.from({ length: width * height }, (_, i) =>
    (bytes[i * 4] << 16) | (bytes[i * 4 + 1] << 8) | bytes[i * 4 + 2]);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const colours = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const distance = (a, b) => {
    const [red, green, blue] = [16, 8, 0].map(shift => ((a >> shift) & 255) - ((b >> shift) & 255));
    return 2 * red * red + 4 * green * green + 3 * blue * blue;
  };
  const palette = [];
  for (const colour of colours)
    if (palette.length < 12 || (palette.length < 64 && palette.every(other => distance(other, colour) > 900)))
      palette.push(colour);
  const nearest = new Map(colours.map(colour => {
    const distances = palette.map(other => distance(other, colour));
    return [colour, distances.indexOf(Math.min(...distances))];
  }));
  return [palette, btoa(pixels.map(pixel => String.fromCharCode(nearest.get(pixel))).join(""))];
}"""


def png(palette: Sequence[int], pixels: bytes) -> bytes:
    rows = b"".join(b"\0" + pixels[start : start + WIDTH] for start in range(0, len(pixels), WIDTH))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    colours = b"".join(colour.to_bytes(3, "big") for colour in palette)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def main() -> None:
    with chromium() as browser:
        page = browser.new_page()
        for path in sorted(FOLDER.glob("*.svg")):
            svg = base64.b64encode(path.read_bytes()).decode()
            palette, pixels = page.evaluate(_DRAW, [svg, WIDTH, HEIGHT])
            path.with_suffix(".png").write_bytes(png(palette, base64.b64decode(pixels)))


if __name__ == "__main__":
    main()
