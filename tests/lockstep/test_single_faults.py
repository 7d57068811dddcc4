"""Each case of programs/faults.s on our MCU and on QEMU: faults, invalid returns, stacking errors, lockup, masks."""

import struct
from dataclasses import dataclass

import pytest
from images import read_image
from known_differences import KNOWN
from lockstep import lockstep
from machines import MACHINES

pytestmark = pytest.mark.needs("qemu-system-arm")
CASE, COUNT = 0x100, 700
IN_EVERY_RUN = ("m0", "m3")


@dataclass(frozen=True, slots=True)
class Case:
    core: str
    name: str

    def __str__(self) -> str:
        return f"{self.core}-{self.name}"


def _cases() -> list[object]:
    made: list[object] = []
    for core in MACHINES:
        for symbol in read_image(f"faults-{core}")[1]:
            if symbol.startswith("case_"):
                marks = [] if core in IN_EVERY_RUN else [pytest.mark.slow]
                case = Case(core, symbol.removeprefix("case_"))
                made.append(pytest.param(case, marks=marks, id=str(case)))
    return made


@pytest.mark.parametrize("case", _cases())
def test_case_is_equal_or_known_to_differ(case: Case) -> None:
    program, symbols = read_image(f"faults-{case.core}")
    code = bytearray(program)
    struct.pack_into("<I", code, CASE, symbols[f"case_{case.name}"] | 1)
    result = lockstep(MACHINES[case.core], bytes(code), COUNT, symbols)
    known = KNOWN.get((case.core, case.name)) or KNOWN.get(("all", case.name))
    if known is None:
        assert result.difference == ""
        return
    assert result.difference != "", f"no longer different; take it from the list: {known}"


def test_the_list_names_cases_that_exist() -> None:
    existing = {(core, symbol.removeprefix("case_")) for core in MACHINES for symbol in read_image(f"faults-{core}")[1]}
    names = {name for _, name in existing}
    for core, name in KNOWN:
        assert (core, name) in existing or (core == "all" and name in names)
