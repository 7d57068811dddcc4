"""The test firmware (tests/firmware/data, our own C) and the outside tools that tell what is in it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from swassess.firmware.call_graph import CallGraph, build_call_graph
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.model.declared import AddressRange


@pytest.fixture(scope="session")
def data() -> Path:
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def tiny(data: Path) -> ElfFacts:
    return read_elf(data / "tiny.elf")


@pytest.fixture(scope="session")
def graph(tiny: ElfFacts) -> CallGraph:
    return build_call_graph(tiny, (0x08000000, 0x08000040))


@pytest.fixture(scope="session")
def flash() -> AddressRange:
    return AddressRange(0x08000000, 0x08010000)


@pytest.fixture(scope="session")
def ram() -> AddressRange:
    return AddressRange(0x20000000, 0x20005000)


@pytest.fixture(scope="session")
def oracle() -> Callable[..., str]:
    """Runs a GNU binary tool on files, as the outside witness."""

    def run(tool: str, *arguments: str | Path) -> str:
        path = shutil.which(f"arm-none-eabi-{tool}")
        if path is None:
            pytest.skip(f"arm-none-eabi-{tool} is not installed, so there is no outside witness to compare with")
        return subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, check=True).stdout

    return run
