"""Names, places, refusals and limits of the expression compiler."""

import random

import pytest

from swassess.errors import ExpressionError
from swassess.expressions.bytecode import Op
from swassess.expressions.compiler import compile_assignment, compile_expression
from swassess.expressions.names import FirmwareNames, Names, pin_number, register_places
from swassess.expressions.reference_machine import Surroundings, evaluate
from swassess.firmware.c_types import ArrayType, BaseType, CType, EnumType, Member, PointerType, StructType, Variable
from swassess.target_data import find_target

U8 = BaseType("uint8_t", 1, signed=False)
U16 = BaseType("uint16_t", 2, signed=False)
S32 = BaseType("int32_t", 4, signed=True)
U32 = BaseType("uint32_t", 4, signed=False)


def _node_type() -> StructType:
    """struct node { uint16_t value; struct node *next; unsigned flag : 1, rest : 5; signed low : 3; }"""
    node = StructType("node", 12)
    node.members = (
        Member("value", U16, 0),
        Member("next", PointerType(4, node), 4),
        Member("flag", U32, 8, 0, 1),
        Member("rest", U32, 8, 1, 5),
        Member("low", S32, 8, 6, 3),
    )
    return node


NODE = _node_type()
STATE = EnumType("state", 1, False, (("ST_IDLE", 0), ("ST_FAULT", 7)))
FIRMWARE: list[tuple[str, int, CType, int]] = [
    ("g_state", 0x20000000, STATE, 7),
    ("g_count", 0x20000004, U32, 0xFFFFFFFF),
    ("g_error", 0x20000008, S32, -5),
    ("g_first", 0x20000010, NODE, 0),
    ("g_second", 0x20000020, NODE, 0),
    ("g_head", 0x20000030, PointerType(4, NODE), 0x20000010),
    ("g_bytes", 0x20000034, PointerType(4, U8), 0x20000040),
    ("g_grid", 0x20000040, ArrayType(ArrayType(U8, 3), 2), 0),
    ("g_index", 0x20000048, U8, 2),
    ("g_long", 0x20000050, BaseType("uint64_t", 8, signed=False), 0),
    ("g_real", 0x20000058, BaseType("float", 4, signed=True, floating=True), 0),
    ("g_wide", 0x20000060, BaseType("double", 8, signed=True, floating=True), 0),
]
GPIOB_ODR = 0x40010C0C


class Memory:
    def __init__(self) -> None:
        self.bytes = bytearray(0x100)
        for _, address, ctype, value in FIRMWARE:
            if not isinstance(ctype, StructType | ArrayType):
                self.put(address, ctype.size, value)
        self.put(0x20000010, 2, 100)
        self.put(0x20000014, 4, 0x20000020)
        self.put(0x20000018, 4, 0b101_10101_1)
        self.put(0x20000020, 2, 200)
        self.bytes[0x40:0x46] = bytes([1, 2, 3, 4, 5, 6])

    def put(self, address: int, size: int, value: int) -> None:
        place = address - 0x20000000
        self.bytes[place : place + size] = (value % (1 << 8 * size)).to_bytes(size, "little")

    def read(self, address: int, size: int) -> int:
        if address == GPIOB_ODR:
            return 0x0C03
        if address == 0xE000E404 and size == 1:
            return 0x50
        return int.from_bytes(self.bytes[address - 0x20000000 : address - 0x20000000 + size], "little")


@pytest.fixture(scope="module")
def names() -> Names:
    variables = [Variable(name, address, ctype, file="main.c") for name, address, ctype, _ in FIRMWARE]
    return Names(
        firmware=FirmwareNames(variables, {"ST_IDLE": 0, "ST_FAULT": 7}),
        constants={"HEATER": 1, "BIG": 0xC0000000},
        registers=register_places(find_target("STM32F103C8T6")),
        plant=("level_mm", "temperature"),
    )


