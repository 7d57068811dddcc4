"""Ports of the Nuvoton M031."""

import pytest
from bench import Bench, Block

A, B, C = 0, 1, 2
INPUT, OUTPUT = 0, 1


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def block(bench: Bench) -> Block:
    return bench.add("nuvoton-m031-gpio-v1", "GPIO", 0x40004000, ("GPIO_PAPBPGPH", "GPIO_PCPDPEPF"))


def drive(bench: Bench, port: int, pin: int, level: int) -> None:
    bench.drive(port, pin, level)
    bench.blocks["GPIO"].pin_changed(port, pin, level)


def test_modes_reach_the_pins(bench: Bench, block: Block) -> None:
    assert bench.pins[C, 3] == (INPUT, 0, 0, 1)
    block["MODE[2]"] = 1 << 6 | 2 << 8 | 3 << 10
    assert [bench.pins[C, pin] for pin in (3, 4, 5, 6)] == [
        (OUTPUT, 0, 0, 1),
        (OUTPUT, 1, 0, 1),
        (OUTPUT, 1, 1, 1),
        (INPUT, 0, 0, 1),
    ]


def test_outputs_with_mask_and_by_bit(bench: Bench, block: Block) -> None:
    block["MODE[1]"] = 0x55555555
    block["DOUT[1]"] = 0x00F0
    assert bench.pins[B, 4][3] == 1 and bench.pins[B, 0][3] == 0
    block["DATMSK[1]"] = 0x00F0
    block["DOUT[1]"] = 0x0001
    assert block["DOUT[1]"] == 0x00F1
    block["PDIO[20]"] = 0  # PB4: the mask does not hold it
    assert block["DOUT[1]"] == 0x00E1 and bench.pins[B, 4][3] == 0


def test_inputs(bench: Bench, block: Block) -> None:
    bench.levels[A, 5] = 1
    assert block["PIN[0]"] == 0x20 and block["PDIO[5]"] == 1 and block["PDIO[6]"] == 0
    block["DINOFF[0]"] = 0x20 << 16
    assert block["PIN[0]"] == 0


@pytest.mark.parametrize(("enabled", "edges"), [(0x20, "falling"), (0x20 << 16, "rising"), (0x20 << 16 | 0x20, "both")])
def test_edges(bench: Bench, block: Block, enabled: int, edges: str) -> None:
    block["INTEN[0]"] = enabled
    for level, kind in ((1, "rising"), (0, "falling")):
        drive(bench, A, 5, level)
        seen = edges in (kind, "both")
        assert bool(block["INTSRC[0]"] & 0x20) == block.line(0) == seen and not block.line(1)
        block["INTSRC[0]"] = 0x20
        assert not block.line(0)


def test_ports_share_interrupts(bench: Bench, block: Block) -> None:
    block["INTEN[2]"] = 1 << 16
    drive(bench, C, 0, 1)
    assert block.line(1) and not block.line(0)
    drive(bench, C, 1, 1)
    assert block["INTSRC[2]"] == 1


def test_level_interrupt_stays_while_the_level_stays(bench: Bench, block: Block) -> None:
    bench.levels[A, 2] = 1
    block["INTTYPE[0]"] = 4
    block["INTEN[0]"] = 4
    assert not block.line(0)
    drive(bench, A, 2, 0)
    assert block.line(0)
    block["INTSRC[0]"] = 4
    assert block.line(0), "still low"
    drive(bench, A, 2, 1)
    block["INTSRC[0]"] = 4
    assert not block.line(0)
