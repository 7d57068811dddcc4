"""Loads the small programs of programs/ into emulated MCUs."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # test modules share emulated.py and assemble.py

from emulated import CLOCK_HZ, FLASH, LSI_HZ, SELECT, Load, Machine, make_scenario, read_image

from swassess.emulator import layout as at
from swassess.emulator.cores import CORES
from swassess.emulator.mcu import Mcu, Taps
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.model.target import TargetDescription
from swassess.target_data import find_target


@pytest.fixture(scope="session")
def target() -> TargetDescription:
    return find_target("STM32F103C8T6")


def with_core(target: TargetDescription, core: str, fpu: bool, mpu: bool) -> TargetDescription:
    """The same MCU around another core: its interrupts, memories and peripherals, but nothing of the old core's own."""
    small = CORES[core].features & (at.F_MAINLINE | at.F_V8M) == 0
    return replace(
        target,
        core=core,
        fpu=fpu and CORES[core].features & at.F_FPU != 0,
        mpu=mpu,
        bit_band=CORES[core].features & at.F_BIT_BAND != 0,
        priority_bits=2 if small else 4,
        interrupts=tuple(one for one in target.interrupts if one.number < 32) if small else target.interrupts,
        peripherals=tuple(block for block in target.peripherals if block.name != "SCB"),
    )


@pytest.fixture(scope="session")
def load(target: TargetDescription) -> Load:
    def make(
        program: str,
        select: int = 0,
        *,
        taps: Taps = "none",
        monitors: Sequence[tuple[str, str]] = (),
        mode: str = "",
        core: str = "",
        fpu: bool = True,
        mpu: bool = True,
        **scenario: Any,
    ) -> Machine:
        data, symbols = read_image(program)
        mcu = with_core(target, core, fpu, mpu) if core else target
        names = Names(registers=register_places(mcu))
        programs = compile_scenario(make_scenario(**scenario), names, monitors, mode)
        image = LoadImage(((FLASH, data),))
        machine = Machine(Mcu(mcu, image, programs, clock_hz=CLOCK_HZ, lsi_hz=LSI_HZ, taps=taps), symbols)
        machine.set_word(SELECT, select)
        return machine

    return make