def _value(source: str, names: Names) -> float:
    world = Surroundings(read_memory=Memory().read, pin=lambda pin: pin == 16, variables=[2.5, -30.0], time=1.5, mode=3)
    return evaluate(compile_expression(source, names), world)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("g_state == ST_FAULT && !(GPIOB->ODR & HEATER)", 0),
        ("g_state == ST_FAULT && !(GPIOB->ODR & 4)", 1),
        ("GPIOB->ODR", 0x0C03),
        ("NVIC->IP[4] >> 4", 5),
        ("g_count + 1", 0),
        ("g_error / 2", -2),
        ("g_error % 3", -2),
        ("g_error >> 1", -3),
        ("g_error < g_count", 1),  # -5 becomes 0xFFFFFFFB
        ("(uint8_t)g_error", 251),
        ("BIG > 0", 1),
        ("BIG * BIG", 0),
        ("g_count * g_count", 1),
        ("g_first.value", 100),
        ("g_first.next->value", 200),
        ("g_head->next->value + g_head->value", 300),
        ("(*g_head).value", 100),
        ("(&g_second)->value", 200),
        ("g_head == &g_first", 1),
        ("&g_second - &g_first", 0x10 // 12),
        ("g_head != 0 && g_second.next == 0", 1),
        ("g_grid[1][g_index]", 6),
        ("g_grid[g_index - 1][0]", 4),
        ("g_bytes[3]", 4),
        ("*(g_bytes + g_index)", 3),
        ("*(2 + g_bytes)", 3),
        ("*(uint16_t *)g_bytes", 0x0201),
        ("*(uint32_t *)0x40010C0Cu", 0x0C03),
        ("*&g_index", 2),
        ("**g_grid", 1),
        ("g_first.flag", 1),
        ("PB0 && !PA5", 1),
        ("PB0 ? level_mm : 1", 2.5),
        ("level_mm * 2 + t", 6.5),
        ("temperature / 4", -7.5),
        ("(int)temperature / 4", -7),
        ("(unsigned)temperature", 0),
        ("(int)1e30", 2**31 - 1),
        ("mode == 3", 1),
        ("clamp(temperature, 0, 10)", 0),
        ("min(1, level_mm) + max(3, 2)", 4),
        ("abs(g_error) + fabs(temperature)", 35),
        ("floor(-2.5) + sqrt(16) + exp(0) + sin(0)", 2),
        ("1.5f == 1.5", 1),
        ("level_mm / (t - 1.5)", 0),
        ("7 / (g_index - 2)", 0),
        ("0 && 1 / (g_index - 2)", 0),
        ("1 ? 2 : 3u", 2),
        ("-1 < 0u", 0),
        ("(0x7FFFFFFF + 1) < 0", 1),
        ("-(-2147483647 - 1)", -(2**31)),
        ("(-2147483647 - 1) / -1", -(2**31)),
        ("1 << (g_index + 31)", 2),
        ("'A' + '\\n'", 75),
        ("(bool)0.5", 1),
        ("  g_index\n == 2 ", 1),
    ],
)
def test_value(source: str, value: float, names: Names) -> None:
    assert _value(source, names) == value


