"""Seeded random expressions: C compiler, reference machine and native machine must agree on every value."""

import random
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from swassess.emulator import layout
from swassess.emulator.expression_machine import CODE_LIMIT
from swassess.emulator.expression_machine import evaluate as native_evaluate
from swassess.expressions.compiler import compile_expression
from swassess.expressions.names import FirmwareNames, Names
from swassess.expressions.reference_machine import Surroundings, evaluate
from swassess.firmware.c_types import ArrayType, BaseType, CType, Member, StructType, Variable

RAM = 0x20000000
RAM_SIZE = 0x5000
SCALARS = {
    "s8": ("int8_t", "b"),
    "u8": ("uint8_t", "B"),
    "s16": ("int16_t", "h"),
    "u16": ("uint16_t", "H"),
    "s32": ("int32_t", "i"),
    "u32": ("uint32_t", "I"),
    "other": ("uint32_t", "I"),
    "signed_other": ("int32_t", "i"),
    "table[0]": ("int16_t", "h"),
    "table[1]": ("int16_t", "h"),
    "table[2]": ("int16_t", "h"),
    "table[3]": ("int16_t", "h"),
    "pair.low": ("uint8_t", "B"),
    "pair.high": ("int32_t", "i"),
}
PLANT = ("level", "speed", "gain")
EDGES = (0, 1, -1, 2, 127, 128, 255, 32767, 32768, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**32 - 1, 0x12345678)
CASTS = ("int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "bool", "double", "char", "unsigned")
C_HEADER = """
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <math.h>
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define clamp(x, l, h) min(max(x, l), h)
static int8_t s8; static uint8_t u8; static int16_t s16; static uint16_t u16; static int32_t s32, signed_other;
static uint32_t u32, other; static int16_t table[4]; static struct { uint8_t low; int32_t high; } pair;
static double level, speed, gain;
"""


def _type(name: str) -> BaseType:
    return BaseType(name, int(name.strip("uint_")) // 8, signed=not name.startswith("u"))


def _variables() -> tuple[list[Variable], dict[str, int]]:
    """The firmware variables and the address of each scalar."""
    addresses = {name: 0x20000000 + 4 * place for place, name in enumerate(SCALARS)}
    table = 0x20001000
    addresses.update({f"table[{i}]": table + 2 * i for i in range(4)})
    addresses.update({"pair.low": 0x20002000, "pair.high": 0x20002004})
    pair: CType = StructType("", 8, members=(Member("low", _type("uint8_t"), 0), Member("high", _type("int32_t"), 4)))
    variables = [
        Variable(name, addresses[name], _type(kind)) for name, (kind, _) in SCALARS.items() if name.isidentifier()
    ]
    variables += [Variable("table", table, ArrayType(_type("int16_t"), 4)), Variable("pair", 0x20002000, pair)]
    return variables, addresses


class Generator:
    """Random expressions without undefined behaviour (division by zero, oversized shifts, double out of range)."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, depth: int) -> str:
        pick = self.random.choice
        if depth == 0 or self.random.random() < 0.1:
            return self.random.choice([self.literal, lambda: pick(list(SCALARS)), lambda: "table[u8 & 3]"])()
        a, b = self.integer(depth - 1), self.integer(depth - 1)
        match self.random.randrange(16):
            case 0 | 1 | 2 | 3:
                return f"({a} {pick('+-*')} {b})"
            case 4:
                return f"({a} {pick(['/', '%'])} (({b} & 1023) + 1))"
            case 5:
                return f"({a} {pick(['/', '%'])} ({b} | 1u))"
            case 6 | 7:
                return f"({a} {pick('&|^')} {b})"
            case 8 | 9:
                return f"({a} {pick(['<<', '>>'])} ({b} & 31))"
            case 10:
                return f"({a} {pick(['<', '<=', '>', '>=', '==', '!='])} {b})"
            case 11:
                return f"({a} {pick(['&&', '||'])} {b})"
            case 12:
                return f"({a} ? {b} : {self.integer(depth - 1)})"
            case 13:
                return f"{pick('-~!+')}({a})"
            case 14:
                return f"({pick([cast for cast in CASTS if cast != 'double'])})({a})"
            case _:
                return pick([f"min({a}, {b})", f"max({a}, {b})", f"abs((int)({a}))", f"clamp({a}, {b}, {a})"])

    def number(self, depth: int) -> str:
        """A double expression over the plant, mixed with integers."""
        pick = self.random.choice
        if depth == 0:
            return pick([*PLANT, "0.25", "3.0e2", "0.1"])
        a, b = self.number(depth - 1), self.number(depth - 1)
        match self.random.randrange(8):
            case 0 | 1:
                return f"({a} {pick('+-*')} {self.integer(1)})"
            case 2:
                return f"({a} {pick('+-*')} {b})"
            case 3:
                return f"({a} / (fabs({b}) + 0.5))"
            case 4:
                return f"({a} {pick(['<', '<=', '>', '>=', '==', '!='])} {b} ? {a} : {self.integer(1)})"
            case 5:
                return f"({pick(['int', 'uint8_t', 'short', 'bool'])})clamp({a}, 0, 250)"
            case 6:
                return f"{pick(['floor', 'fabs', '-', '!'])}({a})"
            case _:
                return pick([f"min({a}, {b})", f"max({a}, {self.integer(1)})", f"({a} && {b})", f"sqrt(fabs({a}))"])

    def literal(self) -> str:
        value = self.random.choice([0, 1, 2, 7, 255, 256, 65535, 0x7FFFFFFF, self.random.randrange(2**31)])
        pick = self.random.choice
        return pick([str(value), hex(value), f"{value}u", "0x80000000", "0xFFFFFFFFu", "'A'", "017", "0b101"])


@pytest.mark.needs("gcc")
def test_random_expressions_agree_with_the_c_compiler(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs gcc on the host to compare with")
    generator = Generator(20241)
    expressions = [generator.integer(1 + i % 4) for i in range(500)] + [generator.number(1 + i % 3) for i in range(200)]
    settings = _settings(generator)
    expected = _by_c(compiler, tmp_path, expressions, settings)
    variables, addresses = _variables()
    names = Names(firmware=FirmwareNames(variables, {}), plant=PLANT)
    programs = [compile_expression(expression, names) for expression in expressions]
    results = iter(expected)
    compared = 0
    for values, plant in settings:
        world = _world(_memory(values, addresses), plant)
        for expression, program in zip(expressions, programs, strict=True):
            assert evaluate(program, world) == next(results), (expression, values, plant)
            compared += 1
    assert compared == len(expressions) * len(settings) == 2800


def test_native_machine_agrees_with_the_reference_machine() -> None:
    generator = Generator(5)
    expressions = [generator.integer(1 + i % 4) for i in range(300)] + [generator.number(1 + i % 3) for i in range(150)]
    expressions += ["(int)(level * 1e30)", "(uint32_t)(level - 600)", "exp(level)", "level / (gain - gain)"]
    expressions += ["u32 << 31", "u32 << (s32 & 31)", "floor(level)", "sin(speed)", "sqrt(level)"]
    variables, addresses = _variables()
    names = Names(firmware=FirmwareNames(variables, {}), plant=PLANT)
    programs = [compile_expression(expression, names) for expression in expressions]
    state, plant_cells = np.zeros(layout.STATE_WORDS, np.int64), np.zeros(layout.VARIABLE_COUNT)
    code, constants = np.zeros(CODE_LIMIT, np.int64), np.zeros(CODE_LIMIT)
    control = np.zeros(layout.CONTROL_WORDS, np.int64)
    control[layout.C_STEP_TICKS], control[layout.C_RAM_START], control[layout.C_RAM_SIZE] = 1, RAM, RAM_SIZE
    for values, plant in _settings(generator):
        memory = _memory(values, addresses)
        for cell, array in [
            (layout.C_STATE, state),
            (layout.C_VARIABLES, plant_cells),
            (layout.C_RAM, memory),
            (layout.C_CODE, code),
            (layout.C_CONSTANTS, constants),
        ]:
            control[cell] = array.ctypes.data
        plant_cells[: len(plant)] = plant
        for expression, program in zip(expressions, programs, strict=True):
            # Not at the arrays' beginning: jumps and constants count from where the program starts.
            code[100 : 100 + len(program.code)] = program.code
            constants[7 : 7 + len(program.constants)] = program.constants
            reference = evaluate(program, _world(memory, plant))
            assert native_evaluate(control, 100, 7) == reference, (expression, values, plant)


def _settings(generator: Generator) -> list[tuple[dict[str, int], list[float]]]:
    """Four sets of values for the firmware's scalars (edges and random bits) and for the plant."""
    settings = []
    for _ in range(4):
        values = {}
        for name, (_, code) in SCALARS.items():
            size = struct.calcsize(code)
            raw = generator.random.choice([generator.random.choice(EDGES), generator.random.randrange(2**32)])
            values[name] = struct.unpack("<" + code, (raw & 0xFFFFFFFF).to_bytes(4, "little")[:size])[0]
        plant = [generator.random.choice([0.0, 1.0, generator.random.uniform(-500, 500)]) for _ in PLANT]
        settings.append((values, plant))
    return settings


def _memory(values: dict[str, int], addresses: dict[str, int]) -> npt.NDArray[np.uint8]:
    memory = np.zeros(RAM_SIZE, np.uint8)
    for name, value in values.items():
        data = struct.pack("<" + SCALARS[name][1], value)
        memory[addresses[name] - RAM : addresses[name] - RAM + len(data)] = list(data)
    return memory


def _world(memory: npt.NDArray[np.uint8], plant: list[float]) -> Surroundings:
    def read(address: int, size: int) -> int:
        return int.from_bytes(memory[address - RAM : address - RAM + size].tobytes(), "little")

    return Surroundings(read_memory=read, variables=list(plant))


def _by_c(
    compiler: str, folder: Path, expressions: list[str], settings: list[tuple[dict[str, int], list[float]]]
) -> list[float]:
    """The values in C, setting by setting. Signed overflow wraps and char is unsigned, as on the target."""
    show = [f'    printf("%a\\n", (double)({expression}));' for expression in expressions]
    body = [C_HEADER, "static void show(void) {", *show, "}", "int main(void) {"]
    for values, plant in settings:
        body += [f"    {name} = ({SCALARS[name][0]}){value}LL;" for name, value in values.items()]
        body += [f"    {name} = {value.hex()};" for name, value in zip(PLANT, plant, strict=True)]
        body.append("    show();")
    source = folder / "expressions.c"
    source.write_text("\n".join([*body, "    return 0;", "}"]), encoding="ascii")
    switches = ["-std=gnu11", "-O0", "-w", "-fwrapv", "-funsigned-char", "-ffp-contract=off"]
    program = folder / "expressions.exe"
    subprocess.run([compiler, *switches, "-o", program, source, "-lm"], check=True, timeout=120)
    run = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60)
    return [float.fromhex(line) for line in run.stdout.split()]
