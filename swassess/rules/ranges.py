"""Arithmetic on half-open address ranges."""

from collections.abc import Iterable
from itertools import pairwise

from swassess.model.declared import AddressRange
from swassess.model.evaluation import MemorySpan
from swassess.rules.evidence import UsedSpan


def union(ranges: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """The same bytes as sorted ranges that neither touch nor overlap."""
    merged: list[AddressRange] = []
    for r in sorted(ranges, key=lambda r: (r.start, r.end)):
        if merged and r.start <= merged[-1].end:
            merged[-1] = AddressRange(merged[-1].start, max(merged[-1].end, r.end))
        elif r.start < r.end:
            merged.append(r)
    return tuple(merged)


def without(ranges: Iterable[AddressRange], covered: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Bytes of `ranges` that are not in `covered`."""
    left: list[AddressRange] = []
    cover = union(covered)
    for r in union(ranges):
        at = r.start
        for c in cover:
            if c.end <= at or c.start >= r.end:
                continue
            if c.start > at:
                left.append(AddressRange(at, c.start))
            at = max(at, c.end)
        if at < r.end:
            left.append(AddressRange(at, r.end))
    return tuple(left)


def size(ranges: Iterable[AddressRange]) -> int:
    """Number of bytes, each counted once."""
    return sum(r.end - r.start for r in union(ranges))


def text(ranges: Iterable[AddressRange]) -> str:
    """`0x20004f00-0x20004fff, ...` (last byte included)."""
    return ", ".join(f"0x{r.start:08x}-0x{r.end - 1:08x}" for r in ranges) or "nothing"


def memory_map(whole: AddressRange, used: Iterable[UsedSpan], tested: Iterable[AddressRange]) -> tuple[MemorySpan, ...]:
    """The whole memory cut into spans: "used" (and tested), "used_untested", "tested" (not in use), "unused"."""
    spans = sorted(used, key=lambda s: (s.start, s.end, s.label))
    cover = union(tested)
    edges = {whole.start, whole.end}
    for start, end in [*((s.start, s.end) for s in spans), *((c.start, c.end) for c in cover)]:
        edges |= {min(max(edge, whole.start), whole.end) for edge in (start, end)}
    marks = sorted(edges)
    result: list[MemorySpan] = []
    for start, end in pairwise(marks):
        holder = next((s for s in spans if s.start <= start < s.end), None)
        is_tested = any(c.start <= start < c.end for c in cover)
        state = ("used" if is_tested else "used_untested") if holder else ("tested" if is_tested else "unused")
        label = (holder.label or holder.kind) if holder else ""
        if result and result[-1].state == state and result[-1].label == label and result[-1].end == start:
            result[-1] = MemorySpan(result[-1].start, end, state, label)
        else:
            result.append(MemorySpan(start, end, state, label))
    return tuple(result)
