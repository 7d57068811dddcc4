"""The blocks in plain Python of one MCU: their places in the arena, and the MCU as they see it (Surroundings)."""

from __future__ import annotations

import weakref
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator import native
from swassess.emulator.bus import PAGE_BYTES, PERIPHERAL_SIZE, PERIPHERAL_START
from swassess.emulator.memory import READ, WRITE, ram_read, ram_write
from swassess.emulator.peripherals import exti, gpio, iwdg, timer
from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.emulator.peripherals.clock_control import ClockControl
from swassess.emulator.peripherals.flash_stm32 import FlashController
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.emulator.serving import served_by
from swassess.errors import EmulationError
from swassess.model.declared import BusPeer
from swassess.model.target import Peripheral, TargetDescription
from swassess.model.time import TICKS_PER_SECOND

if TYPE_CHECKING:
    from swassess.emulator.mcu import Mcu

_MASTER_UPDATE, _UPDATE_DMA = 2, 0x100  # of a timer: CR2.MMS and DIER.UDE
_DUE_ROUNDS = 64  # at one and the same time
_RESET_CAUSES = {name: number for number, name in at.RESET_NAMES.items()}
_numbers = count(1)
_mcus: weakref.WeakValueDictionary[int, Mcu] = weakref.WeakValueDictionary()


def number_of(mcu: Mcu) -> int:
    """A number by which compiled kernels name this MCU."""
    number = next(_numbers)
    _mcus[number] = mcu
    return number


def _answer(number: int, what: int, address: int, size: int, value: int) -> int:
    """Answers a kernel. Exceptions would be lost on the way back: they wait in the MCU, whose run raises them."""
    mcu = _mcus[number]
    try:
        return mcu.blocks.answer(what, address, size, value)
    except BaseException as error:  # including Ctrl-C
        mcu.failure = error
        mcu.control[at.C_ERROR] = 1
        return 0


native.answer_with(_answer)


def python_blocks(target: TargetDescription) -> list[Peripheral]:
    """The blocks of a part that a behaviour in plain Python serves, by address."""
    return [block for block in target.peripherals if served_by(block) == "python"]


def cells_wanted(target: TargetDescription) -> int:
    return sum(BEHAVIOURS[block.behaviour].cells_wanted(block) for block in python_blocks(target))


