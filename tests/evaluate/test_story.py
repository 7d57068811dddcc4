"""The story of one fault."""

import re
from pathlib import Path

import pytest

from swassess.errors import FaultError
from swassess.evaluate import inject
from swassess.evaluate.story import measure_for
from swassess.faults.identity import parse_fault
from swassess.model.outcome import Outcome
from swassess.submission.manifest import read_manifest

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"
STALLED = "stalled@function:main_loop_step#time:500ms?wash"


class Heard:
    def __init__(self) -> None:
        self.stages: list[tuple[str, str]] = []

    def stage(self, name: str, text: str) -> None:
        self.stages.append((name, text))

    def advance(self, name: str, done: int, total: int, note: str = "") -> None:
        pass


def _times(lines: tuple[str, ...]) -> list[float]:
    return [float(found.group(1)) for line in lines if (found := re.match(r"^ *(\d+\.\d{6}) s  \S", line))]


def test_lines_are_told_in_the_order_of_time() -> None:
    heard = Heard()
    story = inject(WASHER, STALLED, heard)
    assert story.fault == STALLED
    assert heard.stages[0][0] == "Golden run"
    assert story.lines[0].startswith("judged by measure M1.3")
    times = _times(story.lines)
    assert len(times) == len(story.lines) - 1 >= 3, "every further line begins with its time"
    assert times == sorted(times)
    assert times[0] == pytest.approx(0.5, abs=1e-3)
    told = [line.partition(" s  ")[2] for line in story.lines[1:]]
    assert told[0].endswith("comes into being")
    assert "for the first time" in told[1]
    assert told[2].startswith("reset by iwdg")


def test_the_record_is_that_of_the_story() -> None:
    story = inject(WASHER, "stuck-at-1@ram:0x20000100.3#reset?cold-start", Heard())
    assert story.outcome.outcome is Outcome.DETECTED
    entered = next(line for line in story.lines if "entered" in line)
    assert float(entered.split()[0]) == pytest.approx((story.outcome.detection_ticks or 0) / 1e12, abs=1e-6)
    assert "(Reset_Handler+" in entered, "addresses are told with their function: the march is left by a jump"
    assert "startup.S:" in entered
    assert _times(story.lines) == sorted(_times(story.lines))


def test_the_same_story_twice() -> None:
    first, again = (inject(WASHER, STALLED, Heard()) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ("stuck-at-1@ram:0x20000100.3#reset?boil", "'boil' is not declared; declared are .*cold-start"),
        ("stuck-at-1@ram:0x20005000.3#reset?cold-start", "not in RAM"),
        ("stuck-at-1@reg:r3.3#reset?cold-start", "cannot be injected yet"),
        ("dead@irq:TIM2#reset?cold-start", "no measure|cannot be injected"),
        ("nonsense", "position"),
    ],
)
def test_what_cannot_be_told(identity: str, why: str) -> None:
    with pytest.raises(FaultError, match=why):
        inject(WASHER, identity, Heard())


@pytest.mark.parametrize(
    ("identity", "measure"),
    [
        ("stuck-at-1@ram:0x20000100.3#reset?wash", "M4.2-startup"),
        ("stuck-at-1@ram:0x20000100.3#time:1s?wash", "M4.2-periodic"),
        ("flip-data@flash:0x08000100.3#reset?wash", "M4.1-startup"),
        ("flip-execution@flash:0x08000100.3#hit:main_loop_step:3?wash", "M4.1-periodic"),
        ("stuck-at-1@reg:pc.3#reset?wash", "M1.3"),
        (STALLED, "M1.3"),
    ],
)
def test_the_measure_that_judges(identity: str, measure: str) -> None:
    declaration = read_manifest(WASHER).declaration
    assert measure_for(declaration, parse_fault(identity)).id == measure
