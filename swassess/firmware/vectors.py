"""The vector table at the start of flash, and whether it looks like one."""

from dataclasses import dataclass

from swassess.errors import ImageError
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.model.declared import AddressRange

SYSTEM_EXCEPTIONS = {
    1: "Reset",
    2: "NMI",
    3: "HardFault",
    4: "MemManage",
    5: "BusFault",
    6: "UsageFault",
    11: "SVCall",
    12: "DebugMonitor",
    14: "PendSV",
    15: "SysTick",
}
_LONGEST = 16 + 240  # exceptions of Armv7-M


@dataclass(frozen=True, slots=True)
class Vector:
    """number: exception number (1 is Reset, 16 the first interrupt); address: of the handler, without the Thumb bit.

    handler: symbol ("" when none); place: address of the table's entry.
    """

    number: int
    handler: str
    address: int
    place: int


@dataclass(frozen=True, slots=True)
class VectorTable:
    """Empty entries (0) are left out of `vectors`. problems: sentences, empty for a sound table. size in bytes."""

    address: int
    size: int
    initial_sp: int
    vectors: tuple[Vector, ...]
    problems: tuple[str, ...]

    @property
    def reset(self) -> int:
        """Address of the reset handler without the Thumb bit (0 where the entry is empty)."""
        return next((vector.address for vector in self.vectors if vector.number == 1), 0)


def read_vectors(facts: ElfFacts, flash: AddressRange, ram: AddressRange) -> VectorTable:
    """The table at the start of flash. Raises ImageError where the image has nothing there.

    Its length is that of the object or section that lies there, else up to the first word that cannot be a handler.
    """
    start = flash.start
    image = facts.image
    if not image.covers(start, start + 8):
        raise ImageError(
            f"the image has no vector table at 0x{start:08X}, the start of the declared flash; "
            "check the linker script or the declared MCU."
        )
    initial_sp = _word(image, start)
    count = _declared_length(facts, start) // 4
    vectors: list[Vector] = []
    problems = _check_start(image, flash, ram)
    number = 1
    while number < (count or _LONGEST) and image.covers(start + 4 * number, start + 4 * number + 4):
        value = _word(image, start + 4 * number)
        is_handler = value & 1 == 1 and (image.covers(value & ~1, (value & ~1) + 2) or ram.start <= value < ram.end)
        if not is_handler and value not in (0, 0xFFFFFFFF):
            if not count:
                break
            if number < 16 and number in SYSTEM_EXCEPTIONS and number != 1:
                problems.append(f"the vector of {SYSTEM_EXCEPTIONS[number]} is 0x{value:08X}, which is no Thumb code.")
        if is_handler:
            symbol = facts.function_starts.get(value & ~1)
            name = symbol.name if symbol else facts.symbol_at(value & ~1)
            vectors.append(Vector(number, name, value & ~1, start + 4 * number))
        number += 1
    return VectorTable(start, 4 * number, initial_sp, tuple(vectors), tuple(problems))


def _word(image: LoadImage, address: int) -> int:
    return int.from_bytes(image.bytes_at(address, address + 4), "little")


def _check_start(image: LoadImage, flash: AddressRange, ram: AddressRange) -> list[str]:
    problems = []
    initial_sp, reset = _word(image, flash.start), _word(image, flash.start + 4)
    if not ram.start < initial_sp <= ram.end:
        problems.append(
            f"the initial stack pointer 0x{initial_sp:08X} is outside the RAM 0x{ram.start:08X}-0x{ram.end - 1:08X}."
        )
    elif initial_sp % 8:
        problems.append(f"the initial stack pointer 0x{initial_sp:08X} is not a multiple of 8.")
    if not reset & 1:
        problems.append(f"the reset vector 0x{reset:08X} is even, so it is not Thumb code.")
    if not flash.start <= reset < flash.end:
        problems.append(
            f"the reset vector 0x{reset:08X} is outside the flash 0x{flash.start:08X}-0x{flash.end - 1:08X}."
        )
    elif not image.covers(reset & ~1, (reset & ~1) + 2):
        problems.append(f"the reset vector 0x{reset:08X} points to flash that the image leaves empty.")
    return problems


def _declared_length(facts: ElfFacts, start: int) -> int:
    """Bytes of the object at `start`, else of a section there that holds nothing but the table, else 0."""
    sizes = [symbol.size for symbol in facts.objects if symbol.address == start and symbol.size >= 8]
    if not sizes:
        sizes = [s.size for s in facts.sections if s.allocated and s.load_address == start and "vec" in s.name.lower()]
    size = max(sizes, default=0)
    return size if size <= 4 * _LONGEST else 0
