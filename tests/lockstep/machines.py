"""The MCUs of the comparison: machines of QEMU, and our MCU with the same memory map."""

from dataclasses import dataclass

from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names
from swassess.firmware.image import LoadImage
from swassess.model.declared import AddressRange, Scenario
from swassess.model.target import Interrupt, TargetDescription
from swassess.model.time import TICKS_PER_SECOND

FLASH_SIZE = 0x40000
RAM = 0x20000000
INTERRUPTS = 32


@dataclass(frozen=True, slots=True)
class Machine:
    """A core, as QEMU's machine `qemu` has it. ram_size: what programs may use of the RAM at 0x20000000.

    flash: where programs lie; they show at 0 as well.
    """

    name: str
    qemu: str
    core: str
    ram_size: int
    mainline: bool
    dsp: bool = False
    fpu: bool = False
    flash: int = 0


M0 = Machine("m0", "microbit", "cortex-m0", 0x4000, mainline=False)
M3 = Machine("m3", "mps2-an385", "cortex-m3", 0x10000, mainline=True)
M4 = Machine("m4", "mps2-an386", "cortex-m4", 0x10000, mainline=True, dsp=True, fpu=True)
# with the memory map of STM32 MCUs (and a few of their peripherals)
STM32_M3 = Machine("stm32-m3", "netduino2", "cortex-m3", 0x5000, mainline=True, flash=0x08000000)
STM32_M4 = Machine(
    "stm32-m4", "netduinoplus2", "cortex-m4", 0x5000, mainline=True, dsp=True, fpu=True, flash=0x08000000
)
MACHINES = {machine.name: machine for machine in (M0, M3, M4)}


def describe(machine: Machine) -> TargetDescription:
    return TargetDescription(
        part=machine.qemu,
        pattern=machine.qemu,
        vendor="none",
        series="lockstep",
        core=machine.core,
        mpu=machine.mainline,
        fpu=machine.fpu,
        bit_band=machine.mainline,
        priority_bits=8 if machine.mainline else 2,
        max_hz=25_000_000,
        cycles="not compared",
        flash=AddressRange(machine.flash, machine.flash + FLASH_SIZE),
        flash_page=1024,
        ram=AddressRange(RAM, RAM + machine.ram_size),
        memories=(),
        clocks=(),
        peripherals=(),
        interrupts=tuple(Interrupt(f"IRQ{number}", number) for number in range(INTERRUPTS)),
        pyocd_target="cortex_m",
        sources=(),
        file="",
    )


def make_mcu(machine: Machine, code: bytes) -> Mcu:
    """Our MCU with this program in flash, at power-on, nothing around it."""
    scenario = Scenario(
        id="lockstep",
        title="",
        kind="mode",
        duration=TICKS_PER_SECOND,
        step=TICKS_PER_SECOND,
        variables=(),
        equations=(),
        digital=(),
        analog=(),
        signals=(),
        frames=(),
        events=(),
    )
    programs = compile_scenario(scenario, Names(registers={}), (), "")
    return Mcu(describe(machine), LoadImage(((machine.flash, code),)), programs, clock_hz=25_000_000, lsi_hz=40_000)
