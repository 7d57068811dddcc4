"""The STM32F0 shows its RAM at address 0: a core without VTOR then takes its vectors from there."""

from emulated import MS, make_scenario

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.scenario_programs import compile_scenario
from swassess.expressions.names import Names, register_places
from swassess.firmware.image import LoadImage
from swassess.target_data import find_target

# Copies the sixteen vectors to the RAM, puts another SysTick handler there, sets MEM_MODE to 3 (store at 0x56) and
# starts SysTick. The handlers (0x64 and 0x68) write 1 from the flash's table and 2 from the RAM's to 0x20000100.
PROGRAM = bytes.fromhex(
    "0010002041000008000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000065000008"
    "0b480c493c23ca58c250043bfbd50a4ac2630a4903220a6009490a4a4a600722"
    "0a60fee7012300e0022307480360704700000020000000086900000800000140"
    "10e000e0e703000000010020"
)
MARK = 0x100


def result(program: bytes) -> int:
    target = find_target("STM32F030R8T6")
    programs = compile_scenario(make_scenario(), Names(registers=register_places(target)), (), "")
    mcu = Mcu(target, LoadImage(((0x08000000, program),)), programs, clock_hz=8_000_000, lsi_hz=40_000)
    mcu.run(2 * MS)
    mark = mcu.ram[MARK]
    mcu.power_on()
    assert mcu.state[at.VTOR] == 0
    return int(mark)


def test_vectors_come_from_the_ram_that_is_shown_at_zero() -> None:
    assert result(PROGRAM) == 2


def test_vectors_come_from_the_flash_otherwise() -> None:
    store = PROGRAM.index(bytes.fromhex("03220a60")) + 2
    without = PROGRAM[:store] + bytes.fromhex("00bf") + PROGRAM[store + 2 :]  # nop instead of the store
    assert result(without) == 1
