"""The native machine for compiled C expressions (instruction set: expressions/bytecode.py)."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import math

import numpy as np
from numba import carray, njit

from swassess.emulator import bus
from swassess.emulator.arrays import Control
from swassess.emulator.layout import (
    C_CODE,
    C_CONSTANTS,
    C_GOLDEN_MODE_COUNT,
    C_GOLDEN_MODES,
    C_STATE,
    C_STEP_TICKS,
    C_VARIABLES,
    STATE_WORDS,
    TICKS,
    VARIABLE_COUNT,
)
from swassess.emulator.peripherals import gpio

STACK_DEPTH = 40
CODE_LIMIT = 1 << 16


@njit(cache=True)
def _integer(value: float) -> int:
    if value != value or value > 9.2e18 or value < -9.2e18:
        return 0
    return int(value)


@njit(cache=True)
def _signed(raw: int, size: int, signed: int) -> float:
    if signed and raw >> (8 * size - 1):
        raw -= 1 << (8 * size)
    return float(raw)


@njit(cache=True)
def golden_mode(C: Control) -> int:
    """The golden run's mode at the present time, -1 when unknown."""
    S = carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))
    index = S[TICKS] // C[C_STEP_TICKS]
    if index < 0 or C[C_GOLDEN_MODE_COUNT] == 0:
        return -1
    if index >= C[C_GOLDEN_MODE_COUNT]:
        index = C[C_GOLDEN_MODE_COUNT] - 1
    return carray(native.int64_pointer(C[C_GOLDEN_MODES]), (C[C_GOLDEN_MODE_COUNT],))[index]


@njit(cache=True)
def evaluate(C: Control, start: int, constants_start: int) -> float:
    """Runs the program that begins at `start` of the joined code array; returns a float64."""
    S = carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))
    V = carray(native.float64_pointer(C[C_VARIABLES]), (VARIABLE_COUNT,))
    code = carray(native.int64_pointer(C[C_CODE]), (CODE_LIMIT,))
    constants = carray(native.float64_pointer(C[C_CONSTANTS]), (CODE_LIMIT,))
    stack = np.zeros(STACK_DEPTH, np.float64)
    top = 0  # number of values on the stack
    at = start
    for _ in range(100000):
        op = code[at]
        if op == 0:
            return stack[top - 1] if top > 0 else 0.0
        if op == 1:
            stack[top] = constants[constants_start + code[at + 1]]
            top += 1
            at += 2
        elif op == 2:
            stack[top] = _signed(bus.look(C, code[at + 1], code[at + 2]), code[at + 2], code[at + 3])
            top += 1
            at += 4
        elif op == 3:
            address = _integer(stack[top - 1]) & 0xFFFFFFFF
            stack[top - 1] = _signed(bus.look(C, address, code[at + 1]), code[at + 1], code[at + 2])
            at += 3
        elif op == 4:
            stack[top] = V[code[at + 1]]
            top += 1
            at += 2
        elif op == 5:
            top -= 1
            V[code[at + 1]] = stack[top]
            at += 2
        elif op == 6:
            stack[top] = float(gpio.pin_level(C, S, code[at + 1]))
            top += 1
            at += 2
        elif op == 7:
            stack[top] = S[TICKS] * 1e-12
            top += 1
            at += 1
        elif op == 8:
            stack[top] = float(golden_mode(C))
            top += 1
            at += 1
        elif op == 40:
            at = start + code[at + 1]
        elif op == 41:
            top -= 1
            at = start + code[at + 1] if stack[top] == 0.0 else at + 2
        elif op == 42:
            stack[top] = stack[top - 1]
            top += 1
            at += 1
        elif op == 43:
            top -= 1
            at += 1
        elif op == 23:
            bits = code[at + 1]
            value = _integer(stack[top - 1]) & ((1 << bits) - 1)
            if code[at + 2] and value >> (bits - 1):
                value -= 1 << bits
            stack[top - 1] = float(value)
            at += 3
        elif op == 16 or op == 20 or op == 24 or op == 36 or op == 37 or 52 <= op <= 56:
            stack[top - 1] = _unary(op, stack[top - 1])
            at += 1
        else:
            top -= 1
            stack[top - 1] = _binary(op, stack[top - 1], stack[top])
            at += 1
        if top >= STACK_DEPTH - 1 or top < 0:
            return 0.0
    return 0.0


@njit(cache=True)
def _unary(op: int, a: float) -> float:
    if op == 16:
        return -a
    if op == 20:
        return float(~_integer(a))
    if op == 24:
        return float(_integer(a))
    if op == 36:
        return 1.0 if a == 0.0 else 0.0
    if op == 37:
        return 0.0 if a == 0.0 else 1.0
    if op == 52:
        return abs(a)
    if op == 53:
        return math.exp(a) if a < 700.0 else math.inf
    if op == 54:
        return math.sqrt(a) if a > 0.0 else 0.0
    if op == 55:
        return math.sin(a)
    return math.floor(a)


@njit(cache=True)
def _binary(op: int, a: float, b: float) -> float:
    if op == 10:
        return a + b
    if op == 11:
        return a - b
    if op == 12:
        return a * b
    if op == 13:
        return a / b if b != 0.0 else 0.0
    if op == 14 or op == 15:
        if b == 0.0:
            return 0.0
        quotient = float(_integer(a / b))
        return quotient if op == 14 else a - quotient * b
    if op == 17:
        return float(_integer(a) & _integer(b))
    if op == 18:
        return float(_integer(a) | _integer(b))
    if op == 19:
        return float(_integer(a) ^ _integer(b))
    if op == 21:
        return float(_integer(a) << (_integer(b) & 31))
    if op == 22:
        return float(_integer(a) >> (_integer(b) & 31))
    if op == 30:
        return 1.0 if a < b else 0.0
    if op == 31:
        return 1.0 if a <= b else 0.0
    if op == 32:
        return 1.0 if a > b else 0.0
    if op == 33:
        return 1.0 if a >= b else 0.0
    if op == 34:
        return 1.0 if a == b else 0.0
    if op == 35:
        return 1.0 if a != b else 0.0
    if op == 50:
        return min(a, b)
    if op == 51:
        return max(a, b)
    return 0.0
