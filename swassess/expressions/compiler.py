"""C expressions to programs: `compile_expression` and `compile_assignment`.

What is allowed and what the result means is C on a 32-bit Arm; see arithmetic.py for what C leaves undefined.
"""

from collections.abc import Callable
from dataclasses import replace

from pycparser import c_ast

from swassess.errors import ExpressionError
from swassess.expressions import places
from swassess.expressions.arithmetic import binary, conditional, convert, logical, unary
from swassess.expressions.bytecode import Op, Program
from swassess.expressions.functions import FUNCTIONS, call
from swassess.expressions.literals import literal
from swassess.expressions.names import Names, nearest, pin_number
from swassess.expressions.parser import column, parse
from swassess.expressions.pieces import Piece, constant, leaf, link, stored
from swassess.expressions.places import Place
from swassess.expressions.value_types import DOUBLE, INT, NAMED_TYPES, UINT, AddressType, integer_type
from swassess.firmware.c_types import BaseType, CType, PointerType, StructType

_ASSIGNMENTS = {"=": "", "+=": "+", "-=": "-", "*=": "*", "/=": "/"}


def compile_expression(source: str, names: Names) -> Program:
    """The program that leaves the value of the C expression `source`. Raises ExpressionError (one sentence)."""
    return _guarded(source, lambda: _Compiler(names).value(parse(source)))


def compile_assignment(source: str, names: Names) -> Program:
    """The program of "x = expression" (or +=, -=, *=, /=) for a plant variable x; it leaves the value stored.

    Raises ExpressionError (one sentence).
    """
    return _guarded(source, lambda: _Compiler(names).assignment(parse(source)))


def _guarded(source: str, build: Callable[[], Piece]) -> Program:
    try:
        return link(build(), source)
    except ExpressionError as error:
        shown = source if len(source) <= 100 else source[:97] + "..."
        raise ExpressionError(f"expression {shown!r}: {error}") from None
    except RecursionError:
        raise ExpressionError(f"expression {source[:97]!r}: nested too deeply, split it") from None


