"""Objects in memory: where they are and how their value is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from swassess.errors import ExpressionError
from swassess.expressions.arithmetic import binary, convert
from swassess.expressions.bytecode import Op
from swassess.expressions.pieces import Piece, apply, constant, full_range, leaf, wrap
from swassess.expressions.value_types import INT, UINT, AddressType, IntegerType, ValueType, integer_type
from swassess.firmware.c_types import (
    ArrayType,
    BaseType,
    CType,
    EnumType,
    FunctionType,
    PointerType,
    StructType,
    VoidType,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An object. address: piece of type UINT, constant where the address is known. name: for messages.

    bits: width of a bit-field (0: none), bit_offset: of its lowest bit, from the byte at `address`.
    """

    name: str
    address: Piece
    type: CType
    bits: int = 0
    bit_offset: int = 0


def fixed(name: str, address: int, ctype: CType) -> Place:
    return Place(name, constant(address & 0xFFFFFFFF, UINT), ctype)


def member(place: Place, name: str, suggestion: str) -> Place:
    """place.name; `suggestion` is added to the message when there is no such member."""
    if not isinstance(place.type, StructType):
        raise ExpressionError(f"{place.name} is {describe(place.type)}, it has no member {name!r}")
    found = place.type.member(name)
    if found is None:
        raise ExpressionError(f"{place.name} ({describe(place.type)}) has no member {name!r}{suggestion}")
    address = _moved(place.address, found.offset)
    return Place(f"{place.name}.{name}", address, found.type, found.bit_size, found.bit_offset)


def element(place: Place, index: Piece) -> Place:
    """place[index] of an array object. A constant index is held against the array's length."""
    if not isinstance(place.type, ArrayType):
        raise ExpressionError(f"{place.name} is {describe(place.type)}, not an array")
    count = place.type.count
    if index.constant is not None and count and not 0 <= index.constant < count:
        raise ExpressionError(f"index {index.constant:.0f} is outside {place.name}, which has {count} elements")
    return at(offset_address(place.address, index, place.type.element), place.type.element, f"{place.name}[]")


def at(address: Piece, target: CType, name: str) -> Place:
    """The object of type `target` at an address (an unsigned or pointer value)."""
    return Place(name, replace(address, type=UINT), target)


def offset_address(address: Piece, index: Piece, target: CType) -> Piece:
    """address + index * size of `target`, modulo 2^32."""
    if not isinstance(index.type, IntegerType):
        raise ExpressionError("an index must be an integer, cast it with (int)")
    if not target.size:
        raise ExpressionError(f"elements of type {describe(target)} have no known size")
    scaled = binary("*", convert(index, UINT if index.type == UINT else INT), constant(target.size, INT))
    return wrap(binary("+", replace(address, type=UINT), scaled), UINT)


def address_of(place: Place) -> Piece:
    """&place."""
    if place.bits:
        raise ExpressionError(f"{place.name} is a bit-field, it has no address")
    return replace(place.address, type=AddressType(place.type))


def load(place: Place) -> Piece:
    """The object's value; arrays become the address of their first element. Raises ExpressionError for objects that
    expressions cannot read (structs, 64-bit and floating variables)."""
    if place.bits:
        return _load_bits(place)
    match place.type:
        case ArrayType(element=first):
            return replace(place.address, type=AddressType(first))
        case PointerType(size=4, target=target):
            return _load(place.address, UINT, AddressType(target))
    found = integer_type(place.type)
    if found is None:
        raise ExpressionError(_refusal(place))
    return _load(place.address, found, found)


def describe(ctype: CType) -> str:
    """The type in words, for messages."""
    match ctype:
        case BaseType(name=name) | EnumType(name=name) if name:
            return name
        case StructType(name=name, is_union=is_union):
            return f"{'union' if is_union else 'struct'} {name}".rstrip()
        case ArrayType():
            return "an array"
        case PointerType():
            return "a pointer"
        case FunctionType():
            return "a function"
        case VoidType():
            return "void"
        case _:
            return "an unnamed type"


def _refusal(place: Place) -> str:
    match place.type:
        case BaseType(floating=True, name=name):
            return f"{place.name} is a {name}, which expressions do not read from memory; use an integer or a flag"
        case BaseType(size=8) | EnumType(size=8):
            return f"{place.name} has 64 bits but expressions have 32; read its low half by *(uint32_t *)&{place.name}"
        case StructType():
            return f"{place.name} is {describe(place.type)}, name one of its members"
        case _:
            return f"{place.name} is {describe(place.type)}, which has no value to read"


def _moved(address: Piece, offset: int) -> Piece:
    return address if offset == 0 else wrap(binary("+", address, constant(offset, UINT)), UINT)


def _load(address: Piece, stored: IntegerType, type_: ValueType) -> Piece:
    low, high = full_range(stored)
    if stored.boolean:
        # A fault may leave any byte in a bool, so only the size limits the value.
        low, high = 0, 255
    if address.constant is not None:
        return leaf(Op.LOAD, (int(address.constant), stored.size, int(stored.signed)), type_, low, high)
    return apply(Op.LOAD_INDIRECT, [address], type_, (low, high), (stored.size, int(stored.signed)))


def _load_bits(place: Place) -> Piece:
    """A bit-field is cut out of the aligned word around it (structures are aligned to it, packed ones may not be)."""
    found = integer_type(place.type)
    if found is None:
        raise ExpressionError(_refusal(place))
    start = place.bit_offset
    address = place.address
    if address.constant is not None:
        start += 8 * (int(address.constant) % 4)
        address = constant(int(address.constant) & ~3, UINT)
    address = _moved(address, start // 32 * 4)
    start %= 32
    if start + place.bits > 32:
        raise ExpressionError(f"bit-field {place.name} lies across two words, which expressions do not read")
    word = _load(address, UINT, UINT)
    shifted = apply(Op.SHR, [word, constant(start, INT)], UINT, (0, UINT.high)) if start else word
    low, high = (-(1 << (place.bits - 1)), (1 << (place.bits - 1)) - 1) if found.signed else (0, (1 << place.bits) - 1)
    type_ = UINT if place.bits == 32 and not found.signed else INT
    return apply(Op.WRAP, [shifted], type_, (low, high), (place.bits, int(found.signed)))
