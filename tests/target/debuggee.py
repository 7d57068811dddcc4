"""The debugged program on an emulated MCU, with a pyOCD session at hand."""

from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import Any

from emulated import CLOCK_HZ, LSI_HZ, make_scenario
from pyocd.core.session import Session

from swassess.emulator import layout as at
from swassess.emulator.debug import DebugUnit
from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target.boards import EmulatedBoard
from swassess.target.emulated_probe import EmulatedProbe
from swassess.target.serve import OPTIONS
from swassess.target_data import find_target

PROGRAMS = Path(__file__).resolve().parent / "programs"
FLASH = 0x08000000
PART = "STM32F103C8T6"
POLLS = 40


@cache
def read_image(name: str) -> tuple[bytes, dict[str, int]]:
    """Bytes and symbols of programs/NAME.image (format: assemble.py)."""
    data, symbols = bytearray(), {}
    for line in (PROGRAMS / f"{name}.image").read_text(encoding="ascii").splitlines():
        if line.startswith("symbol "):
            _, address, symbol = line.split()
            symbols[symbol] = int(address, 16)
        else:
            data += bytes.fromhex(line)
    return bytes(data), symbols


def make_mcu() -> Mcu:
    target = find_target(PART)
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    image = LoadImage(((FLASH, read_image("debuggee")[0]),))
    return Mcu(target, image, programs, clock_hz=CLOCK_HZ, lsi_hz=LSI_HZ, taps="debug")


class Bench:
    """A board at power-on. `core` connects pyOCD when it is first asked for."""

    def __init__(self, mcu: Mcu, accelerated: bool) -> None:
        self.mcu, self.symbols = mcu, read_image("debuggee")[1]
        mcu.power_on()
        mcu.control[at.C_DEBUG_ON : at.C_DEBUG_ON + 2] = 0
        mcu.control[at.C_DEBUG_STEP : at.C_DEBUG_IT_END + 1] = 0
        mcu.debug_table[:] = 0
        self.unit = DebugUnit(mcu)
        self.board = EmulatedBoard("EMU-TEST", mcu.target, lambda: mcu, _unit=self.unit)
        self._accelerated = accelerated
        self._stack = ExitStack()
        self._session: Any = None

    @property
    def session(self) -> Any:
        if self._session is None:
            probe = EmulatedProbe(self.board, self._accelerated)
            self._session = self._stack.enter_context(Session(probe, options=dict(OPTIONS)))
        return self._session

    @property
    def core(self) -> Any:
        return self.session.target.selected_core

    def close(self) -> None:
        with suppress(Exception):  # a board broken on purpose may not even disconnect
            self._stack.close()
        self.unit._triggers.apply(False, False)

    def at(self, name: str) -> int:
        return self.symbols[name]

    def reset(self) -> None:
        """Halted at the first instruction."""
        self.core.reset_and_halt()

    def wait(self) -> None:
        """Polls until the core is halted; AssertionError when it does not halt."""
        for _ in range(POLLS):
            if self.core.is_halted():
                return
        raise AssertionError("the core does not halt")

    def run_to(self, name: str, hits: int = 1) -> None:
        """By a breakpoint, which is taken away again."""
        for hit in range(hits):
            if hit:
                self.core.step()
            self.core.set_breakpoint(self.at(name))
            self.core.resume()
            self.wait()
            self.core.remove_breakpoint(self.at(name))
        assert self.register("pc") == self.at(name)

    def register(self, name: str) -> int:
        return int(self.core.read_core_register_raw(name))


def make_bench(mcu: Mcu | None = None, *, accelerated: bool = True) -> Bench:
    return Bench(make_mcu() if mcu is None else mcu, accelerated)