class _Compiler:
    """Walks the tree; `value` gives pieces, `place` objects in memory."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def assignment(self, node: c_ast.Node) -> Piece:
        if not isinstance(node, c_ast.Assignment) or node.op not in _ASSIGNMENTS:
            raise ExpressionError("an assignment to a plant variable is needed (x = ..., or +=, -=, *=, /=)")
        target = node.lvalue
        if not isinstance(target, c_ast.ID) or target.name not in self._names.plant:
            shown = f"{target.name!r}" if isinstance(target, c_ast.ID) else "the left side"
            hint = nearest(target.name, self._names.plant) if isinstance(target, c_ast.ID) else ""
            raise ExpressionError(f"{shown} is not a plant variable, and only those can be assigned{hint}")
        value = self.value(node.rvalue)
        operator = _ASSIGNMENTS[node.op]
        if operator:
            value = binary(operator, self.value(target), value)
        return stored(convert(value, DOUBLE), list(self._names.plant).index(target.name))

    def value(self, node: c_ast.Node) -> Piece:
        match node:
            case c_ast.Constant():
                return literal(node.value)
            case c_ast.ID():
                return self._name(node)
            case c_ast.BinaryOp():
                return self._binary(node)
            case c_ast.UnaryOp(op="&"):
                return places.address_of(self.place(node.expr))
            case c_ast.UnaryOp(op="+" | "-" | "~" | "!"):
                return unary(node.op, self.value(node.expr))
            case c_ast.UnaryOp(op="*") | c_ast.StructRef() | c_ast.ArrayRef():
                return places.load(self.place(node))
            case c_ast.TernaryOp():
                return conditional(self.value(node.cond), self.value(node.iftrue), self.value(node.iffalse))
            case c_ast.Cast():
                return self._cast(node)
            case c_ast.FuncCall():
                return self._call(node)
            case c_ast.Assignment():
                raise ExpressionError(f"an assignment cannot stand{column(node)}; for a comparison write ==")
            case c_ast.UnaryOp(op=operator):
                raise ExpressionError(f"operator {operator.strip('p')} is not possible{column(node)}")
            case c_ast.ExprList():
                raise ExpressionError(f"a comma cannot join expressions{column(node)}")
            case _:
                raise ExpressionError(f"not possible in an expression{column(node)}: {type(node).__name__}")

    def place(self, node: c_ast.Node) -> Place:
        match node:
            case c_ast.ID():
                variable = self._names.firmware.variable(node.name)
                if variable is None:
                    raise self._unknown(node)
                return places.fixed(node.name, variable.address, variable.type)
            case c_ast.StructRef():
                return self._member(node)
            case c_ast.ArrayRef():
                return self._element(node)
            case c_ast.UnaryOp(op="*"):
                pointer = self.value(node.expr)
                return self._followed(pointer, "*", node)
            case _:
                raise ExpressionError(f"a variable, member or element of the firmware is needed{column(node)}")

    def _name(self, node: c_ast.ID) -> Piece:
        name = node.name
        if name in self._names.plant:
            return leaf(Op.LOAD_VARIABLE, [list(self._names.plant).index(name)], DOUBLE)
        if name == "t":
            return leaf(Op.LOAD_TIME, [], DOUBLE)
        if name == "mode":
            return leaf(Op.LOAD_MODE, [], INT, INT.low, INT.high)
        pin = pin_number(name)
        if pin is not None:
            port = f"GPIO{name[1]}"
            if self._names.registers and port not in self._names.registers:
                raise ExpressionError(f"the MCU has no pin {name}{column(node)} (there is no {port})")
            return leaf(Op.LOAD_PIN, [pin], INT, 0, 1)
        number = self._names.constant(name)
        if number is not None:
            return _constant(name, number)
        if name in self._names.registers and self._names.firmware.variable(name) is None:
            first = next(iter(self._names.registers[name]), "REGISTER")
            raise ExpressionError(f"{name!r} is a peripheral, name a register of it such as {name}->{first}")
        return places.load(self.place(node))

    def _binary(self, node: c_ast.BinaryOp) -> Piece:
        left, right = self.value(node.left), self.value(node.right)
        if node.op in ("&&", "||"):
            return logical(node.op, left, right)
        if node.op in ("+", "-"):
            if isinstance(left.type, AddressType) and isinstance(right.type, AddressType):
                return _difference(node.op, left, right)
            if node.op == "+" and isinstance(right.type, AddressType):
                left, right = right, left
            if isinstance(left.type, AddressType):
                moved = places.offset_address(left, right if node.op == "+" else unary("-", right), left.type.target)
                return replace(moved, type=left.type)
        return binary(node.op, left, right)

    def _member(self, node: c_ast.StructRef) -> Place:
        wanted = node.field.name
        if node.type == "->":
            if isinstance(node.name, c_ast.ID):
                register = self._register(node.name.name, wanted)
                if register is not None:
                    return register
            place = self._followed(self.value(node.name), "->", node)
        else:
            place = self.place(node.name)
        known = [member.name for member in place.type.members] if isinstance(place.type, StructType) else []
        return places.member(place, wanted, nearest(wanted, known))

    def _register(self, peripheral: str, wanted: str) -> Place | None:
        registers = self._names.registers.get(peripheral)
        if registers is None or self._names.firmware.variable(peripheral) is not None:
            return None
        if wanted not in registers:
            raise ExpressionError(f"peripheral {peripheral} has no register {wanted!r}{nearest(wanted, registers)}")
        found = registers[wanted]
        return places.fixed(f"{peripheral}->{wanted}", found.address, found.type)

    def _element(self, node: c_ast.ArrayRef) -> Place:
        index = self.value(node.subscript)
        array = self.value(node.name) if not _is_object(node.name) else None
        if array is None:
            place = self.place(node.name)
            if not isinstance(place.type, PointerType):
                return places.element(place, index)
            array = places.load(place)
        if not isinstance(array.type, AddressType):
            raise ExpressionError(f"only arrays and pointers have elements{column(node)}")
        target = array.type.target
        return places.at(places.offset_address(array, index, target), target, "element")

    def _followed(self, pointer: Piece, operator: str, node: c_ast.Node) -> Place:
        if not isinstance(pointer.type, AddressType):
            raise ExpressionError(f"{operator} needs a pointer{column(node)}")
        return places.at(pointer, pointer.type.target, "the object pointed to")

    def _cast(self, node: c_ast.Cast) -> Piece:
        target = _cast_type(node.to_type.type, node)
        value = self.value(node.expr)
        if isinstance(target, PointerType):
            if value.type == DOUBLE:
                raise ExpressionError(f"a double cannot become a pointer{column(node)}")
            return convert(value, AddressType(target.target))
        if target == NAMED_TYPES[("double",)]:
            return convert(value, DOUBLE)
        found = integer_type(target)
        if found is None:
            kind = places.describe(target)
            raise ExpressionError(
                f"({kind}) is not possible{column(node)}, expressions have 32-bit integers and double"
            )
        return convert(value, found)

    def _call(self, node: c_ast.FuncCall) -> Piece:
        name = node.name.name if isinstance(node.name, c_ast.ID) else ""
        if name not in FUNCTIONS:
            allowed = ", ".join(FUNCTIONS)
            raise ExpressionError(f"only these functions can be called: {allowed}{nearest(name, FUNCTIONS)}")
        return call(name, [self.value(argument) for argument in (node.args.exprs if node.args else [])])

    def _unknown(self, node: c_ast.ID) -> ExpressionError:
        return ExpressionError(f"{node.name!r}{column(node)} is not known{self._names.suggestion(node.name)}")


def _is_object(node: c_ast.Node) -> bool:
    return isinstance(node, c_ast.ID | c_ast.StructRef | c_ast.ArrayRef) or (
        isinstance(node, c_ast.UnaryOp) and node.op == "*"
    )


def _constant(name: str, number: int) -> Piece:
    if INT.low <= number <= INT.high:
        return constant(number, INT)
    if number <= UINT.high and number > 0:
        return constant(number, UINT)
    raise ExpressionError(f"{name!r} is {number}, which does not fit 32 bits")


def _difference(operator: str, left: Piece, right: Piece) -> Piece:
    """The number of elements between two pointers."""
    if operator == "+" or not isinstance(left.type, AddressType) or not left.type.target.size:
        raise ExpressionError("two pointers can only be subtracted or compared")
    bytes_between = convert(binary("-", replace(left, type=UINT), replace(right, type=UINT)), INT)
    return binary("/", bytes_between, constant(left.type.target.size, INT))


def _cast_type(node: c_ast.Node, cast: c_ast.Cast) -> CType:
    match node:
        case c_ast.PtrDecl():
            return PointerType(4, _cast_type(node.type, cast))
        case c_ast.TypeDecl(type=c_ast.IdentifierType(names=words)):
            found: BaseType | None = NAMED_TYPES.get(tuple(sorted(words)))
            if found is not None:
                return found
    raise ExpressionError(f"this type cannot be cast to{column(cast)}")
