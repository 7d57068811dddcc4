"""Option bytes erased and programmed by the program itself, through the bus."""

from emulated import MS, make_scenario

from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target_data import find_target

# Unlocks the flash and its options, erases them, programs RDP (0xAA) and data byte 0 (0x12) and copies the half-words
# at 0x1FFFF800 and 0x1FFFF804 to 0x20000100. Then it writes once more without OPTPG, whose HardFault marks 0x20000104.
PROGRAM = bytes.fromhex(
    "0010002041000008000000008900000800000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "13481449144a41604260816082601349016100f015f812490161124baa211980"
    "00f00ef81221998000f00af80e4c1988218099886180002101610121d980fee7"
    "c568ed07fcd47047084c2460fee700000020024023016745ab89efcd60020000"
    "1002000000f8ff1f0001002004010020"
)


def test_option_bytes_are_programmed_with_their_complement() -> None:
    target = find_target("STM32F030R8T6")
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    mcu = Mcu(target, LoadImage(((0x08000000, PROGRAM),)), programs, clock_hz=8_000_000, lsi_hz=40_000)
    mcu.run(19 * MS)
    assert bytes(mcu.ram[0x100:0x104]) == bytes(4), "the erase takes 20 ms"
    mcu.run(30 * MS)
    assert bytes(mcu.ram[0x100:0x104]) == bytes.fromhex("aa5512ed")
    assert bytes(mcu.ram[0x104:0x108]) == (0x20000104).to_bytes(4, "little"), "refused without OPTPG"
