"""`swassess inject --target pyocd:UID`."""

from pathlib import Path

import pytest

from swassess.errors import SwassessError
from swassess.evaluate.replay import replay
from swassess.model.outcome import Outcome
from swassess.target.boards import connected_boards, disconnect_board

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"
TARGET = "pyocd:EMU-STM32F103C8T6"


class Silent:
    def stage(self, name: str, text: str) -> None:
        pass

    def advance(self, name: str, done: int, total: int, note: str = "") -> None:
        pass


@pytest.fixture(autouse=True)
def empty_desk() -> None:
    for board in connected_boards():
        disconnect_board(board.unique_id)


def test_a_flip_is_replayed_on_the_emulated_probe() -> None:
    story = replay(WASHER, "flip@ram:0x20000054.3#hit:main_loop_step:4?wash", TARGET, Silent())
    assert story.outcome.target == TARGET
    assert story.outcome.time_source == "CYCCNT"
    assert story.outcome.outcome in (Outcome.DETECTED, Outcome.MASKED)
    assert "comes into being" in story.lines[1]


@pytest.mark.parametrize(
    ("fault", "target", "sentence"),
    [
        ("stuck-at-1@ram:0x20000100.3#reset?wash", TARGET, "not replayable on pyocd:EMU-STM32F103C8T6"),
        ("flip@ram:0x20000054.3#time:1s?wash", TARGET, "time:1s is not replayable"),
        ("flip@ram:0x20000054.3#hit:main_loop_step:4?wash", "pyocd:EMU-OTHER", "no board EMU-OTHER is connected"),
        ("flip@ram:0x20000054.3#hit:main_loop_step:4?wash", "pyocd:0123", "no probe '0123' is connected"),
        ("flip@ram:0x20000054.3#hit:main_loop_step:4?wash", "silicon", "target 'silicon' is unknown"),
    ],
)
def test_what_cannot_be_replayed_is_refused(fault: str, target: str, sentence: str) -> None:
    with pytest.raises(SwassessError, match=sentence):
        replay(WASHER, fault, target, Silent())
