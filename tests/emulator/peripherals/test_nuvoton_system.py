"""System blocks of the Nuvoton M031: write protection, clocks, watchdogs, flash."""

import zlib
from typing import Any

import pytest
from alone import Alone, from_data, pass_time

from swassess.emulator.peripherals.behaviour import BLOCK_RESET, IWDG, PIN, POWER_ON, SOFTWARE, WWDG

MHZ = 1_000_000
US = 1_000_000
LIRC = 26_041_667  # ticks of a cycle of 38.4 kHz


def part(*, unlock: bool = True) -> tuple[Alone, Any]:
    around = Alone()
    around.sources = {"HIRC": 48 * MHZ, "HXT": 32 * MHZ, "LIRC": 38_400, "LXT": 32_768}
    around.periods = {"WDT": LIRC, "WWDT": LIRC}
    system = from_data("nuvoton-m031-sys-v1", around, name="SYS")
    if unlock:
        for key in (0x59, 0x16, 0x88):
            system.write(0x100, key, 4)
        assert system.read(0x100) == 1
    return around, system


def test_protection_needs_three_keys_in_a_row() -> None:
    around, system = part(unlock=False)
    clk = from_data("nuvoton-m031-clk-v1", around, name="CLK", interrupts=("CKFAIL",))
    before = clk.read(0)
    clk.write(0, 0x1D, 4)
    assert clk.read(0) == before
    for key in (0x59, 0x88, 0x59, 0x16, 0x88):
        system.write(0x100, key, 4)
    clk.write(0, 0x1D, 4)
    assert clk.read(0) == 0x1D
    system.write(0x100, 0, 4)
    assert system.read(0x100) == 0
    clk.write(0, 0x1C, 4)
    assert clk.read(0) == 0x1D


def test_reset_causes() -> None:
    around, system = part()
    assert system.read(4) == 3
    system.write(4, 0x1FF, 4)
    for cause, flag in ((PIN, 2), (IWDG, 4), (WWDG, 4), (SOFTWARE, 1 << 5)):
        system.reset(cause)
        assert system.read(4) == flag and system.read(0x100) == 0
        system.write(4, flag, 4)
    for bit, flag in ((0, 1), (1, 1 << 7)):
        for key in (0x59, 0x16, 0x88):
            system.write(0x100, key, 4)
        system.write(8, 1 << bit, 4)
        system.reset(SOFTWARE)
        assert system.read(4) == flag
        system.write(4, flag, 4)
    assert around.resets == ["software", "software"]
    system.write(0x0C, 1 << 16, 4)
    assert around.block_resets == [("UART0", BLOCK_RESET)]


def clock(**parameters: Any) -> Any:
    around, _ = part()
    return from_data("nuvoton-m031-clk-v1", around, name="CLK", interrupts=("CKFAIL",), parameters=parameters)


def test_starts_on_hirc() -> None:
    clk = clock()
    found = clk.frequencies()
    assert found["HCLK"] == found["PCLK0"] == found["PCLK1"] == 48 * MHZ
    assert clk.read(0x50) == 0x18 and found["HSI"] == 48 * MHZ and found["LSI"] == 38_400
    assert found["SYSTICK_EXT"] == 24 * MHZ and found["TIMER0"] == 48 * MHZ and found["UART0"] == 48 * MHZ
    assert found["WDT"] == 38_400 and found["WWDT"] == 48 * MHZ // 2048


def test_pll_of_96_mhz_halved() -> None:
    clk = clock()
    clk.write(0x40, 0x0008C25E, 4)
    assert clk.read(0x50) & 4
    clk.write(0x20, 1, 4)
    clk.write(0x10, 0x3A, 4)
    found = clk.frequencies()
    assert (found["PLL"], found["HCLK"]) == (96 * MHZ, 48 * MHZ) and not clk.read(0x50) & 0x80
    clk.write(0x34, 1 | 2 << 4, 4)
    found = clk.frequencies()
    assert (found["PCLK0"], found["PCLK1"]) == (24 * MHZ, 12 * MHZ)


def test_switching_to_what_is_not_stable_fails() -> None:
    clk = clock()
    clk.mcu.sources["HXT"] = 0
    clk.write(0, 0x1D, 4)
    assert not clk.read(0x50) & 1
    clk.write(0x10, 0x38, 4)
    assert clk.read(0x50) & 0x80 and clk.frequencies()["HCLK"] == 48 * MHZ and clk.read(0x10) & 7 == 7
    clk.write(0x50, 0x80, 4)
    assert not clk.read(0x50) & 0x80


