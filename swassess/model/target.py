"""An MCU as the emulator and the expressions need it; the facts come from targets/<vendor>/<series>.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from swassess.model.declared import AddressRange

# Names that makers give to the oscillator after a reset (parts with MSI have HSI16 too), and to the slow one.
_RESET_CLOCKS = ("MSI", "HSI", "HSI16", "IRC8M", "HIRC", "HFINT", "ROSC", "OSC8M", "RC4M", "IRC", "IRC4M", "MRC",
                 "PIOSC", "OFI", "MOCO")  # fmt: skip
_SLOW_CLOCKS = ("LSI", "LIRC", "IRC40K", "LFRC", "OSCULP32K", "SLOWRC", "LRC", "LPO", "IRC32K", "LOCO", "OSI", "LFIOSC")


@dataclass(frozen=True, slots=True)
class Register:
    """A register `offset` bytes from its peripheral's base. size: bytes of one; count: how many there are, `stride`
    bytes apart.

    reset: value of each after power-on. Two registers may be views of the same bytes (EXTICR and EXTICR1..4).
    """

    name: str
    offset: int
    size: int = 4
    count: int = 1
    reset: int = 0
    stride: int = 4


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Name and position: the number used by NVIC registers (exception number minus 16)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Peripheral:
    """One block. behaviour: id of the emulated behaviour, such as "stm32-gpio-v1". size: bytes of its address space.

    interrupts: those it can raise, in the order of the series file. source: where the register map comes from.
    parameters: what the behaviour has to know of this block or family (plain values of the data file).
    """

    name: str
    behaviour: str
    base: int
    size: int
    registers: tuple[Register, ...]
    interrupts: tuple[Interrupt, ...] = ()
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def register(self, name: str) -> Register | None:
        return next((register for register in self.registers if register.name == name), None)


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock source in hertz; minimum and maximum are the limits over the part's operating range."""

    name: str
    minimum: int
    nominal: int
    maximum: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory besides flash and RAM (system memory, option bytes), or an alias: the same bytes as from `shows` on."""

    name: str
    range: AddressRange
    shows: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a series; "x" in the pattern stands for any one character. Sizes in bytes."""

    pattern: str
    vendor: str
    series: str
    core: str
    flash_size: int
    ram_size: int
    pyocd_target: str
    line: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class TargetDescription:
    """The MCU `part` of a series. flash and ram are this part's, flash_page the bytes erased at a time.

    core: "cortex-m3"; cycles: how instruction times are reckoned, in words; priority_bits: implemented by the NVIC.
    peripherals: by address. interrupts: the whole vector table above the core's exceptions, by number.
    sources: documents the facts come from. file: the series file, relative to the data folder. line: of the series.
    rams: every RAM region, the main one (`ram`, named "RAM") first. flash_sectors: sizes of unequal sectors from the
    start of flash, the last one repeating; empty where all are flash_page. vectors: where the core finds its first
    vector table. svd: name of the SVD file that pyOCD carries, "" for none. architecture: such as "armv7e-m".
    """

    part: str
    pattern: str
    vendor: str
    series: str
    core: str
    mpu: bool
    fpu: bool
    bit_band: bool
    priority_bits: int
    max_hz: int
    cycles: str
    flash: AddressRange
    flash_page: int
    ram: AddressRange
    memories: tuple[Memory, ...]
    clocks: tuple[Clock, ...]
    peripherals: tuple[Peripheral, ...]
    interrupts: tuple[Interrupt, ...]
    pyocd_target: str
    sources: tuple[str, ...]
    file: str
    line: str = ""
    rams: tuple[Memory, ...] = ()
    flash_sectors: tuple[int, ...] = ()
    vectors: int = 0
    svd: str = ""
    architecture: str = ""
    flash_ecc: int = 0
    ram_parity: AddressRange | None = None
    flash_size_at: int = 0
    unique_id_at: int = 0

    def peripheral(self, name: str) -> Peripheral | None:
        return next((peripheral for peripheral in self.peripherals if peripheral.name == name), None)

    def clock(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)

    @property
    def reset_clock(self) -> Clock | None:
        """The oscillator that the core runs from after a reset, as far as its name tells."""
        return next((one for name in _RESET_CLOCKS if (one := self.clock(name)) is not None), None)

    @property
    def slow_clock(self) -> Clock | None:
        """The internal slow oscillator, which watchdogs run from."""
        return next((one for name in _SLOW_CLOCKS if (one := self.clock(name)) is not None), None)

    def interrupt(self, name: str) -> Interrupt | None:
        return next((interrupt for interrupt in self.interrupts if interrupt.name == name), None)
