"""The types of values on the stack, and the type names a cast may use: those of a 32-bit target (AAPCS)."""

from dataclasses import dataclass

from swassess.firmware.c_types import BaseType, CType, EnumType


@dataclass(frozen=True, slots=True)
class IntegerType:
    """An integer of `size` bytes (1, 2 or 4). boolean: conversion gives 0 or 1."""

    size: int
    signed: bool
    boolean: bool = False

    @property
    def low(self) -> int:
        return -(1 << (8 * self.size - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (8 * self.size - (1 if self.signed else 0))) - 1


@dataclass(frozen=True, slots=True)
class DoubleType:
    """A float64: plant variables, time and floating literals."""


@dataclass(frozen=True, slots=True)
class AddressType:
    """A pointer to `target`; the value is an unsigned 32-bit address."""

    target: CType


ValueType = IntegerType | DoubleType | AddressType

INT = IntegerType(4, True)
UINT = IntegerType(4, False)
BOOL = IntegerType(1, False, boolean=True)
DOUBLE = DoubleType()


def _integer(size: int, signed: bool) -> BaseType:
    return BaseType(f"{'' if signed else 'u'}int{8 * size}_t", size, signed)


_BOOL = BaseType("bool", 1, False, boolean=True)

# Words of a type name, sorted, as they stand in a cast. Plain char is unsigned on Arm.
NAMED_TYPES: dict[tuple[str, ...], BaseType] = {
    ("char",): _integer(1, False),
    ("char", "signed"): _integer(1, True),
    ("char", "unsigned"): _integer(1, False),
    ("short",): _integer(2, True),
    ("int", "short"): _integer(2, True),
    ("short", "unsigned"): _integer(2, False),
    ("int", "short", "unsigned"): _integer(2, False),
    ("int",): _integer(4, True),
    ("signed",): _integer(4, True),
    ("int", "signed"): _integer(4, True),
    ("unsigned",): _integer(4, False),
    ("int", "unsigned"): _integer(4, False),
    ("long",): _integer(4, True),
    ("int", "long"): _integer(4, True),
    ("long", "unsigned"): _integer(4, False),
    ("int", "long", "unsigned"): _integer(4, False),
    ("long", "long"): _integer(8, True),
    ("int", "long", "long"): _integer(8, True),
    ("long", "long", "unsigned"): _integer(8, False),
    ("_Bool",): _BOOL,
    ("bool",): _BOOL,
    ("double",): BaseType("double", 8, True, floating=True),
    ("float",): BaseType("float", 4, True, floating=True),
    **{
        (f"{'' if signed else 'u'}int{8 * size}_t",): _integer(size, signed)
        for size in (1, 2, 4, 8)
        for signed in (False, True)
    },
    ("intptr_t",): _integer(4, True),
    ("uintptr_t",): _integer(4, False),
    ("size_t",): _integer(4, False),
    ("ptrdiff_t",): _integer(4, True),
}
# Those of them that the C parser has to be told about.
TYPEDEF_NAMES = tuple(sorted(words[0] for words in NAMED_TYPES if words[0].endswith("_t") or words[0] == "bool"))


def integer_type(ctype: CType) -> IntegerType | None:
    """The integer type that a variable of type `ctype` holds; None when it is no integer of up to 32 bits."""
    match ctype:
        case BaseType(floating=False, size=1 | 2 | 4 as size, signed=signed, boolean=boolean):
            return IntegerType(size, signed, boolean)
        case EnumType(size=1 | 2 | 4 as size, signed=signed):
            return IntegerType(size, signed)
        case _:
            return None
