"""The program in an image: its functions by symbols, or found from what is executed where there are none."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from swassess.boot.control_flow import Flow, analyse
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.model.declared import AddressRange

# functions that a program enters when something has gone wrong for good, or when it is over
_GIVES_UP = re.compile(
    r"^_*error_?handler$|hard_?fault|bus_?fault_?handler|usage_?fault_?handler|mem_?manage_?handler|default_?handler"
    r"|panic|^_*abort$|assert(_?failed|_?func|_?called|_?handler|_?stop)?$|fatal|^_*exit$|(^|_)die$|^NMI_Handler$|^mbed_error"
    r"|^_*hang$|error_?fault_?handler|unexpected_?(irq|interrupt)|^_*error$|app_?error|dummy_?handler|unhandled",
    re.IGNORECASE,
)
# ... and those whose names merely sound like it: they count when the program ends there
_SOUNDS_WRONG = re.compile(
    r"error|(?<!de)fault|fail|stuck|(?<![a-z])hang|(?<![a-z])halt|(?<![a-z])trap|infinite|dead|crash|stop_?mode_?loop",
    re.IGNORECASE,
)
_DEEPEST = 12
_IDLE = re.compile(r"idle", re.IGNORECASE)


@dataclass(slots=True)
class Program:
    """facts: None for images without symbols. vectors: address of the first vector table; handlers: exception number
    -> address without the Thumb bit."""

    image: LoadImage
    facts: ElfFacts | None
    flash: AddressRange
    vectors: int
    handlers: dict[int, int] = field(default_factory=dict)
    _flows: dict[int, Flow] = field(default_factory=dict)
    _found: list[int] = field(default_factory=list)

    def read(self, address: int, size: int) -> bytes:
        return self.image.bytes_at(address, address + size)

    @property
    def has_symbols(self) -> bool:
        return self.facts is not None and bool(self.facts.functions)

    def name_at(self, address: int) -> str:
        """Function that holds an address, with offset; an address where there are no symbols."""
        name = self.facts.symbol_at(address) if self.facts is not None else ""
        return name or f"0x{address:08X}"

    def function_name(self, address: int) -> str:
        """Name of the function alone; by its start address where there are no symbols."""
        if self.facts is not None and (symbol := self.facts.function_at(address)) is not None:
            return symbol.name
        start = self.start_of(address)
        return f"function 0x{start:08X}" if start is not None else f"0x{address:08X}"

    def line_at(self, address: int) -> str:
        """ "file:line" or ""."""
        if self.facts is None:
            return ""
        file, line = self.facts.line_at(address)
        return f"{file.removeprefix('./')}:{line}" if line else ""

    def start_of(self, address: int) -> int | None:
        """Start of the function that holds an address."""
        if self.has_symbols and self.facts is not None:
            symbol = self.facts.function_at(address)
            return symbol.address if symbol is not None else None
        place = bisect_right(self._found, address) - 1
        return self._found[place] if place >= 0 else None

    def find_functions(self, executed: list[int]) -> None:
        """Without symbols: functions start where executed code calls them, and at the handlers."""
        if self.has_symbols:
            return
        starts = {self.handlers[number] for number in self.handlers}
        work = sorted(starts)
        seen: set[int] = set()
        ran = sorted(executed)
        while work:
            start = work.pop()
            if start in seen:
                continue
            seen.add(start)
            for block in self.flow(start).blocks.values():
                at = bisect_right(ran, block.end - 1)
                if at and ran[at - 1] >= block.start - 64:
                    new = {call for call in block.calls if call} - seen
                    starts |= new
                    work.extend(sorted(new))
        known = {at for start in starts for at in self._flows[start].blocks} if starts else set()
        covered = sorted((block.start, block.end) for start in starts for block in self._flows[start].blocks.values())
        for at in ran:
            place = bisect_right(covered, (at, 1 << 32)) - 1
            if at not in known and not (place >= 0 and covered[place][0] <= at < covered[place][1]):
                flow = self.flow(at)
                starts.add(at)
                covered = sorted({*covered, *((block.start, block.end) for block in flow.blocks.values())})
        self._found = sorted(starts)

    def flow(self, start: int, depth: int = 0) -> Flow:
        """Control flow of the function at `start`."""
        if start not in self._flows:
            self._flows[start] = Flow(start, {})  # while it is being made: a recursive call is taken to return
            end = 1 << 32
            if self.facts is not None and (symbol := self.facts.function_starts.get(start)) is not None:
                end = self.facts.extent(symbol)[1]
            self._flows[start] = analyse(self.read, start, end, lambda called: self._never_returns(called, depth + 1))
        return self._flows[start]

    def _never_returns(self, start: int, depth: int) -> bool:
        if depth > _DEEPEST or not self.image.covers(start, start + 2):
            return False
        flow = self.flow(start, depth)
        return bool(flow.blocks) and flow.never_returns

    def function(self, name: str) -> int | None:
        """Start of the function of that name when there is exactly one."""
        symbol = self.facts.function(name) if self.facts is not None else None
        return symbol.address if symbol is not None else None

    def starts(self) -> list[int]:
        """Starts of all functions known."""
        if self.facts is not None and self.has_symbols:
            return sorted(self.facts.function_starts)
        return list(self._found)

    def gives_up(self, address: int) -> bool:
        """Whether an address lies in a function (or in an inlined one) that handles fatal errors, by its name."""
        return any(_GIVES_UP.search(name) for name in self._names(address))

    def sounds_wrong(self, address: int) -> bool:
        """Whether the name tells that something went wrong there; for places where a program stays."""
        names = self._names(address)
        return any(_GIVES_UP.search(name) or _SOUNDS_WRONG.search(name) for name in names)

    def _names(self, address: int) -> list[str]:
        if self.facts is None:
            return []
        symbol = self.facts.function_at(address)
        inlined = [
            one.name for one in self.facts.subprograms if any(low <= address < high for low, high in one.inlined)
        ]
        return [*([symbol.name] if symbol is not None else []), *inlined]

    def is_idle(self, start: int) -> bool:
        return _IDLE.search(self.function_name(start)) is not None

    def is_handler(self, start: int) -> bool:
        return any(address == start for number, address in self.handlers.items() if number > 1)


def read_handlers(image: LoadImage, vectors: int, entries: int = 256) -> dict[int, int]:
    """Exception number -> handler, from the table at `vectors` up to the first word that cannot be one."""
    handlers: dict[int, int] = {}
    for number in range(1, entries):
        place = vectors + 4 * number
        if not image.covers(place, place + 4):
            break
        value = int.from_bytes(image.bytes_at(place, place + 4), "little")
        if value & 1 and image.covers(value & ~1, (value & ~1) + 2):
            handlers[number] = value & ~1
        elif value not in (0, 0xFFFFFFFF) and number >= 16:
            break
    return handlers