def test_bit_fields_are_cut_out_of_their_word(names: Names) -> None:
    assert _value("g_first.flag", names) == 1
    assert _value("g_first.rest", names) == 0b10101
    assert _value("g_head->low", names) == -3
    assert _value("g_first.rest - 32 < 0", names) == 1  # promoted to int: it fits


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("1 +", "something is missing"),
        ("1 ? 2", "ends too early"),
        ("'ab'", "cannot stand"),
        ("L'a'", "not a number"),
        ("089", "Invalid octal constant at column 1"),
        ("(1", "ends too early"),
        ("a b", "column 3"),
        ("g_stat == 1", "did you mean 'g_state'"),
        ("HEATR", "did you mean 'HEATER'"),
        ("g_first.valu", "did you mean 'value'"),
        ("GPIOB->OD", "no register 'OD'; did you mean"),
        ("GPIOB", "name a register"),
        ("PI0", "no GPIOI"),
        ("g_count.x", "has no member"),
        ("g_count->x", "-> needs a pointer"),
        ("*g_count", "needs a pointer"),
        ("g_first", "name one of its members"),
        ("g_grid[2][0]", "outside"),
        ("g_grid[-1][0]", "outside"),
        ("g_long", "64 bits"),
        ("g_real", "float"),
        ("g_wide + 1", "double"),
        ("4294967296", "does not fit 32 bits"),
        ("2147483648", "write 2147483648u"),
        ("1LL", "64 bits"),
        ("(int64_t)1", "32-bit"),
        ("(float)1", "32-bit"),
        ("(struct node *)1", "cannot be cast"),
        ("1 << 32", "undefined"),
        ("1 / 0", "by zero"),
        ("1 % 0", "by zero"),
        ("1 / 0.0", "by zero"),
        ("level_mm & 1", "cast"),
        ("level_mm % 2", "cast"),
        ("~level_mm", "cast"),
        ("g_bytes[level_mm]", "integer"),
        ("level_mm = 1", "write =="),
        ("g_count++", "++"),
        ("--g_count", "--"),
        ("sizeof(int)", "sizeof"),
        ("1, 2", "comma"),
        ('"text"', "cannot stand"),
        ("system(1)", "only these functions"),
        ("g_head->next(1)", "only these functions"),
        ("sqrt()", "takes 1 argument"),
        ("min(1)", "takes 2 arguments"),
        ("clamp(1, 2)", "takes 3 arguments"),
        ("abs(g_head)", "pointer"),
        ("g_head * 2", "integer"),
        ("-g_head", "pointer"),
        ("&level_mm", "not known"),
        ("&1", "is needed"),
        ("&g_first.flag", "bit-field"),
        ("1); } int other(void) { return (2", "cannot stand"),
        ("({ 1; })", "cannot stand"),
        ("#include <stdio.h>", "cannot stand"),
        ("1 /* note */", "cannot stand"),
        ("1 // note", "cannot stand"),
        ("é", "cannot stand"),
        ("(int){1}", "cannot stand"),
        ("1e999", "too large"),
        ("g_head + g_head", "subtracted or compared"),
        ("_Alignof(int)", "not"),
        ("return", "not a C expression"),
    ],
)
def test_refused_with_one_sentence(source: str, said: str, names: Names) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, names)
    message = str(caught.value)
    assert said in message
    assert "\n" not in message


HOSTILE = {
    "brackets": "(" * 3000 + "1" + ")" * 900,
    "subscripts": "g_bytes[" * 100 + "0" + "]" * 100,
    "minus": "- " * 1900 + "1",
    "not": "!" * 3999 + "1",
    "stars": "*" * 3000 + "g_head",
    "casts": "(int)" * 700 + "1",
    "pointer type": "(int " + "*" * 2000 + ")1",
    "casts and brackets": "(int)-(" * 100 + "1" + ")" * 100,
    "conditional": "1?2:" * 800 + "3",
    "sum": "g_index+" * 450 + "1",
    "long": "1+" * 100000 + "1",
    "arrows": "g_head" + "->next" * 600,
    "products": "*".join(["g_count"] * 40),
    "calls": "min(1," * 300 + "1" + ")" * 300,
    "digits": "9" * 3999,
    "sizeof": "sizeof " * 500 + "1",
    "right deep": "g_index+(" * 39 + "1" + ")" * 39,
    "bitwise": "|".join(f"(g_index<<{i % 32})" for i in range(200)),
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_hostile_text_is_refused(kind: str, names: Names) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(HOSTILE[kind], names)
    assert len(str(caught.value)) < 400


def test_largest_programs_stay_inside_the_machine(names: Names) -> None:
    program = compile_expression("g_index+(" * 31 + "g_index" + ")" * 31, names)
    assert program.stack_depth == 32
    assert evaluate(program, Surroundings(read_memory=lambda address, size: 1)) == 32
    with pytest.raises(ExpressionError, match="values at a time"):
        compile_expression("g_index+(" * 32 + "g_index" + ")" * 32, names)


def test_short_circuit_does_not_read_what_is_not_asked_for(names: Names) -> None:
    read = []

    def watch(address: int, size: int) -> int:
        read.append(address)
        return 0

    for source in ("g_state && g_count", "!g_state || g_count", "g_state ? g_count : 5", "g_head && g_head->value"):
        read.clear()
        evaluate(compile_expression(source, names), Surroundings(read_memory=watch))
        assert len(read) == 1, source


def test_assignments_store_and_leave_the_value(names: Names) -> None:
    world = Surroundings(read_memory=Memory().read, variables=[10.0, 20.0], time=0.5)
    for source, expected in [
        ("level_mm = temperature + t", 20.5),
        ("level_mm += 1", 21.5),
        ("level_mm -= g_index", 19.5),
        ("level_mm *= 2", 39.0),
        ("level_mm /= 4", 9.75),
        ("level_mm = g_count", 4294967295.0),
        ("level_mm = level_mm > 100 ? 100 : level_mm", 100.0),
    ]:
        assert evaluate(compile_assignment(source, names), world) == expected
        assert world.variables == [expected, 20.0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("level_mm", "an assignment"),
        ("level_mm == 1", "an assignment"),
        ("g_count = 1", "not a plant variable"),
        ("level = 1", "did you mean 'level_mm'"),
        ("*g_bytes = 1", "not a plant variable"),
        ("level_mm %= 2", "an assignment"),
        ("level_mm = temperature = 1", "write =="),
        ("level_mm = g_head", "pointer"),
        ("t = 1", "not a plant variable"),
        ("level_mm = 1, temperature = 2", "an assignment"),
    ],
)
def test_assignments_refused(source: str, said: str, names: Names) -> None:
    with pytest.raises(ExpressionError, match=said):
        compile_assignment(source, names)


