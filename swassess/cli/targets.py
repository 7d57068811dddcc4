"""`swassess targets`: lists the series and parts that are described, or shows one part."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from swassess.model.target import Part, Peripheral, TargetDescription

_ANSWERED = {"compiled": "model (compiled)", "python": "model", "shadow": "learned"}


def targets(
    part: Annotated[
        str,
        typer.Argument(
            metavar="[PART]",
            help="A part number such as STM32F103C8T6, or a series such as STM32G0.",
            show_default=False,
        ),
    ] = "",
    probes: Annotated[bool, typer.Option("--probes", help="List the debug probes that are connected instead.")] = False,
) -> int:
    """List the MCUs that can be emulated, those of a series, or show one: memories, clocks, who answers for each block,
    and where the facts come from."""
    from swassess.report.console import make_console
    from swassess.target_data import find_target, list_targets

    console = make_console()
    if probes:
        _list_probes(console)
        return 0
    wanted = part.strip()
    of_series = [one for one in list_targets() if one.series.lower() == wanted.lower()]
    if not wanted:
        _list(console)
    elif of_series:
        _list_parts(of_series, console)
    else:
        _show(find_target(wanted), console)
    return 0


def _list_probes(console: "Console") -> None:
    from rich.text import Text

    from swassess.target.probes import list_probes

    found = list_probes()
    if not found:
        console.print("No debug probe is connected, and no emulated MCU (SWASSESS_PROBE names its firmware).")
        return
    table = _table("unique id", "probe", "pyOCD target")
    for entry in found:
        table.add_row(Text(entry.unique_id), Text(entry.description), Text(entry.target))
    console.print(table)
    console.print()
    console.print(Text("`swassess inject --target pyocd:UID` replays a fault on one of them."))


def _table(*titles: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in titles:
        number = title in ("parts", "flash", "RAM", "modelled", "blocks", "base")
        table.add_column(
            title, justify="right" if number else "left", no_wrap=title not in ("interrupts", "parts of it")
        )
    return table


def _list(console: "Console") -> None:
    from rich.text import Text

    from swassess.target_data import list_targets

    series: dict[tuple[str, str], list[Part]] = {}
    for entry in list_targets():
        series.setdefault((entry.vendor, entry.series), []).append(entry)
    table = _table("vendor", "series", "core", "parts", "flash", "RAM", "modelled", "blocks")
    for (vendor, name), entries in sorted(series.items()):
        cores = (
            ", ".join(sorted({entry.core for entry in entries})) if len(entries) < 8 or vendor != "generic" else "any"
        )
        served, all_blocks = _served(entries)
        table.add_row(
            *(Text(cell) for cell in (vendor, name, cores, str(len(entries)))),
            Text(_span([entry.flash_size for entry in entries])),
            Text(_span([entry.ram_size for entry in entries])),
            Text(served),
            Text(all_blocks),
        )
    console.print(table)
    console.print()
    console.print(
        Text("modelled: blocks that a model written from the manual answers for; the learned default serves the")
    )
    console.print(
        Text("others. Of the part with most blocks. `swassess targets SERIES` lists parts, `... PART` shows one.")
    )


def _served(entries: "list[Part]") -> tuple[str, str]:
    """Modelled and all blocks of the part that has most of them, the core's own not counted."""
    from swassess.emulator.serving import served_by
    from swassess.target_data import find_target

    counts = []
    for pattern in {entry.line: entry.pattern for entry in entries}.values():
        blocks = [block for block in find_target(pattern).peripherals if not _is_core(block)]
        counts.append((len(blocks), sum(served_by(block) != "shadow" for block in blocks)))
    most = max(counts)
    return str(most[1]), str(most[0])


def _is_core(block: "Peripheral") -> bool:
    return block.behaviour.startswith("armv")


def _list_parts(entries: "list[Part]", console: "Console") -> None:
    from rich.text import Text

    table = _table("part", "core", "flash", "RAM", "pyOCD", "line")
    for entry in entries:
        cells = (entry.pattern, entry.core, _size(entry.flash_size), _size(entry.ram_size), entry.pyocd_target or "-")
        table.add_row(*(Text(cell) for cell in (*cells, entry.line)))
    console.print(table)
    console.print()
    console.print(Text('"x" stands for any one character; letters for package and temperature may follow.'))


def _show(target: "TargetDescription", console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    from swassess.report.formatting import format_address, format_range

    console.print(Text(f"{target.part}  {target.vendor} {target.series} ({target.pattern})", style="bold"))
    if target.line:
        console.print(Text(target.line))
    units = [name for name, there in (("MPU", target.mpu), ("FPU", target.fpu), ("bit band", target.bit_band)) if there]
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(width=13)
    facts.add_column(overflow="fold")
    facts.add_row("core", Text(", ".join([target.core, *units, f"up to {target.max_hz / 1e6:g} MHz"])))
    facts.add_row("flash", Text(f"{format_range(target.flash)}, {_size(target.flash.end - target.flash.start)}"))
    for memory in target.rams:
        facts.add_row(
            Text(memory.name), Text(f"{format_range(memory.range)}, {_size(memory.range.end - memory.range.start)}")
        )
    if target.vectors != target.flash.start:
        facts.add_row("vectors", Text(format_address(target.vectors)))
    for memory in target.memories:
        shown = f", shows {format_address(memory.shows)}" if memory.shows is not None else ""
        facts.add_row(Text(memory.name), Text(format_range(memory.range) + shown))
    checks = [f"parity on {format_range(target.ram_parity)}"] if target.ram_parity is not None else []
    checks += [f"code over {target.flash_ecc} bytes of flash"] if target.flash_ecc else []
    if checks:
        facts.add_row("checked", Text(", ".join(checks)))
    for clock in target.clocks:
        facts.add_row(Text(clock.name), Text(f"{clock.minimum:,} - {clock.nominal:,} - {clock.maximum:,} Hz"))
    facts.add_row("times", Text(target.cycles))
    facts.add_row("pyOCD", Text(target.pyocd_target or "no built-in target"))
    console.print(facts)
    console.print()
    _show_blocks(target, console)
    for source in target.sources:
        console.print(Text(f"Source: {source}"), soft_wrap=True)


def _show_blocks(target: "TargetDescription", console: "Console") -> None:
    from rich.text import Text

    from swassess.emulator.serving import served_by
    from swassess.report.formatting import format_address

    table = _table("peripheral", "base", "answered by", "behaviour", "interrupts")
    missing = []
    for block in target.peripherals:
        interrupts = ", ".join(f"{interrupt.name} ({interrupt.number})" for interrupt in block.interrupts)
        answered = "core" if _is_core(block) else _ANSWERED[served_by(block)]
        if answered == _ANSWERED["shadow"]:
            missing.append(block.name)
        table.add_row(
            *(Text(cell) for cell in (block.name, format_address(block.base), answered, block.behaviour, interrupts))
        )
    console.print(table)
    console.print()
    if missing:
        console.print(Text(f"Without a model, served by the learned default: {', '.join(missing)}"))
    elif target.vendor == "generic":
        console.print(Text("Nothing outside the core is known: the learned default serves all other addresses."))
    else:
        console.print(Text("Every block has a model."))
    console.print()


def _span(sizes: list[int]) -> str:
    low, high = min(sizes), max(sizes)
    return _size(low) if low == high else f"{_size(low)} - {_size(high)}"


def _size(size: int) -> str:
    return f"{size // 1024} KiB" if size % 1024 == 0 else f"{size} B"
