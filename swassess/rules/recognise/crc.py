"""Flash checks recognised from trace and image: which bytes are really read, by which code, against which reference.

The algorithm is solved for: each known check code is computed over the bytes really read, and accepted when its value
is the one the program reads or stores right after the last byte, or when the values the program keeps between slices
are its intermediate states. Codes of 16 bit or less need the states, or a parameter set in general use and a reference
in flash, because a short value can agree by chance.

What it does not prove: that a difference leads anywhere. That is for the campaign.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from swassess.model.declared import AddressRange
from swassess.model.trace import READ, WRITE, Trace
from swassess.rules.recognise import check_codes
from swassess.rules.recognise.check_codes import CheckCode, candidates
from swassess.rules.recognise.flash_scan import Scan, Slice, flash_scans
from swassess.rules.recognise.phases import is_startup

AFTER_ROWS = 64  # memory accesses after the last byte in which the comparison is looked for
STATE_ROWS = 24  # after a slice, in which its state is put away
COPY_ROWS = 8  # between reading a constant from flash and writing it to RAM
MAXIMUM_RANGES = 4
MINIMUM_STATES = 3
_UNKNOWN = CheckCode("unknown", "unknown", 32)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One pass: ticks of the first byte, of the last, and of the comparison (the last byte where none was seen)."""

    start: int
    end: int
    compare: int


@dataclass(frozen=True, slots=True)
class FlashCheck:
    """One flash check as executed, in one phase.

    ranges: bytes really read in one cycle. code: the check code (family "unknown" when none fits). final_xor: applied
    to the computed value. reference_address/reference: what the program compares with (None when not seen).
    program_computed: the reference is a RAM word that the program itself computed. states: values kept between slices
    that equal the code's states. cycle: longest pass in ticks. worst: longest time from reading a byte to the
    comparison after the next reading of it, at least to the end of the trace; None when the check ran once.
    """

    phase: str
    algorithm: str
    code: CheckCode
    final_xor: int
    ranges: tuple[AddressRange, ...]
    computed: int | None
    reference_address: int | None
    reference: int | None
    program_computed: bool
    states: int
    slices: int
    cycles: tuple[Cycle, ...]
    cycle: int
    worst: int | None
    blocks: tuple[int, ...]

    @property
    def recognised(self) -> bool:
        return self.code.family != "unknown"

    @property
    def agrees(self) -> bool:
        """Computed value and reference are known and equal."""
        return self.reference is not None and self.reference == self.computed

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        if not self.recognised:
            return ()
        return (*self.code.parameters, ("final exclusive-or", f"0x{self.final_xor:X}"))


def recognise_flash_checks(
    trace: Trace, flash: bytes, area: AddressRange, loop_ticks: npt.ArrayLike = ()
) -> tuple[FlashCheck, ...]:
    """Every flash check of a trace. flash: content of `area`; loop_ticks: entries of the main loop (see phases.py)."""
    scans = list(flash_scans(trace, area))
    found: list[FlashCheck] = []
    solved: dict[tuple[AddressRange, ...], CheckCode] = {}
    at = 0
    while at < len(scans):
        chosen = _solve(trace, flash, area, scans[at : at + 1], solved)
        for count in range(2, MAXIMUM_RANGES + 1):
            group = scans[at : at + count]
            if (chosen and chosen.reference is not None) or len(group) < count or not _disjoint(group):
                break
            # A value put away between two ranges is only a state; the comparison tells where the check ends.
            longer = _solve(trace, flash, area, group, solved, chosen.code if chosen else None)
            if longer and longer.reference is not None:
                chosen = longer
        found.append(chosen or _unsolved(trace, scans[at]))
        at += len(chosen.ranges) if chosen else 1
    found = [check for check in found if check.reference is not None or not _cut_short(check, found)]
    phased = [
        replace(check, phase="startup" if is_startup(trace, check.cycles[0].start, loop_ticks)[0] else "periodic")
        for check in found
    ]
    return _merge(trace, phased)


def detects_all_single_bit_flips(check: FlashCheck) -> tuple[bool, str]:
    """(holds, why): whether each single flipped bit of the bytes really read changes the value compared."""
    if not check.recognised:
        return False, "the check code is not known"
    return check_codes.detects_all_single_bit_flips(check.code)


