"""How well the main text of pages is found, beside trafilatura with its default settings on the same pages.

Two kinds of labelled folders. With `truth.jsonl` and `pages/<id>.html.gz` the whole text is known: precision and recall
of its sequences of four words, averaged over the pages, F1 of the means (as the Article Extraction Benchmark scores).
With `evaldata.json` and a tar archive, segments are known that must be and must not be in the text (as trafilatura
scores itself): each counts once.
"""

import gzip
import json
import logging
import re
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import trafilatura

from feedsvc.errors import DataSetError, SourceError
from feedsvc.extract.article import read_article
from feedsvc.model import Document, LocalText, Source

_WORD = re.compile(r"\w+")
_SOURCE = Source(id="evaluation", title=LocalText(by_language=()), url="https://example.org/")
#: Pages are read as if they came now; no score depends on it.
_AT = datetime(2025, 1, 1, tzinfo=UTC)

Extractor = Callable[[str, bytes], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A page, and its text or the segments that must be and must not be in its text."""

    url: str
    page: bytes
    text: str | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an extractor came to; pages a second on one core."""

    precision: float
    recall: float
    f1: float
    per_second: float
    pages: int


def labelled_pages(folder: Path) -> list[Labelled]:
    """Return the labelled pages of a folder in either form; raises DataSetError."""
    try:
        if (folder / "truth.jsonl").is_file():
            return list(_with_texts(folder))
        if (folder / "evaldata.json").is_file():
            return list(_with_segments(folder))
    except (OSError, ValueError, KeyError, TypeError, tarfile.TarError) as error:
        raise DataSetError(f"{folder}: cannot be read: {error!r}") from error
    raise DataSetError(f"{folder}: holds neither truth.jsonl nor evaldata.json")


def _with_texts(folder: Path) -> Iterator[Labelled]:
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        page = gzip.decompress((folder / "pages" / f"{label['id']}.html.gz").read_bytes())
        yield Labelled(url=label["url"], page=page, text=label["text"])


def _with_segments(folder: Path) -> Iterator[Labelled]:
    """Yield what is labelled and in the archive; trafilatura labels some pages that it does not give away."""
    labels = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    archive = next(iter(sorted(folder.glob("*.tar*"))), None)
    if archive is None:
        raise DataSetError(f"{folder}: there is no archive of pages beside evaldata.json")
    pages: dict[str, bytes] = {}
    with tarfile.open(archive) as members:
        for member in members:
            if (file := members.extractfile(member) if member.isfile() else None) is not None:
                pages[PurePosixPath(member.name).name] = file.read()
    for url, label in labels.items():
        if (page := pages.get(label["file"])) is not None:
            yield Labelled(url=url, page=page, wanted=tuple(label["with"]), unwanted=tuple(label["without"]))


def ours(url: str, page: bytes) -> str:
    """Return the text that a story would get from this page."""
    address = url if url.startswith(("http://", "https://")) else _SOURCE.url
    document = Document(url=address, status=200, body=page, content_type="text/html", fetched_at=_AT)
    try:
        content = read_article(document, _SOURCE).content
    except SourceError:
        return ""
    return (content.text or "") if content is not None else ""


def defaults(url: str, page: bytes) -> str:
    """Return trafilatura's text, without readers' comments, which both sets count as unwanted."""
    return trafilatura.extract(page, url=url, include_comments=False) or ""


def evaluate(pages: Sequence[Labelled], extractor: Extractor) -> Score:
    """Run an extractor over all pages, one after the other."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    begun = time.perf_counter()
    texts = [extractor(page.url, page.page) for page in pages]
    seconds = time.perf_counter() - begun
    whole = [(page.text, text) for page, text in zip(pages, texts, strict=True) if page.text is not None]
    precision, recall = _by_phrases(whole) if whole else _by_segments(pages, texts)
    both = precision + recall
    return Score(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / both if both else 0.0,
        per_second=len(pages) / seconds if seconds else 0.0,
        pages=len(pages),
    )


def _by_phrases(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    scores = [_phrase_score(_phrases(true), _phrases(found)) for true, found in pairs]
    return sum(p for p, _ in scores) / len(scores), sum(r for _, r in scores) / len(scores)


def _phrases(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def _phrase_score(true: Counter[tuple[str, ...]], found: Counter[tuple[str, ...]]) -> tuple[float, float]:
    both = (true & found).total()
    return both / found.total(), both / true.total()


def _by_segments(pages: Sequence[Labelled], texts: Sequence[str]) -> tuple[float, float]:
    wanted = found = unwanted = 0
    for page, text in zip(pages, texts, strict=True):
        wanted += len(page.wanted)
        found += sum(segment in text for segment in page.wanted)
        unwanted += sum(segment in text for segment in page.unwanted)
    return (found / (found + unwanted) if found + unwanted else 0.0), (found / wanted if wanted else 0.0)
