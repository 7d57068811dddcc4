"""The engine as a target: the emulated MCU, driven directly."""

from collections.abc import Callable, Mapping, Sequence

from swassess.emulator import layout as at
from swassess.emulator.debug_registers import read_register, write_register
from swassess.emulator.mcu import Mcu
from swassess.emulator.reset import reset
from swassess.emulator.snapshot import Snapshot
from swassess.errors import FaultError
from swassess.model.fault import Fault
from swassess.target.protocol import REGISTERS, Capability, Stop
from swassess.target.replaying import ReplayingTarget

_NUMBERS = {name: number for number, name in enumerate(REGISTERS[:17])} | {"msp": 17, "psp": 18}


class EngineTarget(ReplayingTarget):
    """install: breaks the MCU permanently (faults/mechanism.py); without it the target refuses such faults."""

    name = "engine"
    time_source = "virtual clock"

    def __init__(
        self, mcu: Mcu, functions: Mapping[str, int], install: Callable[[Mcu, Fault], None] | None = None
    ) -> None:
        super().__init__(functions)
        self.mcu = mcu
        self._install = install
        kinds = {Capability.COLD_START, Capability.TIME_TRIGGER, Capability.SNAPSHOT, Capability.FLIPS}
        self.capabilities = frozenset(kinds | ({Capability.PERMANENT_FAULTS} if install else set()))

    @property
    def ticks(self) -> int:
        return self.mcu.ticks

    def reset(self) -> None:
        """Power-on, then the system reset that a debugger asks for, so that reset flags are the same everywhere."""
        self.mcu.power_on()
        reset(self.mcu.control, at.RESET_SOFTWARE)

    def run_to_any(self, addresses: Sequence[int], budget: int) -> Stop:
        mcu = self.mcu
        end = mcu.ticks + max(budget, 0)
        before = mcu.watch.copy()
        for address in addresses:
            mcu.set_watch(address, at.WATCH_STOP)
        mcu.control[at.C_STOP_ON_RESET] = 1
        mcu.control[at.C_BYPASS] = mcu.pc
        try:
            while True:
                done = mcu.run(end)
                if done == at.DONE_WATCH and mcu.pc not in addresses:
                    continue
                return self._stop(done)
        finally:
            mcu.watch[:] = before
            mcu.control[at.C_STOP_ON_RESET] = 0

    def _stop(self, done: int) -> Stop:
        mcu = self.mcu
        if done == at.DONE_WATCH:
            return Stop("address", mcu.pc, mcu.ticks)
        if done == at.DONE_RESET:
            return Stop("reset", mcu.pc, mcu.ticks)
        if mcu.state[at.SLEEPING] == at.LOCKED_UP:
            return Stop("lockup", mcu.pc, mcu.ticks)
        return Stop("budget", mcu.pc, mcu.ticks)

    def run_to_time(self, ticks: int) -> Stop:
        done = self.mcu.run(ticks)
        while done == at.DONE_WATCH:
            done = self.mcu.run(ticks)
        return Stop("time", self.mcu.pc, self.mcu.ticks)

    def read_memory(self, address: int, size: int) -> bytes:
        data = bytearray()
        step = 4 if (address | size) & 3 == 0 else 1
        for place in range(address, address + size, step):
            value = self.mcu.bus_read(place, step)
            if value is None:
                raise FaultError(f"nothing can be read at 0x{place:08x}")
            data += (value & (1 << 8 * step) - 1).to_bytes(step, "little")
        return bytes(data)

    def write_memory(self, address: int, data: bytes) -> None:
        for index, byte in enumerate(data):
            if not self.mcu.bus_write(address + index, 1, byte):
                raise FaultError(f"nothing can be written at 0x{address + index:08x}")

    def read_register(self, name: str) -> int:
        return read_register(self.mcu, _NUMBERS[name])

    def write_register(self, name: str, value: int) -> None:
        write_register(self.mcu, _NUMBERS[name], value)

    def snapshot(self) -> Snapshot:
        return self.mcu.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        self.mcu.restore(snapshot)

    def _apply_permanent(self, fault: Fault) -> None:
        if self._install is None:
            super()._apply_permanent(fault)
        else:
            self._install(self.mcu, fault)
