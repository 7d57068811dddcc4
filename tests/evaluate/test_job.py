"""The main job as a function: what it refuses, what it leaves out, and that it always writes the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from swassess.errors import UsageError
from swassess.evaluate import Options, evaluate
from swassess.model.evaluation import Verdict
from swassess.report.evaluation_json import from_json

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"


class Heard:
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.works: list[tuple[str, int, int]] = []

    def stage(self, name: str, text: str) -> None:
        assert text
        self.stages.append(name)

    def advance(self, name: str, done: int, total: int, note: str = "") -> None:
        self.works.append((name, done, total))


def test_a_row_that_is_not_in_the_table(tmp_path: Path) -> None:
    heard = Heard()
    with pytest.raises(UsageError, match=r"there is no row '4\.9'; rows are 1\.1, .*4\.2"):
        evaluate(WASHER, tmp_path / "out", Options(rows=("1.3", "4.9")), heard)
    assert not heard.stages, "refused before anything is read"
    assert not (tmp_path / "out").exists()


def test_results_need_a_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file; name a folder"):
        evaluate(WASHER, out, Options(check_only=True), Heard())
    assert out.read_text(encoding="utf-8") == "mine"


_PROBE = """
import sys
from pathlib import Path
from swassess.evaluate import Options, evaluate

class Silent:
    def stage(self, name, text): print(name)
    def advance(self, name, done, total, note=""): pass

evaluate(Path(sys.argv[1]), Path(sys.argv[2]), Options(rows=("4.2", "1.3"), check_only=True), Silent())
print("HEAVY", *[name for name in ("numba", "llvmlite", "unicorn") if name in sys.modules])
"""


def test_check_only_needs_no_engine(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-P", "-c", _PROBE, str(WASHER), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["Intake", "Annex", "4", "Image", "Sources", "Report", "HEAVY"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"evaluation.json", "report.html"}
    evaluation = from_json((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert [row.row for row in evaluation.rows] == ["4.2", "1.3"]
    assert {row.verdict for row in evaluation.rows} == {Verdict.NOT_SHOWN}
    assert not evaluation.golden_runs


@pytest.mark.slow
def test_one_row_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """With one worker and with two."""
    heard = []
    for workers in (1, 2):
        progress = Heard()
        evaluation = evaluate(WASHER, tmp_path / str(workers), Options(rows=("1.3",), workers=workers), progress)
        assert [row.row for row in evaluation.rows] == ["1.3"]
        assert evaluation.rows[0].faults > 0
        heard.append(progress)
    assert heard[0].stages == heard[1].stages
    assert heard[0].stages[-3:] == ["Golden runs", "Rows", "Report"]
    assert all(0 <= done <= total for _, done, total in heard[0].works)
    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(names) == 3
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name
