"""Scores of extractors on labelled pages, and that ours is as good as trafilatura's defaults."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli.main import main
from feedsvc.errors import DataSetError
from feedsvc.evaluate.extraction import Labelled, defaults, evaluate, labelled_pages, ours

TEXT = "The old bridge was closed in spring because its second pier had moved by nine centimetres in a single week."
PAGE = f"<html><body><article><h1>The bridge</h1><p>{TEXT}</p><p>{TEXT[::-1]}</p></article></body></html>".encode()


def extraction(folder: Path) -> dict[str, object]:
    result = CliRunner().invoke(main, ["evaluate", "extraction", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    figures: dict[str, object] = json.loads(result.output)
    return figures


def test_whole_texts_score_by_phrases() -> None:
    pages = [Labelled(url="https://a.example/", page=b"", text="a b c d e"), Labelled(url="", page=b"", text="a b c d")]
    score = evaluate(pages, lambda url, page: "a b c d")
    assert (score.precision, score.recall) == (1.0, 0.75)
    assert score.f1 == pytest.approx(6 / 7)


def test_nothing_found_scores_nothing() -> None:
    score = evaluate([Labelled(url="", page=b"", text="a b c d e")], lambda url, page: "")
    assert (score.precision, score.recall, score.f1) == (0.0, 0.0, 0.0)


def test_segments_count_each() -> None:
    pages = [Labelled(url="", page=b"", wanted=("one", "two"), unwanted=("three", "four"))]
    score = evaluate(pages, lambda url, page: "one three")
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)


def test_folder_of_whole_texts(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/x.html.gz").write_bytes(gzip.compress(PAGE))
    (tmp_path / "truth.jsonl").write_text(json.dumps({"id": "x", "url": "https://a.example/", "text": TEXT}))
    figures = extraction(tmp_path)
    assert {"f1", "precision", "recall", "per_second", "defaults"} <= figures.keys()
    assert figures["recall"] == 1.0
    assert "trafilatura's defaults" in CliRunner().invoke(main, ["evaluate", "extraction", str(tmp_path)]).output


def test_folder_of_segments(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pages.tar", "w") as archive:
        member = tarfile.TarInfo("cache/x.html")
        member.size = len(PAGE)
        archive.addfile(member, io.BytesIO(PAGE))
    labels = {
        "https://a.example/": {"file": "x.html", "with": ["second pier"], "without": ["cookie"]},
        "https://b.example/": {"file": "not-there.html", "with": ["x"], "without": []},
    }
    (tmp_path / "evaldata.json").write_text(json.dumps(labels))
    assert len(labelled_pages(tmp_path)) == 1
    assert extraction(tmp_path)["f1"] == 1.0


@pytest.mark.parametrize("name", ["other.txt", "truth.jsonl", "evaldata.json"])
def test_folder_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{")
    with pytest.raises(DataSetError):
        labelled_pages(tmp_path)
    result = CliRunner().invoke(main, ["evaluate", "extraction", str(tmp_path)])
    assert result.exit_code == 1


@pytest.mark.shared
def test_ours_is_as_good_as_the_defaults_on_whole_texts(shared: Path) -> None:
    pages = labelled_pages(shared / "extraction/benchmark")
    found = evaluate(pages, ours)
    assert found.f1 >= 0.970
    assert found.f1 >= evaluate(pages, defaults).f1


@pytest.mark.shared
def test_ours_is_as_good_as_the_defaults_on_segments(shared: Path) -> None:
    pages = labelled_pages(shared / "extraction/segments")[::6]  # all take a minute
    assert evaluate(pages, ours).f1 >= evaluate(pages, defaults).f1
