"""An MCU as the emulator and the expressions need it; the facts come from targets/<vendor>/<series>.yaml."""

from dataclasses import dataclass

from swassess.model.declared import AddressRange


@dataclass(frozen=True, slots=True)
class Register:
    """A register `offset` bytes from its peripheral's base. size: bytes of one; count: how many follow each other."""

    name: str
    offset: int
    size: int = 4
    count: int = 1


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Name and position: the number used by NVIC registers (exception number minus 16)."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Peripheral:
    """One block. behaviour: id of the emulated behaviour, such as "stm32-gpio-v1". size: bytes of its address space.

    interrupts: those it can raise, in the order the series file gives them. source: where the facts come from.
    """

    name: str
    behaviour: str
    base: int
    size: int
    registers: tuple[Register, ...]
    interrupts: tuple[Interrupt, ...] = ()
    source: str = ""

    def register(self, name: str) -> Register | None:
        return next((register for register in self.registers if register.name == name), None)


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock source in hertz; minimum and maximum are the limits over the part's whole operating range."""

    name: str
    minimum: int
    nominal: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part number pattern ("x" stands for any one character) with its sizes in bytes and pyOCD's target name."""

    pattern: str
    flash_size: int
    ram_size: int
    pyocd_target: str


@dataclass(frozen=True, slots=True)
class TargetDescription:
    """One part of a series. flash and ram are this part's; aliases: (from, to, target address) views of other memory.

    interrupts: the whole vector table above the core's exceptions, by number; unused positions are missing.
    cycles: how instruction times are reckoned. sources: documents the facts come from.
    """

    part: str
    vendor: str
    series: str
    core: str
    mpu: bool
    fpu: bool
    priority_bits: int
    cycles: str
    flash: AddressRange
    ram: AddressRange
    flash_page: int
    aliases: tuple[tuple[int, int, int], ...]
    clocks: tuple[Clock, ...]
    peripherals: tuple[Peripheral, ...]
    interrupts: tuple[Interrupt, ...]
    pyocd_target: str
    sources: tuple[str, ...]

    def peripheral(self, name: str) -> Peripheral | None:
        return next((peripheral for peripheral in self.peripherals if peripheral.name == name), None)

    def clock(self, name: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.name == name), None)
