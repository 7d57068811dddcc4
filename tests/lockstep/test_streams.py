"""Generated instruction streams run on our MCU and on QEMU, equal before every instruction: r0 to r15 and xPSR.

Unicorn, which executes the instructions here, is a fork of QEMU. What agrees is therefore no proof of the decoder they
share; it proves what this project builds on it: exceptions and faults, time, the registers' way in and out, and that
the version of Unicorn executes what a later QEMU does. Where the two are known to differ: test_known_differences.py.
"""

import pytest
from compare import PC_AT
from instructions import Encoding
from lockstep import lockstep
from machines import M3, MACHINES, Machine
from streams import Stream

pytestmark = pytest.mark.needs("qemu-system-arm")
CORES = ("m0", "m3", "m4")
SHORT = 18_000
LONG = {"m0": 300_000, "m3": 300_000, "m4": 120_000}  # QEMU prints the FPU's registers three times slower
SHORT_SEEDS, LONG_SEEDS = 3, 14


def _same(machine: Machine, code: bytes, count: int, symbols: dict[str, int]) -> None:
    result = lockstep(machine, code, count, symbols)
    assert result.difference == ""
    assert result.instructions > 0.9 * count, "hardly anything was executed"
    assert symbols["pass_end"] in result.ours[:, PC_AT], "the stream was not executed to its end"


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(SHORT_SEEDS))
def test_streams_are_equal(core: str, seed: int) -> None:
    stream = Stream(MACHINES[core], seed)
    _same(stream.machine, stream.build(), SHORT, stream.symbols)


@pytest.mark.parametrize("core", ["m0", "m3"])
def test_every_16_bit_data_processing_encoding_is_equal(core: str) -> None:
    stream = Stream(MACHINES[core], 0)
    _same(stream.machine, stream.exhaustive(), 40_000, stream.symbols)


@pytest.mark.slow
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("seed", range(100, 100 + LONG_SEEDS))
def test_long_streams_are_equal(core: str, seed: int) -> None:
    stream = Stream(MACHINES[core], seed)
    _same(stream.machine, stream.build(), LONG[core], stream.symbols)


@pytest.mark.parametrize("core", CORES)
def test_streams_hold_every_kind_of_instruction(core: str) -> None:
    drawn: set[str] = set()
    for seed in range(SHORT_SEEDS):
        stream = Stream(MACHINES[core], seed)
        stream.build()
        drawn |= set(stream.drawn)
    assert drawn >= set(stream.kinds())


@pytest.mark.parametrize(
    ("pattern", "fields", "half_words"),
    [
        ("000 hh iiiii mmm ddd", {"h": 1, "i": 3, "m": 2, "d": 1}, [0x08D1]),  # LSRS r1, r2, #3
        ("11110 i 100100 iiii 0 iii dddd iiiiiiii", {"i": 0xD3CD, "d": 7}, [0xF64A, 0x37CD]),  # MOVW r7, #0xABCD
        ("01000110 d eeee ddd", {"d": 9, "e": 13}, [0x46E9]),  # MOV r9, SP
    ],
)
def test_encodings_are_filled_in(pattern: str, fields: dict[str, int], half_words: list[int]) -> None:
    assert Encoding("", pattern).encode(fields) == half_words


@pytest.mark.parametrize("place", [0, 977, 15_001])
def test_a_flipped_register_is_seen_at_its_instruction(place: int) -> None:
    stream = Stream(M3, 0)
    result = lockstep(M3, stream.build(), 20_000, stream.symbols, corrupt=place)
    assert result.instructions == place
    assert "r0 ours" in result.difference
