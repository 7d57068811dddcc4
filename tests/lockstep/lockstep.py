"""One program on both, compared."""

import reference
from compare import Comparison, compare, executed, without_repetitions
from machines import Machine, make_mcu

from swassess.emulator.instruction_log import InstructionLog
from swassess.model.time import TICKS_PER_SECOND


def run_ours(machine: Machine, code: bytes, count: int, *, corrupt: int | None = None) -> InstructionLog:
    """Our log of the first `count` instructions; fewer if the core locks up or sleeps for good."""
    mcu = make_mcu(machine, code)
    log = InstructionLog(mcu, count)
    if corrupt is not None:
        log.corrupt(corrupt)
    mcu.run(100 * TICKS_PER_SECOND)
    return log


def lockstep(machine: Machine, code: bytes, count: int, *, corrupt: int | None = None) -> Comparison:
    """Both run `count` instructions (as QEMU counts them, conditional ones that are not executed included)."""
    theirs = reference.run(machine, code, count).registers
    wanted = max(int(executed(without_repetitions(theirs)).sum()), 1)
    log = run_ours(machine, code, wanted, corrupt=corrupt)
    return compare(log.rows, theirs)