class Blocks:
    """Implements Surroundings for all blocks of one MCU."""

    def __init__(self, mcu: Mcu, cells: npt.NDArray[np.int64]) -> None:
        self._mcu = weakref.proxy(mcu)
        self._state = mcu.state
        self._control = mcu.control
        self._source_hz: dict[str, int] = {clock.name: clock.nominal for clock in mcu.target.clocks}
        self._source_hz["LSI"] = mcu.lsi_hz
        self._periods: dict[str, int] = {}
        self._table: list[Behaviour] = []
        self._by_name: dict[str, Behaviour] = {}
        self._flags: dict[str, dict[int, _Flags]] = {}
        self.transmissions: list[tuple[int, str, int]] = []
        self._peers: dict[str, tuple[BusPeer, ...]] = {}
        for peer in mcu.programs.scenario.peers:
            self._peers[peer.bus] = (*self._peers.get(peer.bus, ()), peer)
        first = 0
        rows = np.zeros((len(python_blocks(mcu.target)) + 1, at.BLOCK_ROW), np.int64)
        for index, block in enumerate(python_blocks(mcu.target)):
            kind = BEHAVIOURS[block.behaviour]
            wanted = kind.cells_wanted(block)
            made = kind(block, cells[first : first + wanted], self)
            self._table.append(made)
            self._by_name[block.name] = made
            self._flags[block.name] = _read_flags(made)
            lines = [16 + interrupt.number for interrupt in block.interrupts][: at.BLOCK_LINES]
            rows[index, :2] = first, len(lines)
            rows[index, 2 : 2 + len(lines)] = lines
            first += wanted
        self.rows = rows
        self._memory: memoryview[int] = cells.data
        self._event_cells = tuple(enumerate(rows[:-1, 0].tolist()))
        self._pin_watchers = [one for one in self._table if type(one).pin_changed is not Behaviour.pin_changed]
        mcu.control[at.C_PIN_WATCH] = int(bool(self._pin_watchers))
        self.clock_control = next((one for one in self._table if isinstance(one, ClockControl)), None)
        self._flash = next((one for one in self._table if isinstance(one, FlashController)), None)
        self._options = next((one.range.start for one in mcu.target.memories if one.name == "options"), 0)

    def __iter__(self) -> Any:
        return iter(self._table)

    def page_entries(self, pages: npt.NDArray[np.int32]) -> None:
        """Enters the blocks into the table of pages (behaviour << 16 | instance)."""
        for index, one in enumerate(self._table):
            first = (one.block.base - PERIPHERAL_START) // PAGE_BYTES
            last = (one.block.base + one.block.size - 1 - PERIPHERAL_START) // PAGE_BYTES
            if 0 <= one.block.base - PERIPHERAL_START < PERIPHERAL_SIZE:
                pages[first : last + 1] = at.B_PYTHON << 16 | index

    # ---- what kernels ask --------------------------------------------------------------------------------------
    def answer(self, what: int, address: int, size: int, value: int) -> int:
        if what == at.ASK_READ:
            block = self._at(value, address)
            offset = address - block.block.base
            if size == 0:
                return _or_none(block.peek(offset))
            flags = self._flags[block.block.name].get(offset)
            if flags is not None and flags.clean:
                found = block.read(offset)
                return -1 if found is None else at.CLEAN | found & 0xFFFFFFFF
            self._control[at.C_VERSION] += 1
            if flags is not None and flags.timed:
                self._control[at.C_TIMED_READS] += 1
            if flags is not None and flags.outside:
                self._control[at.C_OUTSIDE_READS] += 1
            self.access_size = size
            return _or_none(block.read(offset))
        self._control[at.C_VERSION] += 1
        if what == at.ASK_WRITE:
            block = self._at(size >> 8, address)
            return 0 if block.write(address - block.block.base, value, size & 0xFF) else -1
        if what == at.ASK_DUE:
            return self._due()
        if what == at.ASK_RESET:
            return self._reset(value)
        if what == at.ASK_RECEIVE:
            return self._receive(value)
        if what == at.ASK_PIN_CHANGED:
            for block in self._pin_watchers:
                block.pin_changed(value >> 4, value & 15, size)
            return 0
        if what == at.ASK_TIMER_EVENTS:
            return self._timer_events(value)
        if what == at.ASK_FLUSH:
            self._mcu.flush_code()
            return 0
        if what == at.ASK_HOLD_LSI:
            if self.clock_control is not None:
                self.clock_control.hold("LSI")
            return 0
        if what == at.ASK_HOLDS_NMI:
            return int(any(block.holds_nmi() for block in self._table))
        if what == at.ASK_EXAMINE:
            self._mcu.examine()
            return 0
        return self._program(address, size, value)

    def _at(self, index: int, address: int) -> Behaviour:
        """The block at an address of a page; the page table knows one of those that share a page."""
        block = self._table[index]
        if 0 <= address - block.block.base < block.block.size:
            return block
        return next((one for one in self._table if 0 <= address - one.block.base < one.block.size), block)

    def _program_option(self, address: int, size: int, value: int) -> int:
        """A write into the option bytes, as _program."""
        offset = address - self._options
        if self._flash is None or not self._options or not 0 <= offset < len(self._flash.option_area()):
            return -1
        return 1 if self._flash.program_option(offset, size, value) else -1

    def _show_options(self, controller: FlashController) -> None:
        """The option bytes as the controller has them, where they are read."""
        if self._options and controller.option_area():
            self._mcu.engine.mem_write(self._options, controller.option_area())

    def _due(self) -> int:
        """Blocks whose time has come; what they make others do at this same time comes with it."""
        now = self.now
        for _ in range(_DUE_ROUNDS):
            due = [index for index, place in self._event_cells if 0 < self._memory[place] <= now]
            if not due:
                break
            for index in due:
                self._table[index].due()
                if self._flash is not None and self._table[index] is self._flash:
                    self._show_options(self._flash)
        return 0

    def _reset(self, cause: int) -> int:
        for block in self._table:
            block.reset(cause)
        self.clock_tree_changed()
        return 0

    def _receive(self, byte: int) -> int:
        """A byte from outside; above its 16 bits the number of its port (one that is not there: the part's first)."""
        port = self._mcu.programs.ports[byte >> 16]
        byte &= 0xFFFF
        for name in (port, "USART1", "UART0", "USART2", "UART1", "LPUART1"):
            if name in self._by_name:
                self._by_name[name].receive(byte)
                break
        return 0

    def _timer_events(self, units: int) -> int:
        for unit, name in enumerate(self._mcu.timer_names):
            if (units >> unit) & 1:
                base = at.TIMER + at.TIMER_WORDS * unit
                if self._state[base + at.T_CR2] >> 4 & 7 == _MASTER_UPDATE:
                    self.trigger(f"{name}_TRGO")
                if self._state[base + at.T_DIER] & _UPDATE_DMA:
                    self.request_dma(f"{name}_UP")
        return 0

    def _program(self, address: int, size: int, value: int) -> int:
        """A write into flash: 1 when the flash controller takes it, -1 for a bus fault."""
        for block in self._table:
            program = getattr(block, "program", None)
            if program is not None:
                if not self._mcu.flash_start <= address < self._mcu.flash_start + self._mcu.flash_size:
                    return self._program_option(address, size, value)
                if not program(address - self._mcu.flash_start, size, value):
                    return -1
                self._mcu.flash_changed(address - self._mcu.flash_start, size)
                return 1
        return -1

    def survivors(self) -> tuple[tuple[int, ...], ...]:
        """What a start-up after a reset can see in the blocks of the time before it."""
        return tuple(block.survivors() for block in self._table)

    # ---- Surroundings ------------------------------------------------------------------------------------------
    access_size = 4

    @property
    def now(self) -> int:
        return int(self._state[at.TICKS])

    def period(self, clock: str) -> int:
        return self._periods.get(clock, 0)

    def source_hz(self, name: str) -> int:
        return self._source_hz.get(name, 0)

    def set_source_hz(self, name: str, hertz: int) -> None:
        """Another frequency of an oscillator from now on (0: it fails): a corner, or a fault of the clock."""
        self._source_hz[name] = hertz
        if name in ("LSI", "LIRC") and hertz:
            iwdg.set_clock(self._state, round(TICKS_PER_SECOND / hertz))
        if self.clock_control is not None:
            self.clock_control.clock_changed()
        self.clock_tree_changed()

    def clock_tree_changed(self) -> None:
        self._set_clocks()
        for block in self._table:
            if block is not self.clock_control:
                block.clock_changed()
        self.line_changed()

    def _set_clocks(self) -> None:
        hertz = dict(self._source_hz)
        if self.clock_control is not None:
            hertz |= self.clock_control.frequencies()
        else:
            for name in ("SYSCLK", "HCLK", "PCLK", "PCLK1", "PCLK2", "TIMCLK1", "TIMCLK2"):
                hertz[name] = self._mcu.clock_hz
        self._periods = {name: round(TICKS_PER_SECOND / one) if one else 0 for name, one in hertz.items()}
        self._mcu.clocks_changed(self._periods)

    def read_memory(self, address: int, size: int) -> int | None:
        """RAM is traced and may have broken cells, as for the core; the rest is the bus's."""
        value = int(ram_read(self._mcu.control, self._state, address, size, READ))
        return value if value >= 0 else self._mcu.bus_read(address, size)

    def write_memory(self, address: int, size: int, value: int) -> bool:
        if ram_write(self._mcu.control, self._state, address, size, value, WRITE):
            return True
        return bool(self._mcu.bus_write(address, size, value))

    def block(self, name: str) -> Behaviour | None:
        return self._by_name.get(name)

    def line_changed(self) -> None:
        self._state[at.DEADLINE] = 0
        self._control[at.C_VERSION] += 1

    def request_reset(self, cause: str) -> None:
        self._state[at.RESET_REQUEST] = _RESET_CAUSES[cause]
        self._state[at.DEADLINE] = 0

    def raise_nmi(self) -> None:
        self._state[at.PENDING + 2] = 1
        self._state[at.DEADLINE] = 0

    def request_dma(self, request: str) -> None:
        for block in self._table:
            block.dma_requested(request)

    def trigger(self, event: str) -> None:
        for block in self._table:
            block.triggered(event)

    def reset_block(self, name: str, cause: int) -> None:
        block = self._by_name.get(name)
        if block is not None:
            block.reset(cause)
        else:
            self._mcu.reset_compiled(name)
        self.line_changed()

    def break_timers(self) -> None:
        for unit in range(len(self._mcu.timer_names)):
            timer.trip_break(self._mcu.control, self._state, unit)
        self.line_changed()

    def pin(self, port: int, number: int) -> int:
        return int(gpio.pin_level(self._mcu.control, self._state, 16 * port + number))

    def configure_pin(self, port: int, number: int, kind: int, open_drain: int, pull: int, output: int) -> None:
        gpio.configure_pin(self._state, 16 * port + number, kind, open_drain, pull, output)

    def route_line(self, line: int, port: int) -> None:
        exti.route(self._state, line, port)

    def line_edge(self, line: int, rising: bool) -> None:
        exti.line_edge(self._state, line, rising)

    def show_at_zero(self, memory: str) -> None:
        """A core without VTOR takes its vectors where address 0 leads; data and code there stay those of the flash."""
        if not self._state[at.CORE_FEATURES] & at.F_VTOR:
            self._state[at.VTOR] = self._mcu.ram_start if memory == "ram" else 0

    def analog(self, channel: int) -> int:
        return int(self._state[at.ADC_CODES + channel]) if 0 <= channel < at.ADC_CHANNELS else 0

    def pin_rose(self, port: int, number: int) -> bool:
        cell, bit = at.PIN_ROSE + port, 1 << number
        rose = bool(self._state[cell] & bit)
        self._state[cell] &= ~bit
        return rose

    def peers(self, block: str) -> tuple[BusPeer, ...]:
        return self._peers.get(block, ())

    def sent(self, block: str, data: int) -> None:
        self._state[at.NEXT_TRANSMISSION] += 1
        if self._mcu.control[at.C_STATS_ON]:
            self.transmissions.append((self.now, block, data))

    def flash_view(self) -> npt.NDArray[np.uint8]:
        view: npt.NDArray[np.uint8] = self._mcu.flash[: self._mcu.flash_size]
        return view

    def flash_changed(self, offset: int, size: int) -> None:
        self._mcu.flash_changed(offset, size)


def _or_none(value: int | None) -> int:
    return -1 if value is None else value & 0xFFFFFFFF


class _Flags(NamedTuple):
    """What a read of a register is: of something that time alone changes, of the outside, clean."""

    timed: bool
    outside: bool
    clean: bool


def _read_flags(block: Behaviour) -> dict[int, _Flags]:
    """Flags by word offset."""
    flags = {}
    for register in block.block.registers:
        for index in range(register.count):
            name = register.name if register.count == 1 else f"{register.name}[{index}]"
            timed, outside = ({name, register.name} & kinds for kinds in (block.timed, block.outside))
            clean = not timed and not outside and block.is_clean(register.name)
            flags[(register.offset + index * register.stride) & ~3] = _Flags(bool(timed), bool(outside), clean)
    return flags


def check_room(target: TargetDescription) -> None:
    """Raises EmulationError when a block has more interrupt lines than the tables hold."""
    for block in python_blocks(target):
        if len(block.interrupts) > at.BLOCK_LINES:
            raise EmulationError(
                f"{block.name} of {target.part} has {len(block.interrupts)} interrupts; the emulator holds "
                f"{at.BLOCK_LINES} a block"
            )
