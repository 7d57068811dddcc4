"""`swassess targets`: lists the MCUs that are described, or shows one of them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from swassess.model.target import TargetDescription


def targets(
    part: Annotated[
        str, typer.Argument(metavar="[PART]", help="A part number such as STM32F103C8T6.", show_default=False)
    ] = "",
) -> int:
    """List the MCUs that can be emulated, or show one: memories, clocks, peripherals and where the facts come from."""
    from swassess.report.console import make_console
    from swassess.target_data import find_target

    console = make_console()
    if part.strip():
        _show(find_target(part), console)
    else:
        _list(console)
    return 0


def _list(console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    from swassess.target_data import list_targets

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("part", "vendor", "series", "core", "flash", "RAM"):
        table.add_column(title, justify="right" if title in ("flash", "RAM") else "left", no_wrap=True)
    for entry in list_targets():
        cells = (entry.pattern, entry.vendor, entry.series, entry.core, _size(entry.flash_size), _size(entry.ram_size))
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    console.print()
    console.print(Text('"x" stands for any one character. `swassess targets PART` shows one.'))


def _show(target: "TargetDescription", console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    from swassess.report.formatting import format_address, format_range

    console.print(Text(f"{target.part}  {target.vendor} {target.series} ({target.pattern})", style="bold"))
    units = [name for name, there in (("MPU", target.mpu), ("FPU", target.fpu), ("bit band", target.bit_band)) if there]
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(width=13)
    facts.add_column(overflow="fold")
    facts.add_row("core", Text(", ".join([target.core, *units, f"up to {target.max_hz / 1e6:g} MHz"])))
    facts.add_row("flash", Text(f"{format_range(target.flash)}, {_size(target.flash.end - target.flash.start)}"))
    facts.add_row("RAM", Text(f"{format_range(target.ram)}, {_size(target.ram.end - target.ram.start)}"))
    for memory in target.memories:
        shown = f", shows {format_address(memory.shows)}" if memory.shows is not None else ""
        facts.add_row(Text(memory.name), Text(format_range(memory.range) + shown))
    for clock in target.clocks:
        facts.add_row(Text(clock.name), Text(f"{clock.minimum:,} - {clock.nominal:,} - {clock.maximum:,} Hz"))
    facts.add_row("times", Text(target.cycles))
    facts.add_row("pyOCD", Text(target.pyocd_target))
    console.print(facts)
    console.print()
    blocks = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("peripheral", "base", "behaviour", "interrupts"):
        blocks.add_column(title, no_wrap=title != "interrupts")
    for block in target.peripherals:
        interrupts = ", ".join(f"{interrupt.name} ({interrupt.number})" for interrupt in block.interrupts)
        blocks.add_row(*(Text(cell) for cell in (block.name, format_address(block.base), block.behaviour, interrupts)))
    console.print(blocks)
    console.print()
    for source in target.sources:
        console.print(Text(f"Source: {source}"), soft_wrap=True)


def _size(size: int) -> str:
    return f"{size // 1024} KiB" if size % 1024 == 0 else f"{size} B"