def _disjoint(scans: Sequence[Scan]) -> bool:
    ranges = sorted((scan.range for scan in scans), key=lambda r: r.start)
    return all(low.end < high.start for low, high in pairwise(ranges))


def _solve(
    trace: Trace,
    flash: bytes,
    area: AddressRange,
    scans: Sequence[Scan],
    solved: dict[tuple[AddressRange, ...], CheckCode],
    only: CheckCode | None = None,
) -> FlashCheck | None:
    slices = [piece for scan in scans for piece in scan.slices]
    ranges = tuple(scan.range for scan in scans)
    after = _rows_after(trace, slices[-1].last_row, AFTER_ROWS)
    kept = [_values_written(trace, piece) for piece in slices]
    known = solved.get(ranges) or only
    tried = [known] if known else list(candidates())
    if len(scans) > 1:  # rare, and every code more costs time
        tried = [code for code in tried if code is known or code.named or code.family != "crc"]
    for code in tried:
        inside = code.width // 8  # a reference right behind the range looks like the last of it
        best: FlashCheck | None = None
        for drop in (0, inside) if inside in (2, 4) else (0,):
            pieces = [flash[piece.start - area.start : piece.end - area.start] for piece in slices]
            pieces[-1] = pieces[-1][: len(pieces[-1]) - drop]
            if not pieces[-1]:
                continue
            found = _accept(trace, code, code.values(pieces), scans, slices, kept, after, drop)
            if found and (best is None or found.reference is not None):
                best = found
        if best:
            solved[ranges] = code
            return best
    return None


def _accept(
    trace: Trace,
    code: CheckCode,
    values: list[int],
    scans: Sequence[Scan],
    slices: list[Slice],
    kept: list[frozenset[int]],
    after: npt.NDArray[np.int64],
    drop: int,
) -> FlashCheck | None:
    memory = trace.memory
    ranges = [scan.range for scan in scans]
    best: tuple[int, FlashCheck] | None = None
    for final_xor in (0, code.mask):
        result = values[-1] ^ final_xor
        states = sum(v in seen or v ^ final_xor in seen for v, seen in zip(values[:-1], kept[:-1], strict=True))
        certain = states >= MINIMUM_STATES and states >= 0.9 * (len(values) - 1)
        row = _reference_row(trace, code, result, slices, after)
        address, computed = None, False
        end = int(memory.ticks[slices[-1].last_row])
        compare = end
        if drop:
            address = ranges[-1].end - drop
            stored = memory.value[slices[-1].last_row]
            if drop != slices[-1].size or int(stored) != result:
                continue
            ranges = [*ranges[:-1], AddressRange(ranges[-1].start, address)]
        elif row is not None:
            address, compare = int(memory.address[row]), int(memory.ticks[row])
            computed = _computed_by_program(trace, row, slices[0].first_row)
        else:
            stored_now = np.any((memory.kind[after] == WRITE) & (memory.value[after] == result))
            certain = certain or (code.width == 32 and bool(stored_now))
        in_flash = address is not None and scans[0].range.start >> 24 == address >> 24
        if not (
            certain or (address is not None and (code.width >= 32 or (code.named and in_flash and code.width > 8)))
        ):
            continue
        check = FlashCheck(
            phase="",
            algorithm=code.name,
            code=code,
            final_xor=final_xor,
            ranges=tuple(ranges),
            computed=result,
            reference_address=address,
            reference=None if address is None else result,
            program_computed=computed,
            states=states,
            slices=len(slices),
            cycles=(Cycle(int(memory.ticks[slices[0].first_row]), end, compare),),
            cycle=0,
            worst=None,
            blocks=tuple(sorted(frozenset().union(*(scan.blocks for scan in scans)))),
        )
        # A final exclusive-or is chosen by the reference; without one the plain value is as good.
        score = 2 * (address is not None) + (not final_xor)
        if best is None or score > best[0]:
            best = (score, check)
    return best[1] if best else None


