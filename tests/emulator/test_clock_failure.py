"""A crystal that stops: with the clock security system an NMI on the HSI, without it a core that stands still."""

from emulated import MS, make_scenario

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target_data import find_target

# Writes 0x90083 (HSEON, CSSON) to RCC_CR, selects the HSE, then counts rounds at 0x20000104. The NMI handler counts at
# 0x20000100 and clears CSSF at the third entry.
PROGRAM = bytes.fromhex(
    "0010002041000008550000080000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "084809490160012242600023074c01336360fce7216801312160032901d10449"
    "8160704700100240830009000001002000008000"
)
WITH_SECURITY, WITHOUT = bytes.fromhex("83000900"), bytes.fromhex("83000100")
NMI_COUNT, ROUNDS = 0x100, 0x104


def machine(program: bytes) -> Mcu:
    target = find_target("STM32F030R8T6")
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    mcu = Mcu(target, LoadImage(((0x08000000, program),)), programs, clock_hz=8_000_000, lsi_hz=40_000)
    mcu.blocks.set_source_hz("HSE", 16_000_000)
    return mcu


def word(mcu: Mcu, offset: int) -> int:
    return int.from_bytes(mcu.ram[offset : offset + 4].tobytes(), "little")


def rounds_in_a_millisecond(mcu: Mcu) -> int:
    before = word(mcu, ROUNDS)
    mcu.run(mcu.ticks + MS)
    return word(mcu, ROUNDS) - before


def test_nmi_comes_until_its_flag_is_cleared_and_the_core_goes_on_by_the_hsi() -> None:
    mcu = machine(PROGRAM)
    mcu.run(MS)
    fast = rounds_in_a_millisecond(mcu)
    mcu.blocks.set_source_hz("HSE", 0)
    mcu.run(mcu.ticks + MS)
    assert word(mcu, NMI_COUNT) == 3
    assert mcu.state[at.EXCEPTION_TAKEN + 2] == 3
    slow = rounds_in_a_millisecond(mcu)
    assert abs(fast - 2 * slow) <= 2, "16 MHz before, 8 MHz after"


def test_without_security_the_core_stands_still() -> None:
    mcu = machine(PROGRAM.replace(WITH_SECURITY, WITHOUT))
    mcu.run(MS)
    assert rounds_in_a_millisecond(mcu) > 0
    mcu.blocks.set_source_hz("HSE", 0)
    assert rounds_in_a_millisecond(mcu) == 0 and word(mcu, NMI_COUNT) == 0
    mcu.blocks.set_source_hz("HSE", 16_000_000)
    assert rounds_in_a_millisecond(mcu) > 0
