"""A test stand for images of the washer: golden runs are made once, engines are kept, faults are given by identity."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import capstone
import pytest

from swassess.emulator.mcu import Taps
from swassess.expressions.compiler import compile_expression
from swassess.expressions.names import FirmwareNames, Names, register_places
from swassess.faults.bench import Bench, make_bench
from swassess.faults.golden import GoldenRun, run_golden
from swassess.faults.identity import parse_fault
from swassess.faults.mechanism import taps_for
from swassess.faults.plan import Plan
from swassess.faults.run_fault import FaultRunner, GoldenReference, Sequence
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.image import LoadImage
from swassess.model.declared import Declaration
from swassess.model.fault import Fault
from swassess.model.outcome import OutcomeRecord
from swassess.model.target import TargetDescription
from swassess.submission.manifest import read_manifest
from swassess.target_data import find_target

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"
IMAGES = WASHER / "firmware" / "images"
NOP = b"\x00\xbf"


class Stand:
    """One image on its bench."""

    def __init__(self, declaration: Declaration, target: TargetDescription, facts: ElfFacts, image: LoadImage) -> None:
        self.declaration, self.target, self.facts = declaration, target, facts
        self.bench, self.failed = make_bench(declaration, target, image, facts)
        self._golden: dict[tuple[str, bool], GoldenRun] = {}
        self._runners: dict[tuple[str, Taps], FaultRunner] = {}

    def golden(self, scenario: str, *, trace: bool = False) -> GoldenRun:
        key = (scenario, trace)
        if key not in self._golden:
            self._golden[key] = run_golden(self.bench, scenario, trace=trace)
        return self._golden[key]

    def new_runner(self, scenario: str, taps: Taps) -> FaultRunner:
        return FaultRunner(self.bench, scenario, GoldenReference.of(self.golden(scenario)), taps)

    def runner(self, fault: Fault) -> FaultRunner:
        key = (fault.scenario, taps_for(fault))
        if key not in self._runners:
            self._runners[key] = self.new_runner(*key)
        return self._runners[key]

    def run(self, identity: str, plan: Plan, story: Sequence | None = None) -> OutcomeRecord:
        fault = parse_fault(identity)
        return self.runner(fault).run(fault, plan, story)

    def plan(self, measure: str, *, pattern_test: bool = True) -> Plan:
        found = next(one for one in self.declaration.measures if one.id == measure)
        return Plan(found.id, found.oracles, found.detection_time, found.reaction_time, pattern_test)

    def address(self, function: str) -> int:
        return self.bench.functions[function]

    def code(self, function: str) -> tuple[int, bytes]:
        """Where a function stands and its bytes."""
        symbol = next(one for one in self.facts.functions if one.name == function)
        return symbol.address, self.bench.image.bytes_at(symbol.address, symbol.end)

    def instructions(self, function: str) -> list[capstone.CsInsn]:
        start, code = self.code(function)
        return list(
            capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS).disasm(code, start)
        )

    def call(self, caller: str, callee: str) -> int:
        """Address of the first direct call."""
        wanted = f"#0x{self.address(callee):x}"
        return next(one.address for one in self.instructions(caller) if one.mnemonic == "bl" and one.op_str == wanted)

    def names(self, scenario: str = "") -> Names:
        own = [name for one in self.declaration.scenarios if one.id == scenario for name, _ in one.variables]
        places = register_places(self.target)
        return Names(FirmwareNames.from_facts(self.facts), dict(self.declaration.constants), places, own)

    def expectation(self, scenario: str, text: str = "") -> object:
        declared = next(one for one in self.declaration.scenarios if one.id == scenario).expected
        return compile_expression(text or declared, self.names(scenario))


@pytest.fixture(scope="session")
def declaration() -> Declaration:
    return read_manifest(WASHER).declaration


@pytest.fixture(scope="session")
def product(declaration: Declaration) -> Stand:
    """The washer as it is handed in."""
    facts = read_elf(IMAGES / "washer.elf")
    return Stand(declaration, find_target(declaration.part), facts, facts.image)


@pytest.fixture(scope="session")
def bench(product: Stand) -> Bench:
    return product.bench


@pytest.fixture(scope="session")
def flawed(declaration: Declaration) -> Callable[[str], Stand]:
    """flawed("ram-range"): a flawed image of the washer."""
    made: dict[str, Stand] = {}

    def get(name: str) -> Stand:
        if name not in made:
            facts = read_elf(IMAGES / f"washer-flaw-{name}.elf")
            made[name] = Stand(declaration, find_target(declaration.part), facts, facts.image)
        return made[name]

    return get


@pytest.fixture(scope="session")
def weak(product: Stand) -> Stand:
    """The washer with a start-up march that looks at one thing only: whether a word of ones still reads as ones.

    All other branches to the error are replaced by NOP, and the reference of the flash check is adapted, so that the
    image is sound in every other respect. Cells stuck at 1 pass this test.
    """
    branches = [one for one in product.instructions("safety_ram_test_startup") if one.mnemonic.startswith("bne")]
    assert len(branches) == 10, "two backgrounds with five reads each"
    start = product.declaration.flash.start
    flash = bytearray(product.bench.image.bytes_at(start, product.declaration.flash.end))
    for position, branch in enumerate(branches):
        if position != 1:
            flash[branch.address - start : branch.address - start + branch.size] = NOP * (branch.size // 2)
    check = product.declaration.check_values[0]
    assert check.stored_at is not None
    crc = zlib.crc32(flash[check.start - start : check.end - start])
    flash[check.stored_at - start : check.stored_at - start + 4] = crc.to_bytes(4, "little")
    image = LoadImage(((start, bytes(flash)),), product.facts.image.entry)
    return Stand(product.declaration, product.target, replace(product.facts, image=image), image)
