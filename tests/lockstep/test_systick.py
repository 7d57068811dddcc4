"""SysTick against QEMU: counter, reload, COUNTFLAG, and its exception at the same instruction.

QEMU runs with -icount: an instruction takes 8 ns of its virtual time, and SysTick's reference clock has 1 MHz. Here the
instruction log lets the same time pass by each instruction, and nothing else takes time (core cycles are set to 0).
An edge of the counter that coincides with an instruction comes a picosecond late here, since QEMU shows the old value
at such an instant.
"""

import random

import numpy as np
import pytest
import reference
from compare import EXCEPTION, XPSR_AT, compare, executed, without_repetitions
from images import read_image
from machines import MACHINES, make_mcu

from swassess.emulator import layout as at
from swassess.emulator.instruction_log import InstructionLog

pytestmark = pytest.mark.needs("qemu-system-arm")
SCRIPT, SCRIPT_SIZE = 0x2000, 0x2000 + 64
INSTRUCTION, CLOCK = 8_000, 1_000_001  # picoseconds
OPTIONS = ["-icount", "shift=3,sleep=off"]


def _same(core: str, seed: int, count: int) -> None:
    machine = MACHINES[core]
    program, _ = read_image(f"systick-{core}")
    assert len(program) <= SCRIPT
    code = program.ljust(SCRIPT, b"\0") + random.Random(f"systick {seed}").randbytes(SCRIPT_SIZE)
    theirs = reference.run(machine, code, count, options=OPTIONS).rows
    mcu = make_mcu(machine, code)
    mcu.state[at.CYCLE_TICKS] = 0
    mcu.state[at.SYSTICK_EXTERNAL_TICKS] = CLOCK
    log = InstructionLog(mcu, int(executed(without_repetitions(theirs)).sum()))
    log.time_by_instruction(INSTRUCTION)
    mcu.run(2 * count * INSTRUCTION)
    result = compare(log.rows, theirs)
    assert result.difference == ""
    assert result.instructions > 0.8 * count
    entries = np.count_nonzero(np.diff(((result.ours[:, XPSR_AT] & EXCEPTION) == 15).astype(int)) == 1)
    assert entries > 0.0002 * count


@pytest.mark.parametrize("core", ["m3"])
@pytest.mark.parametrize("seed", range(2))
def test_systick_is_equal(core: str, seed: int) -> None:
    _same(core, seed, 20_000)


@pytest.mark.slow
@pytest.mark.parametrize("core", ["m3", "m4"])
@pytest.mark.parametrize("seed", range(10, 13))
def test_systick_stays_equal(core: str, seed: int) -> None:
    _same(core, seed, 200_000)
