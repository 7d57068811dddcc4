"""Names of a real image: a small C file compiled for the target, its variables read through debug information."""

import shutil
import subprocess
from pathlib import Path

import pytest

from swassess.errors import ExpressionError
from swassess.expressions.compiler import compile_expression
from swassess.expressions.names import FirmwareNames, Names
from swassess.expressions.reference_machine import Surroundings, evaluate
from swassess.firmware.elf_facts import ElfFacts, read_elf

SOURCE = """
#include <stdint.h>
#include <stdbool.h>
typedef enum { ST_IDLE, ST_HEAT = 2, ST_FAULT = 7 } state_t;
typedef struct node { uint16_t value; struct node *next; union { uint32_t word; uint8_t byte[4]; }; } node_t;
typedef struct { unsigned ready : 1; unsigned channel : 5; int offset : 4; uint8_t tail; unsigned wide : 20; } bits_t;
volatile state_t g_state = ST_FAULT;
static volatile int16_t s_temperature = -125;
volatile bool g_locked = true;
node_t g_second = { 200, 0, { 0x44332211 } };
node_t g_first = { 100, &g_second, { 5 } };
volatile bits_t g_bits = { 1, 19, -3, 77, 0xABCDE };
const uint8_t g_table[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
float g_real = 1.5f;
uint64_t g_long = 5;
char g_text[4] = "ab";
int step(void) {
    static volatile int count = 41;
    static volatile int s_inner = 3;
    (void)s_inner;
    return ++count + g_state + s_temperature + g_locked + (g_real > 0) + (int)g_long + g_text[0] + g_bits.ready;
}
const uint8_t *g_row = g_table[1];
void Reset_Handler(void) { for (;;) { step(); g_first.value = g_row[0]; g_second.value = g_first.value; } }
"""

pytestmark = pytest.mark.needs("arm-none-eabi-gcc")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> ElfFacts:
    compiler = shutil.which("arm-none-eabi-gcc")
    if compiler is None:
        pytest.skip("needs arm-none-eabi-gcc to build an image")
    folder: Path = tmp_path_factory.mktemp("image")
    (folder / "main.c").write_text(SOURCE, encoding="ascii")
    switches = ["-mcpu=cortex-m3", "-mthumb", "-O1", "-g", "-ffreestanding", "-nostdlib", "-fno-common"]
    places = ["-Wl,-Ttext=0x08000000,-Tdata=0x20000000,-Tbss=0x20001000,-e,Reset_Handler"]
    subprocess.run(
        [compiler, *switches, *places, "-o", "main.elf", "main.c", "-lgcc"], cwd=folder, check=True, timeout=120
    )
    return read_elf(folder / "main.elf")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("g_state == ST_FAULT", 1),
        ("g_state - ST_HEAT", 5),
        ("s_temperature", -125),
        ("s_temperature / 10 * 10", -120),
        ("g_locked && ST_IDLE == 0", 1),
        ("g_first.next->value", 200),
        ("g_first.next->byte[1]", 0x22),
        ("g_second.word >> 24", 0x44),
        ("g_first.next == &g_second", 1),
        ("g_bits.ready", 1),
        ("g_bits.channel", 19),
        ("g_bits.offset", -3),
        ("g_bits.tail", 77),
        ("g_bits.wide", 0xABCDE),
        ("g_table[1][g_bits.ready]", 5),
        ("g_row[2]", 6),
        ("g_text[1] == 'b'", 1),
        ("s_inner", 3),
        ("*(uint32_t *)&g_long", 5),
    ],
)
def test_value_from_the_image(facts: ElfFacts, source: str, value: int) -> None:
    program = compile_expression(source, Names(firmware=FirmwareNames.from_facts(facts)))
    world = Surroundings(
        read_memory=lambda address, size: int.from_bytes(facts.image.bytes_at(address, address + size), "little")
    )
    assert evaluate(program, world) == value


@pytest.mark.parametrize(
    ("source", "said"),
    [("g_real", "float"), ("g_long", "64 bits"), ("g_stat", "'g_state'"), ("g_bits.redy", "'ready'")],
)
def test_refused(facts: ElfFacts, source: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        compile_expression(source, Names(firmware=FirmwareNames.from_facts(facts)))
