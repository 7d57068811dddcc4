"""A target behind a debug probe: a board on the desk or the emulated probe, by the same code.

Runs stop at hardware breakpoints, resets by vector catch. Time is the core's cycle counter (DWT CYCCNT), which stands
still while the core is halted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from pyocd.core.exceptions import Error as PyocdError
from pyocd.core.exceptions import TransferError
from pyocd.core.helpers import ConnectHelper

from swassess.errors import EmulationError, FaultError, UsageError
from swassess.model.time import TICKS_PER_SECOND
from swassess.target.protocol import Capability, Stop
from swassess.target.replaying import ReplayingTarget

_DHCSR, _DFSR, _DEMCR = 0xE000EDF0, 0xE000ED30, 0xE000EDFC
_S_HALT, _S_LOCKUP = 1 << 17, 1 << 19
_VCATCH, _ALL_CAUSES = 8, 0x1F
_VC_CORERESET = 1
_SAVED = (*(f"r{number}" for number in range(13)), "lr", "msp", "psp", "cfbp", "xpsr", "pc")


@dataclass(frozen=True, slots=True)
class PartialSnapshot:
    """RAM and core registers; peripherals and time go on."""

    memory: tuple[tuple[int, list[int]], ...]
    registers: tuple[int, ...]
    cycles: int


class PyocdTarget(ReplayingTarget):
    """session: an open pyOCD session. clock_hz: of the core, to turn cycles into time. ram: [start, end) that a
    snapshot saves; by default all RAM that pyOCD knows of. power_cycle: switches the board's supply off and on."""

    time_source = "CYCCNT"

    def __init__(
        self,
        session: Any,
        functions: Mapping[str, int],
        clock_hz: int,
        ram: tuple[int, int] | None = None,
        power_cycle: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(functions)
        self._session = session
        self._core = session.target.selected_core
        if self._core is None:
            raise EmulationError("the probe finds no core; check power and wiring")
        dwt = self._core.dwt
        if dwt is None or not dwt.has_cycle_counter:
            raise EmulationError(f"{self._core.name} has no cycle counter, so nothing can be timed by a probe")
        self._dwt = dwt
        self._cycle = TICKS_PER_SECOND // clock_hz
        self._cycles = self._seen = 0
        self._ram = ram
        self._locked = False
        self._power_cycle = power_cycle
        self.name = f"pyocd:{session.probe.unique_id}"
        kinds = {Capability.PARTIAL_SNAPSHOT, Capability.FLIPS}
        self.capabilities = frozenset(kinds | ({Capability.COLD_START} if power_cycle else set()))

    @property
    def breakpoints(self) -> int:
        """How many addresses a run may stop at."""
        return len(self._core.fpb.hw_breakpoints) if self._core.fpb else 0

    # ---- time --------------------------------------------------------------------------------------------------
    @property
    def ticks(self) -> int:
        return self._count() * self._cycle

    def _count(self) -> int:
        """Cycles since the reset; the counter's 32 bits are looked at often enough not to miss a turn."""
        now = self._dwt.cycle_count
        self._cycles += (now - self._seen) & 0xFFFFFFFF
        self._seen = now
        return self._cycles

    # ---- running -----------------------------------------------------------------------------------------------
    def reset(self) -> None:
        if self._power_cycle is not None:
            self._power_cycle()
        self._core.reset_and_halt()
        self._core.write32(_DEMCR, self._core.read32(_DEMCR) | _VC_CORERESET)
        self._dwt.cycle_count = 0
        self._cycles = self._seen = 0

    def run_to_any(self, addresses: Sequence[int], budget: int) -> Stop:
        core, wanted = self._core, sorted(set(addresses))
        if len(wanted) > self.breakpoints:
            raise FaultError(
                f"{len(wanted)} addresses to stop at are more than the {self.breakpoints} breakpoints of {self.name}; "
                "name fewer oracles"
            )
        end = self._count() + max(budget, 0) // self._cycle
        if core.read_core_register_raw("pc") in wanted:  # a breakpoint here would hold the core
            core.step(disable_interrupts=False)
        for address in wanted:
            core.set_breakpoint(address)
        try:
            if core.read_core_register_raw("pc") not in wanted:
                core.resume()
                self._wait(end)
            return self._stop(wanted)
        finally:
            for address in wanted:
                core.remove_breakpoint(address)

    def _wait(self, end: int) -> None:
        """Until the core halts or locks up, or its time is over; then it is halted."""
        core = self._core
        while True:
            status = core.read32(_DHCSR)
            if status & _S_HALT:
                return
            if status & _S_LOCKUP:
                self._locked = True
                core.halt()
                return
            if self._count() >= end:
                core.halt()
                return

    def _stop(self, wanted: Sequence[int]) -> Stop:
        pc = int(self._core.read_core_register_raw("pc"))
        ticks = self.ticks
        if self._locked:
            self._locked = False
            return Stop("lockup", pc, ticks)
        causes = self._core.read32(_DFSR)
        self._core.write32(_DFSR, _ALL_CAUSES)
        if causes & _VCATCH:
            return Stop("reset", pc, ticks)
        return Stop("address" if pc in wanted else "budget", pc, ticks)

    def run_to_time(self, ticks: int) -> Stop:
        raise NotImplementedError  # run_until refuses it: a running core cannot be stopped at an instant

    # ---- memory and registers ----------------------------------------------------------------------------------
    def read_memory(self, address: int, size: int) -> bytes:
        try:
            if size == 4 and address & 3 == 0:
                return int(self._core.read32(address)).to_bytes(4, "little")
            return bytes(self._core.read_memory_block8(address, size))
        except TransferError as error:
            raise FaultError(f"nothing can be read at 0x{address:08x}: {error}") from None

    def write_memory(self, address: int, data: bytes) -> None:
        try:
            self._core.write_memory_block8(address, list(data))
        except TransferError as error:
            raise FaultError(f"nothing can be written at 0x{address:08x}: {error}") from None

    def read_register(self, name: str) -> int:
        return int(self._core.read_core_register_raw(name))

    def write_register(self, name: str, value: int) -> None:
        self._core.write_core_register_raw(name, value)

    # ---- snapshots ---------------------------------------------------------------------------------------------
    def _ranges(self) -> list[tuple[int, int]]:
        if self._ram is not None:
            return [self._ram]
        regions = self._session.target.memory_map
        return [(region.start, region.end + 1) for region in regions if region.is_ram]

    def snapshot(self) -> PartialSnapshot:
        memory = tuple(
            (start, self._core.read_memory_block32(start, (end - start) >> 2)) for start, end in self._ranges()
        )
        return PartialSnapshot(memory, tuple(self._core.read_core_registers_raw(list(_SAVED))), self._count())

    def restore(self, snapshot: PartialSnapshot) -> None:
        for start, words in snapshot.memory:
            self._core.write_memory_block32(start, words)
        self._core.write_core_registers_raw(list(_SAVED), list(snapshot.registers))
        self._count()
        self._cycles = snapshot.cycles


class ConnectedTarget:
    """`with ConnectedTarget(uid, functions, clock_hz) as target`: a PyocdTarget on the probe with that unique id."""

    def __init__(self, unique_id: str, functions: Mapping[str, int], clock_hz: int, mcu: str = "") -> None:
        """mcu: pyOCD's name of the target type, for boards that do not tell it.

        Raises UsageError when no such probe is connected, EmulationError when pyOCD cannot use it."""
        options: dict[str, Any] = {"no_config": True, "hide_programming_progress": True}
        if mcu:
            options["target_override"] = mcu
        try:
            session = ConnectHelper.session_with_chosen_probe(
                blocking=False, return_first=True, unique_id=unique_id, auto_open=False, options=options
            )
        except PyocdError as error:
            raise EmulationError(f"pyOCD cannot use the probe {unique_id}: {error}") from None
        if session is None:
            raise UsageError(f"no probe {unique_id!r} is connected; `swassess targets --probes` lists them")
        self._session, self._functions, self._clock_hz = session, functions, clock_hz

    def __enter__(self) -> PyocdTarget:
        try:
            self._session.__enter__()
            return PyocdTarget(self._session, self._functions, self._clock_hz)
        except PyocdError as error:
            raise EmulationError(f"pyOCD cannot use the probe: {error}") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.__exit__(kind, error, trace)
