"""`swassess boot` on the console and as JSON."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from swassess.model.boot import BootLearned, BootReport
from swassess.report.formatting import clean, format_address, format_count, format_ticks

SCHEMA = 1
_LEVEL_STYLES = {"main loop": "bold green", "main": "yellow", "reset handler": "bold red", "nothing": "bold red"}
_LAYERS = {
    "core": "core",
    "compiled": "behaviour, compiled",
    "python": "behaviour, Python",
    "learned": "learned",
    "shadow": "keeps what is written",
}
_MOST_REGISTERS = 60
_MOST_REJECTED = 3


def boot_json(report: BootReport) -> str:
    """The whole report; equal runs give equal texts."""
    value: dict[str, Any] = {"schema": SCHEMA, **asdict(report), "reproducible": report.reproducible}
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def print_boot(report: BootReport, console: Console) -> None:
    """What happened, the most important first."""
    _facts(report, console)
    _learned(report, console)
    _registers(report, console)
    _interrupts(report, console)
    _trace(report, console)
    _closing(report, console)


def _facts(report: BootReport, console: Console) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=13)
    grid.add_column(overflow="fold")
    declared = report.declared or "none"
    grid.add_row("image", Text(f"{clean(report.image)}, {report.kind}, SHA-256 {report.sha256[:16]}..."))
    grid.add_row("MCU", Text(f"declared {declared}; detected {report.detected}; run as {report.part} ({report.core})"))
    for line in report.detection[:2]:
        grid.add_row("", Text(clean(line), style="dim"))
    candidates = ", ".join(format_address(address) for address, _ in report.vector_candidates[:6])
    grid.add_row("vectors", Text(f"{format_address(report.vectors)}; candidates: {candidates}"))
    reached = f"{report.level}"
    if report.loop:
        reached += (
            f": {clean(report.loop)} {clean(report.loop_line)}, {format_count(report.passes)} passes ({report.how})"
        )
    elif report.how:
        reached += f" ({report.how})"
    grid.add_row("reached", Text(reached, style=_LEVEL_STYLES.get(report.level, "")))
    grid.add_row("ended", Text(f"{report.ended}, at {clean(report.at)} {clean(report.at_line)}"))
    for line in report.waiting:
        grid.add_row("", Text(clean(line)))
    grid.add_row(
        "executed",
        Text(
            f"{format_count(report.blocks)} different blocks, {format_count(report.instructions)} instructions, "
            f"{format_ticks(report.ticks)} of simulated time"
        ),
    )
    for fault in report.faults:
        words = f": {'; '.join(fault.words)}" if fault.words else ""
        grid.add_row(
            "fault", Text(f"{format_ticks(fault.ticks)} {fault.what} in {clean(fault.symbol)}{words}", style="red")
        )
    for note in report.notes:
        grid.add_row("note", Text(clean(note)))
    console.print(grid)


def _learned(report: BootReport, console: Console) -> None:
    if not report.learned and not report.left:
        return
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("learned", "shows", "polled in", "used", "evidence"):
        table.add_column(title, overflow="fold", justify="right" if title == "used" else "left")
    for entry in report.learned:
        place = f"{entry.symbol} {entry.line}".strip()
        table.add_row(
            Text(entry.name or format_address(entry.address)),
            Text(entry.shown),
            Text(clean(place)),
            Text(format_count(entry.applied)),
            Text(clean(_evidence(entry))),
        )
    if report.learned:
        console.print(table)
    for line in report.left:
        console.print(Text(f"not learned: {clean(line)}"), soft_wrap=True)


def _evidence(entry: BootLearned) -> str:
    parts = [entry.sensitivity] if entry.sensitivity else []
    parts.append(f"{entry.tried} tried")
    if entry.rejected:
        told = "; ".join(f"{what}: {why}" for what, why in entry.rejected[:_MOST_REJECTED])
        more = f"; {len(entry.rejected) - _MOST_REJECTED} more" if len(entry.rejected) > _MOST_REJECTED else ""
        parts.append(f"rejected: {told}{more}")
    return ", ".join(parts)


def _registers(report: BootReport, console: Console) -> None:
    if not report.registers:
        return
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("register", "address", "served by", "reads", "learned", "writes", "first in"):
        table.add_column(title, justify="right" if title in ("reads", "learned", "writes") else "left", no_wrap=True)
    ordered = sorted(report.registers, key=lambda one: (-one.reads - one.writes, one.address))[:_MOST_REGISTERS]
    for one in sorted(ordered, key=lambda one: one.address):
        table.add_row(
            Text(one.name or "unknown"),
            Text(format_address(one.address)),
            Text(_LAYERS[one.layer]),
            Text(format_count(one.reads)),
            Text(format_count(one.learned_reads) if one.learned_reads else ""),
            Text(format_count(one.writes)),
            Text(clean(one.symbol)),
        )
    console.print(table)
    if len(report.registers) > _MOST_REGISTERS:
        console.print(Text(f"{len(report.registers) - _MOST_REGISTERS} registers with fewer accesses: see --json"))
    if report.unmodelled:
        shown = ", ".join(report.unmodelled[:24]) + (", ..." if len(report.unmodelled) > 24 else "")
        console.print(Text(f"without a behaviour ({len(report.unmodelled)}): {clean(shown)}"), soft_wrap=True)


def _interrupts(report: BootReport, console: Console) -> None:
    if not report.interrupts:
        return
    console.print()
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("interrupt", "source", "handler", "taken"):
        table.add_column(title, justify="right" if title == "taken" else "left", no_wrap=True)
    for one in report.interrupts:
        table.add_row(
            Text(f"{one.name} ({one.exception})"),
            Text(one.source),
            Text(clean(one.handler)),
            Text(format_count(one.count)),
        )
    console.print(table)


def _trace(report: BootReport, console: Console) -> None:
    if not report.trace:
        return
    console.print()
    for event in report.trace:
        times = f"  x{event.repeated}" if event.repeated > 1 else ""
        line = f"{format_ticks(event.ticks):>10}  {clean(event.function)}  {clean(event.line)}{times}"
        console.print(Text(line), soft_wrap=True)
        for access in event.accesses:
            console.print(Text(f"{'':12}{clean(access)}"), soft_wrap=True)


def _closing(report: BootReport, console: Console) -> None:
    console.print()
    equal = "two runs from cold start were equal" if report.reproducible else "two runs from cold start DIFFERED"
    line = (
        f"Reached: {report.level}.  {report.learned_share:.1%} of the reads of registers outside the core saw learned "
        f"values ({len(report.learned)} learned).  {equal} ({report.digests[0][:16]})."
    )
    console.print(Text(line, style="bold"), soft_wrap=True)
