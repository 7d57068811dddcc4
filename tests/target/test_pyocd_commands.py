"""pyOCD's own commands with the emulated probe as its plugin, in processes of their own."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from swassess.target.boards import connect_board, disconnect_board
from swassess.target.probes import list_probes

ROOT = Path(__file__).resolve().parents[2]
ELF = ROOT / "fixtures" / "washer" / "firmware" / "images" / "washer.elf"
PART, UID = "STM32F103C8T6", "EMU-STM32F103C8T6"

installed = pytest.mark.skipif(
    "swassess" not in {one.name for one in entry_points(group="pyocd.probe")},
    reason="the plugin is not registered: install the package anew (pip install -e .)",
)


def pyocd(*arguments: str, probe: str = "", mcu: str = PART) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SWASSESS_PROBE": probe, "SWASSESS_PROBE_MCU": mcu}
    done = subprocess.run(
        [sys.executable, "-m", "pyocd", *arguments], env=environment, capture_output=True, text=True, timeout=180,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


@installed
def test_list_shows_the_board_once_there_is_an_image() -> None:
    assert UID not in pyocd("list", mcu="")
    said = pyocd("list", probe=str(ELF))
    assert UID in said and "stm32f103rc" in said


@installed
def test_list_tells_what_is_wrong_in_one_sentence() -> None:
    said = pyocd("list", probe="nowhere.elf")
    assert "there is no nowhere.elf" in said and UID not in said


@installed
def test_commander_reads_registers_and_memory() -> None:
    said = pyocd("commander", "-W", "-u", UID, "-c", "reset halt", "-c", "reg pc", "-c", "rw 0x08000000 4", "-c",
                 "rw 0x60000000 4", "-c", "exit", probe=str(ELF))  # fmt: skip
    assert "pc = 0x08000780" in said, said
    assert "20005000" in said
    assert "memory transfer failed" in said.lower() or "fault" in said.lower()


@installed
def test_load_writes_and_reads_back(tmp_path: Path) -> None:
    """A blank board: the image is loaded and compared within the one process in which the board lives."""
    saved = tmp_path / "saved.bin"
    said = pyocd("commander", "-W", "-u", UID, "-c", "halt", "-c", f"load {ELF}", "-c",
                 f"savemem 0x08000000 64 {saved}", "-c", "exit")  # fmt: skip
    assert saved.exists(), said
    assert saved.read_bytes()[:8] == bytes.fromhex("0050002081070008")
    said = pyocd("load", "-W", "-u", UID, "--no-reset", str(ELF))
    assert "programmed" in said, said


def test_probes_are_listed() -> None:
    from swassess.evaluate.desk import set_up

    board = set_up(None, PART).board
    connect_board(board)
    try:
        found = [entry for entry in list_probes() if entry.emulated]
    finally:
        disconnect_board(board.unique_id)
    assert [(entry.unique_id, entry.target) for entry in found] == [(UID, "stm32f103rc")]
    assert not [entry for entry in list_probes() if entry.emulated]