def test_clock_failure_falls_back_to_hirc_with_an_interrupt() -> None:
    clk = clock()
    clk.write(0, 0x1D, 4)
    clk.write(0x10, 0x38, 4)
    clk.write(0, 0x19, 4)
    assert clk.frequencies()["HCLK"] == 32 * MHZ and not clk.read(0x50) & 0x10
    clk.write(0x70, 0x30, 4)
    clk.mcu.sources["HXT"] = 0
    clk.clock_changed()
    assert clk.read(0x74) == 1 and clk.cells[1]
    assert clk.frequencies()["HCLK"] == 48 * MHZ
    clk.write(0x74, 1, 4)
    assert not clk.cells[1]


def test_crystal_of_a_wrong_frequency_is_out_of_range() -> None:
    clk = clock()
    clk.write(0, 0x1D, 4)
    clk.write(0x78, 360, 4)
    clk.write(0x7C, 320, 4)
    clk.write(0x70, 1 << 16 | 1 << 17, 4)
    assert clk.read(0x74) == 0, "512 x 32 / 48 is 341"
    clk.mcu.sources["HXT"] = 36 * MHZ
    clk.clock_changed()
    assert clk.read(0x74) == 1 << 8 and clk.cells[1]


# ---- watchdogs -----------------------------------------------------------------------------------------------------
def watchdog() -> Any:
    around, _ = part()
    return from_data("nuvoton-m031-wdt-v1", around, name="WDT", interrupts=("WDT",))


def later(block: Any, cycles: int) -> None:
    pass_time(block.mcu, cycles * LIRC)


def test_wdt_interrupt_comes_first_then_the_reset() -> None:
    wdt = watchdog()
    wdt.write(4, 1, 4)
    wdt.write(0, 0x80 | 0x40 | 2 | 3 << 8, 4)  # 1024 cycles, then 130
    assert wdt.read(0) & 1 << 30
    later(wdt, 1023)
    assert not wdt.read(0) & 1 << 30 and not wdt.cells[1]
    later(wdt, 1)
    assert wdt.read(0) & 8 and wdt.cells[1] and not wdt.mcu.resets
    later(wdt, 129)
    assert not wdt.mcu.resets
    later(wdt, 1)
    assert wdt.mcu.resets == ["iwdg"]
    wdt.reset(IWDG)
    assert wdt.read(0) == 0x700 | 4
    wdt.write(0, 0x704, 4)
    assert wdt.read(0) == 0x700


def test_wdt_refresh_within_the_delay_prevents_the_reset() -> None:
    wdt = watchdog()
    wdt.write(0, 0x80 | 0x40 | 2 | 1 << 8, 4)
    later(wdt, 64 + 1000)
    assert wdt.read(0) & 8
    wdt.write(8, 0x1234, 4)
    wdt.write(8, 0x5AA5, 4)
    wdt.write(0, wdt.read(0), 4)
    assert not wdt.read(0) & 8 and not wdt.cells[1]
    later(wdt, 64 + 1025)
    assert not wdt.mcu.resets and wdt.get("REFRESHES") == 1
    later(wdt, 1)
    assert wdt.mcu.resets == ["iwdg"]


def test_wdt_is_write_protected_and_runs_by_configuration() -> None:
    around, system = part()
    fmc = from_data("nuvoton-m031-fmc-v1", around, name="FMC")
    wdt = from_data("nuvoton-m031-wdt-v1", around, name="WDT", interrupts=("WDT",))
    assert not wdt.read(0) & 0x80
    fmc.put("CONFIG0", 1 << 3)
    wdt.reset(PIN)
    assert wdt.read(0) & 0x80
    wdt.write(0, 0, 4)
    assert wdt.read(0) & 0x80, "forced"
    system.write(0x100, 0, 4)
    wdt.write(0, 0x82, 4)
    assert not wdt.read(0) & 2


def test_wdt_without_reset_interrupts_again_and_again() -> None:
    wdt = watchdog()
    wdt.write(0, 0x80 | 0x40, 4)  # 16 cycles
    for _ in range(3):
        later(wdt, 16)
        assert wdt.cells[1]
        wdt.write(0, 0x80 | 0x40 | 8, 4)
        assert not wdt.cells[1]
    later(wdt, 5000)
    assert not wdt.mcu.resets


