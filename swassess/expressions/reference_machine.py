"""The instruction set in plain Python: the oracle of the native machine's tests, and evaluation outside the emulator.

Values are Python floats, as on the native machine; integer operations work on exact integers.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from swassess.expressions.bytecode import Op, Program


def _no_memory(address: int, size: int) -> int:
    raise LookupError(f"no memory to read {size} bytes at {address:#010x} from")


def _no_pin(pin: int) -> int:
    raise LookupError(f"no pins to read P{chr(65 + pin // 16)}{pin % 16} from")


@dataclass(slots=True)
class Surroundings:
    """What a program sees. read_memory(address, size in bytes) gives the unsigned little-endian value; pin(p) the level
    at pin p = 16 * port + number; variables are changed by assignments; time in seconds; mode -1 is unknown."""

    read_memory: Callable[[int, int], int] = _no_memory
    pin: Callable[[int], int] = _no_pin
    variables: list[float] = field(default_factory=list)
    time: float = 0.0
    mode: int = -1


def evaluate(program: Program, surroundings: Surroundings | None = None) -> float:
    """The program's result (0 when it leaves none). Programs jump forward only, so each ends."""
    world = surroundings or Surroundings()
    code: list[int] = program.code.tolist()
    stack: list[float] = []
    at = 0
    while (op := Op(code[at])) is not Op.END:
        count = _OPERANDS.get(op, 0)
        operands = code[at + 1 : at + 1 + count]
        at += 1 + count
        if op is Op.JUMP or (op is Op.JUMP_IF_ZERO and stack.pop() == 0):
            at = operands[0]
        elif op is not Op.JUMP_IF_ZERO:
            _step(op, operands, stack, program, world)
    return stack[-1] if stack else 0.0


def _step(op: Op, operands: Sequence[int], stack: list[float], program: Program, world: Surroundings) -> None:
    if op in _BINARY:
        right = stack.pop()
        stack.append(float(_BINARY[op](stack.pop(), right)))
    elif op in _UNARY:
        stack.append(float(_UNARY[op](stack.pop())))
    elif op is Op.CONST:
        stack.append(float(program.constants[operands[0]]))
    elif op is Op.LOAD:
        stack.append(_load(world, *operands))
    elif op is Op.LOAD_INDIRECT:
        stack.append(_load(world, int(stack.pop()), *operands))
    elif op is Op.LOAD_VARIABLE:
        stack.append(world.variables[operands[0]])
    elif op is Op.STORE_VARIABLE:
        world.variables[operands[0]] = stack.pop()
    elif op is Op.LOAD_PIN:
        stack.append(float(world.pin(operands[0])))
    elif op is Op.LOAD_TIME:
        stack.append(world.time)
    elif op is Op.LOAD_MODE:
        stack.append(float(world.mode))
    elif op is Op.WRAP:
        stack.append(float(_wrap(int(stack.pop()), *operands)))
    elif op is Op.DUP:
        stack.append(stack[-1])
    elif op is Op.POP:
        stack.pop()
    else:
        raise ValueError(f"operation {op} is not known to the reference machine")


def _load(world: Surroundings, address: int, size: int, signed: int) -> float:
    return float(_wrap(world.read_memory(address, size), 8 * size, signed))


def _wrap(value: int, bits: int, signed: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def _divide(left: float, right: float) -> float:
    return left / right if right else 0.0


def _integer_divide(left: float, right: float) -> int:
    if right == 0:
        return 0
    quotient = abs(int(left)) // abs(int(right))
    return quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: float, right: float) -> int:
    return int(left) - int(right) * _integer_divide(left, right) if right else 0


_BINARY: dict[Op, Callable[[float, float], float]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.FDIV: _divide,
    Op.IDIV: _integer_divide,
    Op.IMOD: _remainder,
    Op.BITAND: lambda a, b: int(a) & int(b),
    Op.BITOR: lambda a, b: int(a) | int(b),
    Op.BITXOR: lambda a, b: int(a) ^ int(b),
    Op.SHL: lambda a, b: int(a) << int(b),
    Op.SHR: lambda a, b: int(a) >> int(b),
    Op.LT: lambda a, b: a < b,
    Op.LE: lambda a, b: a <= b,
    Op.GT: lambda a, b: a > b,
    Op.GE: lambda a, b: a >= b,
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
    Op.MIN: lambda a, b: a if a < b else b,
    Op.MAX: lambda a, b: a if a > b else b,
}
_UNARY: dict[Op, Callable[[float], float]] = {
    Op.NEG: lambda a: -a,
    Op.BITNOT: lambda a: ~int(a),
    Op.TRUNC: math.trunc,
    Op.NOT: lambda a: a == 0,
    Op.BOOL: lambda a: a != 0,
    Op.ABS: abs,
    Op.EXP: lambda a: math.exp(a) if a < 700 else math.inf,  # below where doubles end, the same on each machine
    Op.SQRT: lambda a: math.sqrt(a) if a > 0 else 0.0,
    Op.SIN: lambda a: math.sin(a) if math.isfinite(a) else 0.0,
    Op.FLOOR: lambda a: float(math.floor(a)) if math.isfinite(a) else a,
}
_OPERANDS = {
    Op.CONST: 1,
    Op.LOAD: 3,
    Op.LOAD_INDIRECT: 2,
    Op.LOAD_VARIABLE: 1,
    Op.STORE_VARIABLE: 1,
    Op.LOAD_PIN: 1,
    Op.WRAP: 2,
    Op.JUMP: 1,
    Op.JUMP_IF_ZERO: 1,
}
