"""Parts of which only the core is known: everything outside the core is answered by the learned default.

Flash lies where the image lies, RAM where the stack pointer and the data point to.
"""

from collections.abc import Iterable

from swassess.errors import CatalogueError
from swassess.model.declared import AddressRange
from swassess.model.target import Clock, Interrupt, Memory, TargetDescription
from swassess.target_data.describe import core_blocks, make_peripherals
from swassess.target_data.load import behaviours, core_files
from swassess.target_data.series_format import CoreFile

# part -> (core, floating-point unit)
GENERIC_PARTS = {
    "cortex-m0": ("cortex-m0", False),
    "cortex-m0plus": ("cortex-m0plus", False),
    "cortex-m23": ("cortex-m23", False),
    "cortex-m3": ("cortex-m3", False),
    "cortex-m33": ("cortex-m33", True),
    "cortex-m4": ("cortex-m4", False),
    "cortex-m4f": ("cortex-m4", True),
    "cortex-m7": ("cortex-m7", True),
}
VENDOR = "generic"
_MEBIBYTE = 1 << 20
_FLASH_SIZE = _MEBIBYTE
_RAM_SIZE = 256 << 10
_MOST_RAM = 16 * _MEBIBYTE
_RAM_START = 0x20000000
_EXTERNAL_RAM = 0x60000000
_PAGE = 4096
_INTERRUPTS = 240  # that number in the vector table of Armv7-M; Armv8-M can have twice as many
# What makers usually build in; no clock tree is known, so the core runs from the first of them.
_CLOCKS = (
    Clock("HSI", 8_000_000, 16_000_000, 48_000_000, "nothing is known: a usual internal oscillator"),
    Clock("LSI", 30_000, 32_768, 40_000, "nothing is known: a usual internal oscillator"),
)


def is_generic(part: str) -> bool:
    """Whether a part names nothing but a core: "cortex-m4f", in any spelling."""
    return generic_name(part) is not None


def generic_name(part: str) -> str | None:
    """The generic part of that name ("Cortex-M0+" is "cortex-m0plus"); None when it is none."""
    spelled = "".join(part.lower().replace("+", "plus").replace("_", "-").split()).replace("cortexm", "cortex-m")
    return spelled if spelled in GENERIC_PARTS else None


def generic_target(
    core: str,
    load_ranges: Iterable[tuple[int, int]] = (),
    ram_ranges: Iterable[tuple[int, int]] = (),
    initial_sp: int | None = None,
) -> TargetDescription:
    """A part with this core ("cortex-m4f") and no known peripheral.

    load_ranges: half-open ranges that the image fills (LoadImage.ranges()). ram_ranges: where its data run.
    initial_sp: the initial stack pointer. Raises CatalogueError for a core there is not.
    """
    name = generic_name(core)
    if name is None:
        raise CatalogueError(f"{core[:40]!r} is no core; known are {', '.join(GENERIC_PARTS)}")
    file = core_files()[GENERIC_PARTS[name][0]]
    filled = [(low, high) for low, high in load_ranges if low < high]
    flash = _flash(filled)
    rams = _rams([*ram_ranges, *filled], initial_sp, flash)
    return TargetDescription(
        part=name,
        pattern=name,
        vendor=VENDOR,
        series=VENDOR,
        core=file.name,
        mpu=False,
        fpu=GENERIC_PARTS[name][1],
        bit_band=file.bit_band,
        priority_bits=file.priority_bits,
        max_hz=_CLOCKS[0].maximum,
        cycles=file.cycles,
        flash=flash,
        flash_page=_PAGE,
        ram=rams[0],
        memories=_alias(flash),
        clocks=_CLOCKS,
        peripherals=make_peripherals(core_blocks(file, None), {}, behaviours()),
        interrupts=_interrupts(file),
        pyocd_target="cortex_m",
        sources=tuple(file.sources),
        file=f"cores/{file.name}.yaml",
        line=f"any MCU with {file.title}",
        rams=tuple(Memory("RAM" if not index else f"RAM{index + 1}", one) for index, one in enumerate(rams)),
        vectors=flash.start,
        architecture=file.architecture,
    )


def _interrupts(core: CoreFile) -> tuple[Interrupt, ...]:
    return tuple(Interrupt(f"IRQ{number}", number) for number in range(min(core.interrupts, _INTERRUPTS)))


def _is_ram(address: int) -> bool:
    return _RAM_START <= address < 0x40000000


def _flash(filled: list[tuple[int, int]]) -> AddressRange:
    """From the mebibyte in which the lowest code lies; a mebibyte, more where the image is larger."""
    code = [(low, high) for low, high in filled if not _is_ram(low)]
    start = min((low for low, _ in code), default=0) // _MEBIBYTE * _MEBIBYTE
    near = [high for low, high in code if low - start < _MOST_RAM]
    size = max([high - start for high in near], default=_FLASH_SIZE)
    return AddressRange(start, start + -(-max(size, _FLASH_SIZE) // _MEBIBYTE) * _MEBIBYTE)


def _alias(flash: AddressRange) -> tuple[Memory, ...]:
    """Most makers show the flash at address 0, where the core looks for its first vectors."""
    if flash.start < _MEBIBYTE or flash.start >= _EXTERNAL_RAM:
        return ()
    return (Memory("flash alias", AddressRange(0, flash.end - flash.start), flash.start),)


def _rams(wanted: Iterable[tuple[int, int]], initial_sp: int | None, flash: AddressRange) -> list[AddressRange]:
    """The region of the stack first. 256 KiB from 0x20000000, down to 0x1FFE0000 where something lies just below
    (Kinetis); any other place that the stack pointer or the data name has a region of its own."""
    spots = [(low, high) for low, high in wanted if not (flash.start <= low < flash.end) and high > low]
    stack = None
    if initial_sp and not flash.start < initial_sp <= flash.end:
        stack = (max(initial_sp - 4, 0), initial_sp)
        spots.append(stack)
    low_end, high_end = _RAM_START, _RAM_START + _RAM_SIZE
    others: dict[int, int] = {}
    for low, high in spots:
        if _RAM_START - (128 << 10) <= low < _RAM_START:
            low_end = _RAM_START - (128 << 10)
            high_end = max(high_end, high)
        elif _RAM_START <= low < _RAM_START + _MOST_RAM:
            high_end = max(high_end, high)
        else:
            base = low // _MEBIBYTE * _MEBIBYTE
            others[base] = max(others.get(base, 0), high)
    main = AddressRange(low_end, _rounded(high_end))
    more = [AddressRange(base, max(_rounded(end), base + _RAM_SIZE)) for base, end in sorted(others.items())]
    found = [main, *(one for one in more if one.end <= flash.start or flash.end <= one.start)]
    if stack is not None:
        found.sort(key=lambda one: not one.start <= stack[0] < one.end)
    return found


def _rounded(end: int) -> int:
    return -(-end // _RAM_SIZE) * _RAM_SIZE
