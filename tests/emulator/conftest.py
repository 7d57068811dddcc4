"""Loads the small programs of programs/ into emulated MCUs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # test modules share emulated.py and assemble.py

from emulated import CLOCK_HZ, FLASH, LSI_HZ, SELECT, Load, Machine, make_scenario, read_image

from swassess.emulator.mcu import Mcu, Taps
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.model.target import TargetDescription
from swassess.target_data import find_target


@pytest.fixture(scope="session")
def target() -> TargetDescription:
    return find_target("STM32F103C8T6")


@pytest.fixture(scope="session")
def load(target: TargetDescription) -> Load:
    def make(
        program: str,
        select: int = 0,
        *,
        taps: Taps = "none",
        monitors: Sequence[tuple[str, str]] = (),
        mode: str = "",
        **scenario: Any,
    ) -> Machine:
        data, symbols = read_image(program)
        names = Names(registers=register_places(target))
        programs = compile_scenario(make_scenario(**scenario), names, monitors, mode)
        image = LoadImage(((FLASH, data),))
        machine = Machine(Mcu(target, image, programs, clock_hz=CLOCK_HZ, lsi_hz=LSI_HZ, taps=taps), symbols)
        machine.set_word(SELECT, select)
        return machine

    return make
