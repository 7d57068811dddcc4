"""Ports of the Nuvoton M031."""

import pytest
from bench import Bench, Block

A, B, C = 0, 1, 2
INPUT, OUTPUT = 0, 1


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def ports(bench: Bench) -> dict[str, Block]:
    return {
        name: bench.add("nuvoton-m031-gpio-v1", name, 0x40004000 + 0x1000 * place, ("GPIO", "EINT"))
        for place, name in enumerate(("PA", "PB", "PC"))
    }


def drive(bench: Bench, port: int, pin: int, level: int) -> None:
    bench.drive(port, pin, level)
    for block in bench.blocks.values():
        block.pin_changed(port, pin, level)


def test_modes_reach_the_pins(bench: Bench, ports: dict[str, Block]) -> None:
    assert bench.pins[C, 3] == (INPUT, 0, 0, 1)
    ports["PC"]["MODE"] = 1 << 6 | 2 << 8 | 3 << 10
    assert [bench.pins[C, pin] for pin in (3, 4, 5, 6)] == [
        (OUTPUT, 0, 0, 1),
        (OUTPUT, 1, 0, 1),
        (OUTPUT, 1, 1, 1),
        (INPUT, 0, 0, 1),
    ]


def test_outputs_with_mask_and_by_bit(bench: Bench, ports: dict[str, Block]) -> None:
    ports["PB"]["MODE"] = 0x55555555
    ports["PB"]["DOUT"] = 0x00F0
    assert bench.pins[B, 4][3] == 1 and bench.pins[B, 0][3] == 0
    ports["PB"]["DATMSK"] = 0x00F0
    ports["PB"]["DOUT"] = 0x0001
    assert ports["PB"]["DOUT"] == 0x00F1
    pins = bench.add("nuvoton-m031-gpio-pin-v1", "GPIO_PIN", 0x40014800, ())
    pins["PDIO[20]"] = 0  # PB4: the mask does not hold it
    assert ports["PB"]["DOUT"] == 0x00E1 and bench.pins[B, 4][3] == 0


def test_inputs(bench: Bench, ports: dict[str, Block]) -> None:
    bench.levels[A, 5] = 1
    pins = bench.add("nuvoton-m031-gpio-pin-v1", "GPIO_PIN", 0x40014800, ())
    assert ports["PA"]["PIN"] == 0x20 and pins["PDIO[5]"] == 1 and pins["PDIO[6]"] == 0
    assert pins["PDIO[127]"] == 0, "there is no PH"
    ports["PA"]["DINOFF"] = 0x20 << 16
    assert ports["PA"]["PIN"] == 0


@pytest.mark.parametrize(("enabled", "edges"), [(0x20, "falling"), (0x20 << 16, "rising"), (0x20 << 16 | 0x20, "both")])
def test_edges(bench: Bench, ports: dict[str, Block], enabled: int, edges: str) -> None:
    ports["PA"]["INTEN"] = enabled
    for level, kind in ((1, "rising"), (0, "falling")):
        drive(bench, A, 5, level)
        seen = edges in (kind, "both")
        assert bool(ports["PA"]["INTSRC"] & 0x20) == ports["PA"].line() == seen and not ports["PB"].line()
        ports["PA"]["INTSRC"] = 0x20
        assert not ports["PA"].line()


def test_each_port_sees_its_own_pins(bench: Bench, ports: dict[str, Block]) -> None:
    ports["PC"]["INTEN"] = 1 << 16
    drive(bench, C, 0, 1)
    assert ports["PC"].line() and not ports["PA"].line()
    drive(bench, C, 1, 1)
    assert ports["PC"]["INTSRC"] == 1


def test_level_interrupt_stays_while_the_level_stays(bench: Bench, ports: dict[str, Block]) -> None:
    bench.levels[A, 2] = 1
    ports["PA"]["INTTYPE"] = 4
    ports["PA"]["INTEN"] = 4
    assert not ports["PA"].line()
    drive(bench, A, 2, 0)
    assert ports["PA"].line()
    ports["PA"]["INTSRC"] = 4
    assert ports["PA"].line(), "still low"
    drive(bench, A, 2, 1)
    ports["PA"]["INTSRC"] = 4
    assert not ports["PA"].line()
