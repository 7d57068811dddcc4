import os
from pathlib import Path

import pytest

from swassess.errors import UsageError
from swassess.report import write
from swassess.report.evaluation_json import from_json
from swassess.report.write import write_outputs

from .sample import conforming, sample_evaluation


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    json_path, html_path = write_outputs(sample_evaluation(), tmp_path / "deep" / "out")
    assert sorted(contents(tmp_path / "deep" / "out")) == ["evaluation.json", "report.html"]
    assert from_json(json_path.read_text(encoding="utf-8")) == sample_evaluation()
    assert html_path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write_outputs(sample_evaluation(), tmp_path)
    first = contents(tmp_path)
    write_outputs(sample_evaluation(), tmp_path)
    assert contents(tmp_path) == first


def test_an_earlier_report_survives_a_failure_of_the_disc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_outputs(sample_evaluation(), tmp_path)
    before = contents(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_outputs(conforming(), tmp_path)
    assert contents(tmp_path) == before


def test_an_earlier_report_survives_a_failing_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_outputs(sample_evaluation(), tmp_path)
    before = contents(tmp_path)

    def fail(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(write, "render_html", fail)
    with pytest.raises(ZeroDivisionError):
        write_outputs(conforming(), tmp_path)
    assert contents(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="choose another folder with --out"):
        write_outputs(conforming(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
