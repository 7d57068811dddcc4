"""Blocks in plain Python in a whole MCU: serial buses with devices on them, DMA, a second serial port."""

import numpy as np
import pytest
from emulated import MS, Load

from swassess.emulator import layout as at
from swassess.model.declared import BusPeer

AF, RXNE = 0x400, 0x40
SENSOR = BusPeer("I2C1", 0x48, registers=((0, b"\x19\x80"),))


def test_an_i2c_device_answers(load: Load) -> None:
    machine = load("buses", 0, peers=[SENSOR])
    machine.run(5)
    assert machine.results(3) == [0x19, 0x80, 0]


def test_without_a_device_nobody_acknowledges(load: Load) -> None:
    machine = load("buses", 0, peers=[BusPeer("I2C2", 0x48, registers=SENSOR.registers)])
    machine.run(5)
    assert machine.results(3) == [0, 0, AF]


def test_spi_requests_are_parted_by_the_select_pin(load: Load) -> None:
    sensor = BusPeer("SPI1", select="PA4", registers=((0x0F, b"\x33\x44"),))
    machine = load("buses", 1, peers=[sensor])
    machine.run(5)
    assert machine.results(2) == [0x33, 0x33]
    other = BusPeer("SPI1", select="PA3", registers=sensor.registers)
    machine = load("buses", 1, peers=[other], digital={"PA3": "1"})
    machine.run(5)
    assert machine.results(2) == [0xFF, 0xFF]


def test_dma_copies_and_interrupts(load: Load) -> None:
    machine = load("buses", 2)
    machine.run(5)
    assert machine.results(4) == [7, 0x11223344, 0x55667788, 1]
    assert machine.taken(16 + 11) == 1


def test_dma_sees_broken_cells_and_is_traced(load: Load) -> None:
    machine = load("buses", 2, taps="trace")
    control = machine.mcu.control
    control[at.C_FAULT], control[at.C_FAULT_ADDRESS] = at.FAULT_RAM_STUCK, 0x20000301
    control[at.C_FAULT_OR], control[at.C_FAULT_AND] = 0x80, 0xFF
    columns = {cell: machine.mcu.array(np.uint32, 100) for cell in (at.C_TR_ADDRESS, at.C_TR_VALUE, at.C_TR_BLOCK)}
    columns |= {cell: machine.mcu.array(np.uint8, 100) for cell in (at.C_TR_SIZE, at.C_TR_KIND)}
    columns |= {cell: machine.mcu.array(np.int64, 100) for cell in (at.C_TR_TICKS, at.C_TR_STEP)}
    for cell, column in columns.items():
        control[cell] = column.ctypes.data
    control[at.C_TR_CAPACITY], control[at.C_TRACE_ON] = 100, 1
    machine.run(5)
    assert machine.results(3) == [7, 0x1122B344, 0x55667788], "the copy has the stuck bit"
    accesses = list(zip(columns[at.C_TR_ADDRESS].tolist(), columns[at.C_TR_KIND].tolist(), strict=True))
    for address, kind in ((0x20000300, 0), (0x20000304, 0), (0x20000310, 1), (0x20000314, 1)):
        assert (address, kind) in accesses


@pytest.mark.parametrize(("port", "received"), [("USART2", 0x64636265), ("USART3", 0)])
def test_frames_reach_their_port_and_the_dma_takes_them(load: Load, port: str, received: int) -> None:
    machine = load("buses", 3, frames=[(2 * MS, b"abcde")], port=port)
    machine.run(20)
    assert machine.result(0) == received


def test_a_faster_line_brings_its_bytes_sooner(load: Load) -> None:
    machine = load("buses", 3, frames=[(2 * MS, b"abcd")], port="USART2", baud=115200)
    machine.run(2 + 4 * 10 / 115.2 - 0.01)
    assert machine.result(0) == 0x636261
    machine.run(2 + 4 * 10 / 115.2 + 0.01)
    assert machine.result(0) == 0x64636261


@pytest.mark.parametrize(
    ("control", "enable", "told"),
    [(0x20, 0, ["TIM3_TRGO"]), (0, 0x100, ["TIM3_UP"]), (0x20, 0x100, ["TIM3_TRGO", "TIM3_UP"]), (0x10, 1, [])],
)
def test_a_timer_tells_others_what_it_is_set_to(
    load: Load, monkeypatch: pytest.MonkeyPatch, control: int, enable: int, told: list[str]
) -> None:
    mcu = load("buses", 2).mcu
    heard: list[str] = []
    monkeypatch.setattr(mcu.blocks, "trigger", heard.append)
    monkeypatch.setattr(mcu.blocks, "request_dma", heard.append)
    unit = mcu.timer_names.index("TIM3")
    base = at.TIMER + at.TIMER_WORDS * unit
    mcu.state[base + at.T_CR2], mcu.state[base + at.T_DIER] = control, enable
    mcu.blocks.answer(at.ASK_TIMER_EVENTS, 0, 0, 1 << unit)
    assert heard == told


def test_equal_runs_are_equal(load: Load) -> None:
    digests = set()
    for _ in range(2):
        machine = load("buses", 0, peers=[SENSOR])
        machine.run(5)
        digests.add(machine.mcu.state.tobytes() + machine.mcu.cells.tobytes())
    assert len(digests) == 1