def _reference_row(
    trace: Trace, code: CheckCode, result: int, slices: list[Slice], after: npt.NDArray[np.int64]
) -> int | None:
    """The read of the reference: constant in flash, or in RAM a word not written since the cycle began."""
    memory = trace.memory
    equal = after[
        (memory.kind[after] == READ) & (memory.value[after] == result) & (memory.size[after] * 8 >= code.width)
    ]
    low, high = slices[0].start >> 24, slices[0].start >> 24
    for row in equal:
        if low <= int(memory.address[row]) >> 24 <= high:
            return int(row)
    for row in equal:
        writes = _writes(trace, int(memory.address[row]), int(row))
        if len(writes) == 0 or writes[-1] < slices[0].first_row:
            return int(row)
    return None


def _computed_by_program(trace: Trace, row: int, first_row: int) -> bool:
    """Whether the word in RAM was put there by other means than copying a constant from flash."""
    memory = trace.memory
    writes = _writes(trace, int(memory.address[row]), row)
    if len(writes) == 0:
        return False
    last = int(writes[-1])
    near = slice(max(0, last - COPY_ROWS), last)
    read = (memory.kind[near] == READ) & (memory.value[near] == memory.value[row])
    constant = memory.address[near] >> np.uint32(24) == memory.address[first_row] >> np.uint32(24)
    return not bool(np.any(read & constant))


def _writes(trace: Trace, address: int, before: int) -> npt.NDArray[np.int64]:
    memory = trace.memory
    return np.flatnonzero((memory.address[:before] == address) & (memory.kind[:before] == WRITE)).astype(np.int64)


def _rows_after(trace: Trace, row: int, count: int) -> npt.NDArray[np.int64]:
    return np.arange(row + 1, min(row + 1 + count, len(trace.memory.address)), dtype=np.int64)


def _values_written(trace: Trace, piece: Slice) -> frozenset[int]:
    rows = _rows_after(trace, piece.last_row, STATE_ROWS)
    rows = rows[trace.memory.kind[rows] == WRITE]
    return frozenset(map(int, trace.memory.value[rows]))


def _unsolved(trace: Trace, scan: Scan) -> FlashCheck:
    ticks = trace.memory.ticks
    start, end = int(ticks[scan.slices[0].first_row]), int(ticks[scan.slices[-1].last_row])
    cycle = Cycle(start, end, end)
    blocks = tuple(sorted(scan.blocks))
    return FlashCheck("", "unknown", _UNKNOWN, 0, (scan.range,), None, None, None, False, 0, len(scan.slices), (cycle,),
                      0, None, blocks)  # fmt: skip


def _cut_short(check: FlashCheck, found: list[FlashCheck]) -> bool:
    """A pass that ended early (reset, end of the run), or the copying of constants within a checked range."""
    start, end = check.ranges[0].start, check.ranges[0].end
    return any(
        other.reference is not None and any(r.start <= start and end <= r.end for r in other.ranges)
        for other in found
        if other is not check
    )


def _merge(trace: Trace, checks: list[FlashCheck]) -> tuple[FlashCheck, ...]:
    """Equal checks of a phase become one with all their cycles."""
    groups: dict[tuple[object, ...], list[FlashCheck]] = {}
    for check in checks:
        groups.setdefault((check.phase, check.code, check.final_xor, check.ranges), []).append(check)
    merged = []
    for (phase, *_), group in groups.items():
        cycles = tuple(sorted((c for check in group for c in check.cycles), key=lambda c: c.start))
        before = [
            c
            for check in checks
            if phase == "periodic" and check.phase == "startup" and check.ranges == group[0].ranges
            for c in check.cycles
            if c.start < cycles[0].start
        ]
        line = [*before[-1:], *cycles]
        with_reference = [check for check in group if check.reference is not None]
        chosen = with_reference[0] if with_reference else group[0]
        gaps = [later.compare - earlier.start for earlier, later in pairwise(line)]
        merged.append(
            replace(
                chosen,
                cycles=cycles,
                cycle=max(c.compare - c.start for c in cycles),
                worst=max([*gaps, trace.end_ticks - line[-1].start]) if gaps else None,
                program_computed=any(check.program_computed for check in group),
                states=max(check.states for check in group),
                blocks=tuple(sorted({b for check in group for b in check.blocks})),
            )
        )
    return tuple(sorted(merged, key=lambda c: (c.phase != "startup", not c.recognised, c.ranges[0].start)))