def window_watchdog(control: int) -> Any:
    around, _ = part()
    wwdt = from_data("nuvoton-m031-wwdt-v1", around, name="WWDT", interrupts=("WWDT",))
    wwdt.write(4, control, 4)
    return wwdt


def test_wwdt_window() -> None:
    wwdt = window_watchdog(3 | 2 << 8 | 0x20 << 16)  # prescaler 4
    later(wwdt, 4 * 31)
    assert wwdt.read(0xC) == 0x20 and wwdt.read(8) == 1 and wwdt.cells[1]
    wwdt.write(8, 1, 4)
    assert wwdt.read(8) == 0 and not wwdt.cells[1]
    wwdt.write(0, 0x5AA5, 4)
    assert not wwdt.mcu.resets and wwdt.read(0xC) == 0x3F
    later(wwdt, 4 * 31 - 1)
    wwdt.write(0, 0x5AA5, 4)
    assert wwdt.mcu.resets == ["wwdg"]
    wwdt.reset(WWDG)
    assert wwdt.read(8) == 2


def test_wwdt_ends_and_is_set_up_once() -> None:
    wwdt = window_watchdog(1 | 0x3F << 16)
    wwdt.write(4, 0, 4)
    later(wwdt, 63)
    assert not wwdt.mcu.resets and wwdt.read(0xC) == 0
    later(wwdt, 1)
    assert wwdt.mcu.resets == ["wwdg"]


# ---- flash ---------------------------------------------------------------------------------------------------------
def flash() -> Any:
    around, _ = part()
    return from_data("nuvoton-m031-fmc-v1", around, name="FMC")


def isp(fmc: Any, command: int, address: int, data: int = 0) -> int:
    fmc.write(0x0C, command, 4)
    fmc.write(0x04, address, 4)
    fmc.write(0x08, data, 4)
    fmc.write(0x10, 1, 4)
    pass_time(fmc.mcu, 100_000 * US)
    assert fmc.read(0x10) == 0 and not fmc.read(0x40) & 1
    return int(fmc.read(0x08))


def test_fmc_programs_and_erases() -> None:
    fmc = flash()
    isp(fmc, 0x21, 0x400, 0x12345678)
    assert fmc.mcu.flash[0x400] == 0xFF, "ISPEN is off"
    fmc.write(0, 1, 4)
    isp(fmc, 0x21, 0x400, 0x12345678)
    assert fmc.read(0) & 0x40 and fmc.mcu.flash[0x400] == 0xFF, "APUEN is off"
    fmc.write(0, 1 | 8 | 0x40, 4)
    assert not fmc.read(0x40) & 0x40
    isp(fmc, 0x21, 0x400, 0x12345678)
    assert isp(fmc, 0x00, 0x400) == 0x12345678
    fmc.write(0x0C, 0x22, 4)
    fmc.write(0x04, 0x400, 4)
    fmc.write(0x10, 1, 4)
    assert fmc.read(0x10) == 1 and fmc.read(0x40) & 1
    pass_time(fmc.mcu, 20_000 * US)
    assert fmc.read(0x10) == 0 and isp(fmc, 0x00, 0x400) == 0xFFFFFFFF
    isp(fmc, 0x00, 0x02000000)
    assert fmc.read(0) & 0x40, "no such address"
    assert not fmc.program(0, 4, 0)


def test_fmc_checksum_and_identity() -> None:
    fmc = flash()
    fmc.mcu.flash[:1024] = [at % 251 for at in range(1024)]
    fmc.write(0, 1, 4)
    isp(fmc, 0x2D, 0, 1024)
    assert isp(fmc, 0x0D, 0) == zlib.crc32(bytes(at % 251 for at in range(1024)))
    assert isp(fmc, 0x0B, 0) == 0xDA


@pytest.mark.parametrize("cause", [PIN, POWER_ON])
def test_fmc_configuration_lasts(cause: int) -> None:
    fmc = flash()
    fmc.write(0, 1 | 0x10, 4)
    isp(fmc, 0x21, 0x300000, 0xFFFFFFF7)
    fmc.reset(cause)
    assert fmc.hardware_watchdog()
