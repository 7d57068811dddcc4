"""The small programs of programs/ on an emulated MCU, with a scenario around it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.model.declared import BusPeer, Scenario, ScenarioEvent, SerialFrame, Signal
from swassess.model.time import TICKS_PER_MILLISECOND, TICKS_PER_SECOND

FLASH = 0x08000000
RAM = 0x20000000
RESULTS = 0x20000100
UNEXPECTED = 0x200000FC
SELECT = 0x20000180
LOG = 0x20000200
CLOCK_HZ = 8_000_000
LSI_HZ = 40_000
CYCLE = TICKS_PER_SECOND // CLOCK_HZ
MS = TICKS_PER_MILLISECOND
PROGRAMS = Path(__file__).resolve().parent / "programs"


def read_image(name: str) -> tuple[bytes, dict[str, int]]:
    """Bytes from the start of flash on, and symbols (format: assemble.py)."""
    data, symbols = bytearray(), {}
    for line in (PROGRAMS / f"{name}.image").read_text(encoding="ascii").splitlines():
        if line.startswith("symbol "):
            _, address, symbol = line.split()
            symbols[symbol] = int(address, 16)
        else:
            data += bytes.fromhex(line)
    return bytes(data), symbols


def make_scenario(
    *,
    variables: Mapping[str, float] | None = None,
    equations: Sequence[str] = (),
    digital: Mapping[str, str] | None = None,
    analog: Mapping[int, str] | None = None,
    signals: Sequence[tuple[str, str]] = (),
    frames: Sequence[tuple[int, bytes]] = (),
    events: Sequence[tuple[int, str]] = (),
    port: str = "USART1",
    baud: int = 9600,
    peers: Sequence[BusPeer] = (),
) -> Scenario:
    """A scenario with plant steps of 1 ms; times in ticks."""
    return Scenario(
        id="test",
        title="",
        kind="mode",
        duration=10 * TICKS_PER_SECOND,
        step=MS,
        variables=tuple((variables or {}).items()),
        equations=tuple(equations),
        digital=tuple((digital or {}).items()),
        analog=tuple((analog or {}).items()),
        signals=tuple(Signal(pin, frequency) for pin, frequency in signals),
        frames=tuple(SerialFrame(port, ticks, data, baud) for ticks, data in frames),
        events=tuple(ScenarioEvent(ticks, (text,)) for ticks, text in events),
        peers=tuple(peers),
    )


class Machine:
    """An MCU with a program, and short ways to look at it."""

    def __init__(self, mcu: Mcu, symbols: dict[str, int]) -> None:
        self.mcu, self.symbols = mcu, symbols

    def run(self, milliseconds: float) -> int:
        """Runs on until this much simulated time has passed since power-on; a DONE_ value."""
        return self.mcu.run(round(milliseconds * MS))

    def word(self, address: int) -> int:
        return int.from_bytes(self.mcu.ram[address - RAM : address - RAM + 4].tobytes(), "little")

    def set_word(self, address: int, value: int) -> None:
        self.mcu.ram[address - RAM : address - RAM + 4] = list(value.to_bytes(4, "little"))

    def result(self, index: int) -> int:
        return self.word(RESULTS + 4 * index)

    def results(self, count: int) -> list[int]:
        return [self.result(index) for index in range(count)]

    def log(self) -> list[int]:
        return [self.word(LOG + 4 * index) for index in range(1, self.word(LOG) + 1)]

    def state(self, cell: int) -> int:
        return int(self.mcu.state[cell])

    def block(self, name: str) -> Behaviour:
        """A block in plain Python."""
        found = self.mcu.blocks.block(name)
        assert found is not None
        return found

    def taken(self, exception: int) -> int:
        """How often an exception was entered."""
        return self.state(at.EXCEPTION_TAKEN + exception)

    @property
    def cycles(self) -> int:
        return self.mcu.ticks // CYCLE


# the fixture load(program, select, taps=..., monitors=[(name, expression)], **scenario): a machine at power-on
Load = Callable[..., Machine]
