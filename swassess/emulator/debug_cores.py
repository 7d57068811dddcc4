"""What the debug hardware of each core answers when it is asked who it is.

Values: the cores' technical reference manuals (CPUID, ROM table, identification registers), CoreSight architecture
specification 3.0 (component and peripheral identification), Arm debug interface specification (DPIDR, IDR).
"""

from dataclasses import dataclass

from swassess.errors import EmulationError

SCS, DWT, FPB, ROM_TABLE = 0xE000E000, 0xE0001000, 0xE0002000, 0xE00FF000
_ROM_CLASS, _CORESIGHT_CLASS, _GENERIC_CLASS = 0x1, 0x9, 0xE
_ARM_PIDR = 0x4_000BB_000  # designer: continuation 4, JEP106 0x3B
_PRESENT, _ABSENT = 3, 2


@dataclass(frozen=True, slots=True)
class DebugCore:
    """Identification of one core's debug hardware.

    cpuid, dpidr (debug port), ap_idr (AHB access port). breakpoints: code comparators; literals: literal comparators;
    flash_patch: version of the breakpoint unit. watchpoints: comparators; watch_version 2: Armv8-M's. parts: part
    numbers of SCS, watchpoint unit, breakpoint unit and ROM table. cycle_counter: has CYCCNT. vector_reset: has
    AIRCR.VECTRESET. catches: bits of DEMCR that exist.
    """

    cpuid: int
    dpidr: int
    ap_idr: int
    breakpoints: int
    literals: int
    flash_patch: int
    watchpoints: int
    parts: tuple[int, int, int, int]
    watch_version: int = 1
    cycle_counter: bool = True
    vector_reset: bool = True
    catches: int = 0x010007F1


def _v6m(cpuid: int, dpidr: int, ap_idr: int, rom_table: int) -> DebugCore:
    return DebugCore(
        cpuid,
        dpidr,
        ap_idr,
        breakpoints=4,
        literals=0,
        flash_patch=1,
        watchpoints=2,
        parts=(0x8, 0xA, 0xB, rom_table),
        cycle_counter=False,
        vector_reset=False,
        catches=0x01000401,
    )


CORES = {
    "cortex-m0": _v6m(0x410CC200, 0x0BB11477, 0x04770021, 0x471),
    "cortex-m0plus": _v6m(0x410CC601, 0x0BC11477, 0x04770031, 0x4C0),
    "cortex-m3": DebugCore(0x411FC231, 0x1BA01477, 0x24770011, 6, 2, 1, 4, (0x0, 0x2, 0x3, 0x4C3)),
    "cortex-m4": DebugCore(0x410FC241, 0x2BA01477, 0x24770011, 6, 2, 1, 4, (0xC, 0x2, 0x3, 0x4C4)),
    "cortex-m7": DebugCore(0x411FC271, 0x5BA02477, 0x74770001, 8, 0, 2, 4, (0xC, 0x2, 0xE, 0x4C7)),
    # its ports are taken to be those of the M33
    "cortex-m23": DebugCore(
        0x411CD200, 0x6BA02477, 0x14770015, 4, 0, 2, 4, (0xD20, 0xD20, 0xD20, 0x4CB), 2, False, False, 0x01000401
    ),
    "cortex-m33": DebugCore(
        0x410FD213, 0x6BA02477, 0x14770015, 8, 0, 2, 4, (0xD21, 0xD21, 0xD21, 0x4C9), 2, vector_reset=False
    ),
}
_ARCHITECTURES = {SCS: 0x47702A04, DWT: 0x47701A02, FPB: 0x47701A03}  # DEVARCH of Armv8-M components


def debug_core(name: str) -> DebugCore:
    """Raises EmulationError for a core whose debug hardware is not described."""
    core = CORES.get(name)
    if core is None:
        raise EmulationError(f"the debug hardware of {name!r} is not described; described are {', '.join(CORES)}")
    return core


def identification(core: DebugCore) -> dict[int, int]:
    """Word address -> value: ROM table, and the identification registers of all components."""
    words = {ROM_TABLE + 0xFCC: 1}  # system memory can be reached
    entries = (
        (SCS, _PRESENT),
        (DWT, _PRESENT),
        (FPB, _PRESENT),
        (0xE0000000, _ABSENT),  # ITM
        (0xE0040000, _ABSENT),  # TPIU
        (0xE0041000, _ABSENT),  # ETM
    )
    for index, (address, flags) in enumerate(entries):
        words[ROM_TABLE + 4 * index] = ((address - ROM_TABLE) & 0xFFFFF000) | flags
    words[ROM_TABLE + 4 * len(entries)] = 0
    scs, dwt, fpb, rom = core.parts
    for base, part in ((SCS, scs), (DWT, dwt), (FPB, fpb), (ROM_TABLE, rom)):
        kind = _ROM_CLASS if base == ROM_TABLE else _GENERIC_CLASS
        if core.watch_version == 2 and base in _ARCHITECTURES:
            kind = _CORESIGHT_CLASS
            words[base + 0xFBC] = _ARCHITECTURES[base]
            words.update({base + offset: 0 for offset in (0xFC0, 0xFC4, 0xFC8, 0xFCC)})
        words.update(_identity(base, part, kind))
    return words


def _identity(base: int, part: int, kind: int) -> dict[int, int]:
    peripheral = _ARM_PIDR | part
    component = (0x0D, kind << 4, 0x05, 0xB1)
    words = {base + 0xFD0: peripheral >> 32 & 0xFF}
    words.update({base + 0xFD4 + 4 * index: 0 for index in range(3)})
    for index in range(4):
        words[base + 0xFE0 + 4 * index] = peripheral >> 8 * index & 0xFF
        words[base + 0xFF0 + 4 * index] = component[index]
    return words
