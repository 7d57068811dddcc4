"""The emulated MCU as a debug probe of pyOCD.

Which boards there are is said by the process (boards.connect_board) or by environment variables, see
swassess/evaluate/probe_plugin.py. SWASSESS_PROBE_RAW=1 makes pyOCD drive the access port's registers one by one.
"""

import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pyocd.board.board import Board
from pyocd.board.board_ids import BoardInfo
from pyocd.core.exceptions import TransferError, TransferFaultError
from pyocd.core.memory_map import MemoryMap
from pyocd.probe.debug_probe import DebugProbe

from swassess.emulator.debug_memory import BusError
from swassess.model.target import TargetDescription
from swassess.target.boards import EmulatedBoard, connected_boards, find_board
from swassess.target.debug_port import DebugPort, PoweredDown, StickyError
from swassess.target.emulated_memory import EmulatedMemory, transfer_fault

RAW = "SWASSESS_PROBE_RAW"


def fit_memory_map(memory_map: MemoryMap, part: TargetDescription) -> None:
    """Gives pyOCD's memory map the sizes of the part: its target types stand for the largest one of a family, and a
    sector that is larger than the part's page would not be erased whole."""
    for region in list(memory_map.regions):
        if region.start == part.flash.start and region.is_flash and part.flash_page:
            changed = {"blocksize": part.flash_page, "page_size": min(region.page_size, part.flash_page)}
            if region.blocksize > part.flash_page or region.end >= part.flash.end:
                length = min(region.length, part.flash.end - part.flash.start)
                memory_map.remove_region(region)
                memory_map.add_region(region.clone_with_changes(end=None, length=length, **changed))
        elif region.start == part.ram.start and region.is_ram and region.end >= part.ram.end:
            memory_map.remove_region(region)
            memory_map.add_region(region.clone_with_changes(end=None, length=part.ram.end - part.ram.start))


class EmulatedProbe(DebugProbe):
    """One connection to an emulated board; `accelerated` offers pyOCD memory access without access port registers."""

    def __init__(self, board: EmulatedBoard, accelerated: bool | None = None) -> None:
        super().__init__()
        self._board = board
        self._port = DebugPort(board)
        self._accelerated = os.environ.get(RAW) != "1" if accelerated is None else accelerated
        self._open = False
        self._protocol: DebugProbe.Protocol | None = None
        self._memory: EmulatedMemory | None = None

    @classmethod
    def get_all_connected_probes(
        cls, unique_id: str | None = None, is_explicit: bool = False
    ) -> Sequence["EmulatedProbe"]:
        return [cls(board) for board in connected_boards()]

    @classmethod
    def get_probe_with_id(cls, unique_id: str, is_explicit: bool = False) -> "EmulatedProbe | None":
        cls.get_all_connected_probes()
        board = find_board(unique_id)
        return None if board is None else cls(board)

    # ---- who it is ---------------------------------------------------------------------------------------------
    @property
    def vendor_name(self) -> str:
        return "swassess"

    @property
    def product_name(self) -> str:
        return f"emulated {self._board.part}"

    @property
    def supported_wire_protocols(self) -> Collection[DebugProbe.Protocol]:
        return [DebugProbe.Protocol.DEFAULT, DebugProbe.Protocol.SWD]

    @property
    def unique_id(self) -> str:
        return self._board.unique_id

    @property
    def board(self) -> EmulatedBoard:
        return self._board

    @property
    def wire_protocol(self) -> DebugProbe.Protocol | None:
        return self._protocol

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def capabilities(self) -> set[DebugProbe.Capability]:
        return {DebugProbe.Capability.SWJ_SEQUENCE, DebugProbe.Capability.BANKED_DP_REGISTERS}

    @property
    def associated_board_info(self) -> BoardInfo:
        return BoardInfo(
            name=f"emulated {self._board.part}", target=self._board.pyocd_target, binary=None, vendor="swassess"
        )

    def create_associated_board(self) -> Board:
        """Without it pyOCD takes "cortex_m", and loading firmware reports success although nothing is written."""
        assert self.session is not None
        board = Board(self.session, board_info=self.associated_board_info)
        fit_memory_map(board.target.memory_map, self._board.target)
        return board

    # ---- connection --------------------------------------------------------------------------------------------
    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False

    def connect(self, protocol: DebugProbe.Protocol | None = None) -> None:
        self._protocol = DebugProbe.Protocol.SWD

    def disconnect(self) -> None:
        self._protocol = None

    def swj_sequence(self, length: int, bits: int) -> None:
        self._port.line_reset()

    def set_clock(self, frequency: float) -> None:
        """The wire has no speed."""

    def reset(self) -> None:
        self.assert_reset(True)
        self.assert_reset(False)

    def assert_reset(self, asserted: bool) -> None:
        with self._board.lock:
            self._board.unit.hold_in_reset(asserted)

    def is_reset_asserted(self) -> bool:
        return self._board.unit.in_reset

    def flush(self) -> None:
        """Nothing is queued."""

    # ---- registers ---------------------------------------------------------------------------------------------
    def read_dp(self, addr: int, now: bool = True) -> Any:
        value = self._port.read_dp(addr)
        return value if now else (lambda: value)

    def write_dp(self, addr: int, data: int) -> None:
        self._port.write_dp(addr, data)

    def read_ap(self, addr: int, now: bool = True) -> Any:
        return _deferred(lambda: self._port.read_ap(addr), now)

    def write_ap(self, addr: int, data: int) -> None:
        _told_to_pyocd(lambda: self._port.write_ap(addr, data))

    def read_ap_multiple(self, addr: int, count: int = 1, now: bool = True) -> Any:
        return _deferred(lambda: self._port.read_many(addr, count), now)

    def write_ap_multiple(self, addr: int, values: Sequence[int]) -> None:
        _told_to_pyocd(lambda: self._port.write_many(addr, list(values)))

    def get_memory_interface_for_ap(self, ap_address: Any) -> EmulatedMemory | None:
        if not self._accelerated or ap_address.nominal_address != 0:
            return None
        if self._memory is None:
            self._memory = EmulatedMemory(self._board)
        return self._memory


def _told_to_pyocd(access: Callable[[], Any]) -> Any:
    """The result of an access; its errors as pyOCD's."""
    try:
        return access()
    except BusError as error:
        raise transfer_fault(error) from None
    except StickyError:
        raise TransferFaultError("an earlier access failed and has not been cleared") from None
    except PoweredDown:
        raise TransferError("the debug domain is powered down") from None


def _deferred(access: Callable[[], Any], now: bool) -> Any:
    """The value, or a callable that gives it; an access that fails tells so when its value is asked for."""
    if now:
        return _told_to_pyocd(access)
    try:
        value = _told_to_pyocd(access)
    except TransferError as error:
        failed = error

        def fail() -> Any:
            raise failed

        return fail
    return lambda: value
