"""An emulated MCU with the debugged program, and pyOCD on it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # test modules share debuggee.py and checks.py
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "emulator"))

from debuggee import Bench, make_bench

from swassess.emulator.mcu import Mcu


@pytest.fixture(scope="session")
def shared_mcu() -> Mcu:
    """One engine for all checks; each starts it anew."""
    return make_bench().mcu


@pytest.fixture(params=["accelerated", "registers"])
def bench(request: pytest.FixtureRequest, shared_mcu: Mcu) -> Iterator[Bench]:
    """pyOCD on the board, by accelerated memory access, and by access port registers alone."""
    made = make_bench(shared_mcu, accelerated=request.param == "accelerated")
    yield made
    made.close()


@pytest.fixture
def broken_bench(shared_mcu: Mcu) -> Iterator[Bench]:
    """As `bench`, for checks that are to fail; nothing is connected yet."""
    made = make_bench(shared_mcu)
    yield made
    made.close()
