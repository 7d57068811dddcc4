"""What the names of an expression stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

from swassess.errors import ExpressionError
from swassess.firmware.c_types import ArrayType, BaseType, CType, Variable
from swassess.firmware.elf_facts import ElfFacts
from swassess.model.target import TargetDescription

_PIN = re.compile(r"P([A-I])(\d|1[0-5])")

MAX_SUGGESTED = 3


class Firmware(Protocol):
    """Where firmware variables and enumerators come from."""

    def variable(self, name: str) -> Variable | None:
        """The variable with a fixed address called `name`. Raises ExpressionError when several files have one."""

    def enumerator(self, name: str) -> int | None:
        """The value of the enumerator called `name`. Raises ExpressionError when enumerations contradict."""

    def known(self) -> Iterable[str]:
        """All names, for suggestions."""


class NoFirmware:
    """No image: plant equations, hazard conditions over pins."""

    def variable(self, name: str) -> Variable | None:
        return None

    def enumerator(self, name: str) -> int | None:
        return None

    def known(self) -> Iterable[str]:
        return ()


class FirmwareNames:
    """Variables and enumerators of one image.

    Where a file-scope variable and statics inside functions share a name, the file-scope one is meant; two of a kind
    at different addresses are ambiguous. `ambiguous` names enumerators with several values.
    """

    def __init__(
        self, variables: Iterable[Variable], enumerators: Mapping[str, int], ambiguous: Iterable[str] = ()
    ) -> None:
        self._variables: dict[str, list[Variable]] = {}
        for variable in variables:
            self._variables.setdefault(variable.name, []).append(variable)
        self._enumerators = enumerators
        self._ambiguous = frozenset(ambiguous)

    @classmethod
    def from_facts(cls, facts: ElfFacts) -> FirmwareNames:
        return cls(facts.variables, facts.enumerators, facts.ambiguous_enumerators)

    def variable(self, name: str) -> Variable | None:
        found = self._variables.get(name, [])
        candidates = {one.address: one for one in found if not one.function} or {one.address: one for one in found}
        if len(candidates) > 1:
            files = ", ".join(sorted({one.file or hex(one.address) for one in candidates.values()}))
            raise ExpressionError(
                f"{name!r} is ambiguous, several variables have that name ({files}); read the one meant by its address"
            )
        return next(iter(candidates.values()), None)

    def enumerator(self, name: str) -> int | None:
        if name in self._ambiguous:
            raise ExpressionError(
                f"enumerator {name!r} has different values in the image, "
                "give the one meant under [constants] with another name"
            )
        return self._enumerators.get(name)

    def known(self) -> Iterable[str]:
        return [*self._variables, *self._enumerators]


@dataclass(frozen=True, slots=True)
class RegisterPlace:
    """A peripheral register as memory: absolute address and C type (an array for register files such as ISER)."""

    address: int
    type: CType


def register_places(target: TargetDescription) -> dict[str, dict[str, RegisterPlace]]:
    """Peripheral -> register -> place, for `Names.registers`."""
    return {
        peripheral.name: {
            register.name: RegisterPlace(
                peripheral.base + register.offset, _register_type(register.size, register.count)
            )
            for register in peripheral.registers
            if register.count == 1 or register.stride == register.size  # C has no array with gaps
        }
        for peripheral in target.peripherals
    }


def _register_type(size: int, count: int) -> CType:
    element = BaseType(f"uint{8 * size}_t", size, signed=False)
    return element if count == 1 else ArrayType(element, count)


@dataclass(frozen=True, slots=True)
class Names:
    """Everything an expression may name. Where one name means several things, the first of these wins: plant variables
    (the order is the index), `t` and `mode`, pins, constants, enumerators, firmware variables."""

    firmware: Firmware = field(default_factory=NoFirmware)
    constants: Mapping[str, int] = field(default_factory=dict)
    registers: Mapping[str, Mapping[str, RegisterPlace]] = field(default_factory=dict)
    plant: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in self.plant:
            if name in ("t", "mode") or pin_number(name) is not None:
                raise ExpressionError(f"plant variable {name!r} has the name of something built in, rename it")

    def suggestion(self, name: str) -> str:
        """ "; did you mean ...?" with the nearest known names, or nothing."""
        known = {*self.plant, "t", "mode", *self.constants, *self.registers, *self.firmware.known()}
        return nearest(name, known)

    def constant(self, name: str) -> int | None:
        """A declared constant or an enumerator. Raises ExpressionError where the two contradict."""
        declared, compiled = self.constants.get(name), self.firmware.enumerator(name)
        if declared is not None and compiled is not None and declared != compiled:
            raise ExpressionError(
                f"{name!r} is {declared} under [constants] but {compiled} in the image, remove the constant"
            )
        return compiled if declared is None else declared


def pin_number(name: str) -> int | None:
    """16 * port + number for "PA0" .. "PI15", else None."""
    found = _PIN.fullmatch(name)
    return (ord(found[1]) - ord("A")) * 16 + int(found[2]) if found else None


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean 'a' or 'b'?" or nothing."""
    folded: dict[str, str] = {}
    for one in sorted(known):
        folded.setdefault(one.lower(), one)
    close = get_close_matches(name.lower(), list(folded), MAX_SUGGESTED, 0.6)
    return f"; did you mean {' or '.join(repr(folded[one]) for one in close)}?" if close else ""
