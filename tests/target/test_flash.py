"""pyOCD's own flash algorithm, run by the emulated core against the flash controller, really programmes the flash."""

from typing import Any

import pytest
from debuggee import read_image
from pyocd.flash.file_programmer import FileProgrammer
from pyocd.flash.loader import FlashLoader

from swassess.emulator import layout as at
from swassess.evaluate.desk import set_up
from swassess.target.boards import EmulatedBoard
from swassess.target.serve import open_session

FLASH = 0x08000000


@pytest.fixture
def blank() -> EmulatedBoard:
    return set_up(None, "STM32F103C8T6").board


def flash_of(board: EmulatedBoard) -> bytes:
    mcu = board.unit.mcu
    return bytes(mcu.flash[: mcu.flash_size].tobytes())


def test_an_erased_board_is_programmed_and_runs(blank: EmulatedBoard, tmp_path: Any) -> None:
    data, symbols = read_image("debuggee")
    file = tmp_path / "program.bin"
    file.write_bytes(data)
    with open_session(blank) as session:
        assert set(flash_of(blank)) == {0xFF}
        FileProgrammer(session, chip_erase="sector").program(str(file), base_address=FLASH)
        held = flash_of(blank)
        assert held[: len(data)] == data
        assert set(held[len(data) + 1024 :]) == {0xFF}
        core = session.target.selected_core
        core.reset_and_halt()
        assert core.read_core_register("pc") == symbols["start"]
        core.set_breakpoint(symbols["done"])
        core.resume()
        for _ in range(10):
            if core.is_halted():
                break
        assert core.read_core_register("pc") == symbols["done"]


def test_sectors_are_rewritten_and_the_rest_is_kept(blank: EmulatedBoard) -> None:
    with open_session(blank) as session:
        FlashLoader.program_binary_data(session, FLASH + 0x1000, bytes(range(256)) * 4)
        FlashLoader.program_binary_data(session, FLASH + 0x1400, b"\x11" * 1024)
        FlashLoader.program_binary_data(session, FLASH + 0x1000, b"\x22" * 1024)
    held = flash_of(blank)
    assert held[0x1000:0x1400] == b"\x22" * 1024
    assert held[0x1400:0x1800] == b"\x11" * 1024
    assert set(held[:0x1000]) == {0xFF}


def test_code_runs_as_it_was_programmed_last(blank: EmulatedBoard) -> None:
    """Code that has run, is programmed anew and runs again: nothing stale is executed."""
    first, second = bytes.fromhex("0120fee7"), bytes.fromhex("0220fee7")  # movs r0, #1 or #2; b .
    vectors = (0x20005000).to_bytes(4, "little") + (FLASH + 9).to_bytes(4, "little")
    with open_session(blank) as session:
        core = session.target.selected_core
        for code, value in ((first, 1), (second, 2)):
            FlashLoader.program_binary_data(session, FLASH, (vectors + code).ljust(1024, b"\xff"))
            core.reset_and_halt()
            core.resume()
            core.is_halted()
            core.halt()
            assert core.read_core_register("r0") == value


def test_without_the_controller_nothing_is_written(blank: EmulatedBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read-back is what tells: a controller that takes no data is noticed."""
    from swassess.emulator.blocks import Blocks

    monkeypatch.setattr(Blocks, "_program", lambda self, address, size, value: 1)
    with open_session(blank) as session:
        try:
            FlashLoader.program_binary_data(session, FLASH, b"\x55" * 1024)
        except Exception as error:
            assert "flash" in str(error).lower() or "verify" in str(error).lower() or error
    assert flash_of(blank)[:1024] != b"\x55" * 1024
    assert blank.unit.mcu.control[at.C_ERROR] == 0
