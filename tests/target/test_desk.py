"""What may lie on the desk, and what is refused in one sentence."""

from pathlib import Path

import pytest

from swassess.errors import SwassessError
from swassess.evaluate.desk import set_up

ROOT = Path(__file__).resolve().parents[2]
WASHER = ROOT / "fixtures" / "washer"
ELF = WASHER / "firmware" / "images" / "washer.elf"


def test_a_submission_brings_its_mcu_and_a_scenario() -> None:
    desk = set_up(WASHER, scenario="wash")
    assert (desk.board.unique_id, desk.scenario, desk.elf) == ("EMU-STM32F103C8T6", "wash", ELF)
    assert desk.board.pyocd_target == "stm32f103rc"


def test_an_image_runs_on_the_mcu_that_is_named() -> None:
    desk = set_up(ELF, "STM32F103C8T6")
    assert (desk.firmware, desk.scenario, desk.elf, desk.detected) == ("washer.elf", "", ELF, "")


def test_the_mcu_of_an_image_is_detected() -> None:
    desk = set_up(ELF)
    assert desk.board.part.startswith("STM32F1")
    assert desk.detected in ("clear", "likely", "possible")


@pytest.mark.parametrize(
    ("path", "part", "scenario", "sentence"),
    [
        (ROOT / "nothing.elf", "", "", "there is no .*nothing.elf"),
        (ROOT / "fixtures" / "boot" / "images" / "f103-boot.bin", "", "", "say which MCU f103-boot.bin is for"),
        (ELF, "STM32X", "", "is not described"),
        (ELF, "STM32F103C8T6", "wash", "needs a submission"),
        (WASHER, "", "spin", "scenario 'spin' is not declared; declared are"),
        (WASHER, "STM32F103CBT6", "", "the submission is for STM32F103C8T6"),
        (ROOT / "README.md", "STM32F103C8T6", "", "README.md is no firmware image"),
        (None, "", "", "name an image, a submission or an MCU part"),
    ],
)
def test_the_rest_is_refused(path: Path | None, part: str, scenario: str, sentence: str) -> None:
    with pytest.raises(SwassessError, match=sentence):
        set_up(path, part, scenario)