def test_ambiguous_names_are_told() -> None:
    two = [Variable("g_x", 0x20000000, U8, file="a.c"), Variable("g_x", 0x20000004, U8, file="b.c")]
    with pytest.raises(ExpressionError, match=r"ambiguous.*a\.c, b\.c"):
        compile_expression("g_x", Names(firmware=FirmwareNames(two, {})))
    inner = [two[0], Variable("g_x", 0x20000004, U8, file="b.c", function="step")]
    program = compile_expression("g_x", Names(firmware=FirmwareNames(inner, {})))
    assert program.code[1] == 0x20000000
    with pytest.raises(ExpressionError, match="different values"):
        compile_expression("ON", Names(firmware=FirmwareNames([], {}, ["ON"])))
    with pytest.raises(ExpressionError, match="remove the constant"):
        compile_expression("ON", Names(firmware=FirmwareNames([], {"ON": 1}), constants={"ON": 2}))
    with pytest.raises(ExpressionError, match="rename"):
        Names(plant=("t",))


def test_pins_have_the_number_of_the_machine() -> None:
    assert [pin_number(name) for name in ("PA0", "PB12", "PI15", "PJ0", "PA16", "PA01", "pa0")] == [
        *(0, 28, 143),
        *(None, None, None, None),
    ]
    program = compile_expression("PB12", Names())
    assert program.code.tolist() == [Op.LOAD_PIN, 28, Op.END]


def test_constant_expressions_are_folded(names: Names) -> None:
    program = compile_expression("(1 << 4 | 3) * 2 + ST_FAULT", names)
    assert program.code.tolist() == [Op.CONST, 0, Op.END]
    assert program.constants.tolist() == [45.0]


def test_token_soup_compiles_or_is_refused(names: Names) -> None:
    """Nothing but ExpressionError comes out, and what compiles also runs."""
    dice = random.Random(7)
    words = [
        *("1", "0", "0x1F", "2.5", "'A'", "g_count", "g_first", "g_head", "g_grid", "g_bytes", "level_mm", "t", "PB0"),
        *(
            "+",
            "-",
            "*",
            "/",
            "%",
            "&",
            "|",
            "^",
            "<<",
            ">>",
            "<",
            "==",
            "&&",
            "||",
            "!",
            "~",
            "?",
            ":",
            ",",
            "=",
            "++",
        ),
        *("(", ")", "(", ")", "[", "]", ".", "->", "value", "next", "flag", "min", "abs", "sizeof", "int", "uint8_t"),
        *(
            "(uint8_t)",
            "(double)",
            "(uint16_t *)",
            "GPIOB",
            "ODR",
            "struct",
            "return",
            "if",
            "_Static_assert",
            "'",
            "\\",
        ),
    ]
    world = Surroundings(read_memory=lambda address, size: address % 251, pin=lambda pin: 1, variables=[1.0, 2.0])
    compiled = 0
    for _ in range(2000):
        source = " ".join(dice.choices(words, k=dice.randrange(1, 7)))
        try:
            program = compile_expression(source, names)
        except ExpressionError:
            continue
        compiled += 1
        evaluate(program, world)
    assert compiled > 50
