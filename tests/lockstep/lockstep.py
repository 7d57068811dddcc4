"""One program on both, compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import reference
from compare import Comparison, compare, executed, without_repetitions
from machines import RAM, Machine, make_mcu

from swassess.emulator import layout as at
from swassess.emulator.instruction_log import InstructionLog
from swassess.model.time import TICKS_PER_SECOND

_SHOWN = 2  # rows that QEMU may print of instructions that it cannot execute, before it gives up
_PUT_OFF = 20_000  # rows of QEMU that were printed twice leave ours longer


@dataclass(frozen=True, slots=True)
class Ours:
    """Our rows (with the FPU's registers behind, where there are any), and whether the core has locked up."""

    rows: npt.NDArray[np.uint32]
    locked_up: bool


def run_ours(
    machine: Machine, code: bytes, count: int, *, words: Mapping[int, int] | None = None, corrupt: int | None = None
) -> Ours:
    """The first `count` instructions; fewer if the core locks up or sleeps for good. words: in RAM before the start."""
    mcu = make_mcu(machine, code)
    for address, value in (words or {}).items():
        mcu.ram[address - RAM : address - RAM + 4] = list(value.to_bytes(4, "little"))
    log = InstructionLog(mcu, count, floats=machine.fpu)
    if corrupt is not None:
        log.corrupt(corrupt)
    mcu.run(100 * TICKS_PER_SECOND)
    rows = np.hstack([log.rows, log.floats]) if machine.fpu else log.rows.copy()
    return Ours(rows, int(mcu.state[at.SLEEPING]) == at.LOCKED_UP)


def lockstep(
    machine: Machine,
    code: bytes,
    count: int,
    symbols: Mapping[str, int],
    *,
    words: Mapping[int, int] | None = None,
    corrupt: int | None = None,
) -> Comparison:
    """Both run `count` instructions (as QEMU counts them, conditional ones that are not executed included).

    They must end alike: after `count` instructions, or in lockup after the same one.
    """
    loaders = [
        option
        for address, value in (words or {}).items()
        for option in ("-device", f"loader,addr={address:#x},data={value:#x},data-len=4")
    ]
    reference_run = reference.run(machine, code, count, floats=machine.fpu, options=loaders)
    theirs = reference_run.rows
    wanted = max(int(executed(without_repetitions(theirs)).sum()), 1)
    lockup = "Lockup" in reference_run.messages
    ours = run_ours(machine, code, count if lockup else wanted, words=words, corrupt=corrupt)
    result = compare(ours.rows, theirs, icsr_reads(machine, symbols))
    if result.difference or (ours.locked_up == lockup and abs(result.left_over) <= (_SHOWN if lockup else _PUT_OFF)):
        return result
    ends = f"ours {'locks up' if ours.locked_up else 'goes on'}, theirs {'locks up' if lockup else 'goes on'}"
    return Comparison(result.instructions, f"{ends}; {result.left_over} more are ours", result.ours, 0)


def icsr_reads(machine: Machine, symbols: Mapping[str, int]) -> list[int]:
    """See compare(): only Armv6-M has no RETTOBASE."""
    return [] if machine.mainline else [symbols[name] for name in ("look_icsr", "fault_icsr") if name in symbols]
