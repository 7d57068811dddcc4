"""The emulated boards of this process: an MCU with its debug unit, found again by unique id whoever asks.

A board outlives the sessions and probe objects that use it, as hardware on a desk does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from swassess.model.target import TargetDescription

if TYPE_CHECKING:  # the engine and its kernels are loaded when a board is used, not when it is listed
    from swassess.emulator.debug import DebugUnit
    from swassess.emulator.debug_memory import DebugMemory
    from swassess.emulator.mcu import Mcu

PREFIX = "EMU-"


@dataclass(slots=True)
class EmulatedBoard:
    """unique_id begins with "EMU-". target: the MCU. make: builds it (taps "debug") when the board is first used."""

    unique_id: str
    target: TargetDescription
    make: "Callable[[], Mcu]"
    lock: threading.RLock = field(default_factory=threading.RLock)
    _unit: "DebugUnit | None" = None
    _memory: "DebugMemory | None" = None

    @property
    def part(self) -> str:
        return self.target.part

    @property
    def pyocd_target(self) -> str:
        """pyOCD's target type, with the flash algorithm of the part's family."""
        return self.target.pyocd_target or "cortex_m"

    @property
    def unit(self) -> "DebugUnit":
        from swassess.emulator.debug import DebugUnit

        with self.lock:
            if self._unit is None:
                self._unit = DebugUnit(self.make())
            return self._unit

    @property
    def memory(self) -> "DebugMemory":
        from swassess.emulator.debug_memory import DebugMemory

        with self.lock:
            if self._memory is None:
                self._memory = DebugMemory(self.unit)
            return self._memory

    def power_cycle(self) -> None:
        """Supply off and on: memory and surroundings at their beginning. The debug hardware keeps its settings."""
        with self.lock:
            self.unit.power_cycle()


_boards: dict[str, EmulatedBoard] = {}


def connect_board(board: EmulatedBoard) -> None:
    """Puts a board on the desk; one with the same id is replaced."""
    _boards[board.unique_id] = board


def disconnect_board(unique_id: str) -> None:
    _boards.pop(unique_id, None)


def connected_boards() -> tuple[EmulatedBoard, ...]:
    """By unique id."""
    return tuple(board for _, board in sorted(_boards.items()))


def find_board(unique_id: str) -> EmulatedBoard | None:
    return _boards.get(unique_id)
