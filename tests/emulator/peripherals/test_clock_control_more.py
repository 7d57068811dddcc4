"""Clock controls of F4, G4, L4 and GD32F1x0: settings of start-up code and the frequencies they mean."""

from typing import Any

import pytest
from alone import Alone, from_data

from swassess.emulator.peripherals.behaviour import IWDG, SOFTWARE

MHZ = 1_000_000
CR = 0x00


def placed(identifier: str, **sources: int) -> Any:
    around = Alone()
    around.sources = {
        "HSI": 16 * MHZ,
        "HSI16": 16 * MHZ,
        "HSE": 8 * MHZ,
        "LSI": 32000,
        "LSE": 32768,
        "MSI": 4 * MHZ,
        "HSI48": 48 * MHZ,
    }
    around.sources |= sources
    return from_data(identifier, around, name="RCC", interrupts=("RCC",))


def on(rcc: Any, offset: int, bit: int) -> None:
    rcc.write(offset, rcc.read(offset) | 1 << bit, 4)


def test_f4_168_mhz() -> None:
    rcc = placed("stm32f4-rcc-v1")
    assert rcc.frequencies()["SYSCLK"] == 16 * MHZ
    on(rcc, CR, 16)
    rcc.write(0x04, 8 | 336 << 6 | 0 << 16 | 1 << 22 | 7 << 24, 4)
    rcc.write(0x08, 5 << 10 | 4 << 13, 4)  # PCLK1 / 4, PCLK2 / 2
    on(rcc, CR, 24)
    assert rcc.read(CR) & 1 << 25
    rcc.write(0x08, rcc.read(0x08) | 2, 4)
    assert rcc.read(0x08) & 0xF == 0xA
    found = rcc.frequencies()
    assert (found["SYSCLK"], found["PCLK1"], found["PCLK2"]) == (168 * MHZ, 42 * MHZ, 84 * MHZ)
    assert (found["TIMCLK1"], found["TIMCLK2"], found["PLLQ"]) == (84 * MHZ, 168 * MHZ, 48 * MHZ)
    on(rcc, 0x8C, 24)
    assert rcc.frequencies()["TIMCLK1"] == 168 * MHZ, "TIMPRE"


def test_f4_clock_security_and_causes() -> None:
    rcc = placed("stm32f4-rcc-v1")
    assert rcc.read(0x74) == 0x0E000000
    rcc.write(0x74, 1 << 24, 4)
    rcc.reset(IWDG)
    assert rcc.read(0x74) == 1 << 29 | 1 << 26
    on(rcc, CR, 16)
    rcc.write(0x08, 1, 4)
    on(rcc, CR, 19)
    rcc.mcu.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.mcu.nmi == 1 and rcc.read(0x0C) & 1 << 7 and rcc.frequencies()["SYSCLK"] == 16 * MHZ


def test_f4_rtc_on_divided_hse() -> None:
    rcc = placed("stm32f4-rcc-v1")
    on(rcc, CR, 16)
    rcc.write(0x70, 0x8300, 4)
    assert rcc.frequencies()["RTC"] == 0
    rcc.write(0x08, 8 << 16, 4)
    assert rcc.frequencies()["RTC"] == 1 * MHZ


def test_l4_starts_on_msi_and_changes_its_range() -> None:
    rcc = placed("stm32l4-rcc-v1")
    assert rcc.frequencies()["SYSCLK"] == 4 * MHZ
    rcc.write(CR, 0x63 | 11 << 4 | 1 << 3, 4)
    assert rcc.frequencies()["SYSCLK"] == 48 * MHZ
    rcc.write(CR, 0x1 | 5 << 4 | 1 << 3, 4)
    assert rcc.frequencies()["SYSCLK"] == 2 * MHZ


def test_l4_80_mhz_and_kernel_clocks() -> None:
    rcc = placed("stm32l4-rcc-v1")
    on(rcc, CR, 8)
    assert rcc.read(CR) & 1 << 10
    rcc.write(0x0C, 2 | 0 << 4 | 10 << 8 | 1 << 24, 4)  # HSI x 10 / 2
    on(rcc, CR, 24)
    rcc.write(0x08, 3 | 4 << 8, 4)
    found = rcc.frequencies()
    assert (found["SYSCLK"], found["PCLK1"], found["TIMCLK1"]) == (80 * MHZ, 40 * MHZ, 80 * MHZ)
    rcc.write(0x88, 2 << 2 | 1 << 12 | 3 << 28, 4)
    found = rcc.frequencies()
    assert (found["USART2"], found["I2C1"], found["ADC"], found["USART1"]) == (16 * MHZ, 80 * MHZ, 80 * MHZ, 80 * MHZ)


@pytest.mark.parametrize(("stopwuck", "expected"), [(0, 4 * MHZ), (1, 16 * MHZ)])
def test_l4_falls_back_as_stopwuck_says(stopwuck: int, expected: int) -> None:
    rcc = placed("stm32l4-rcc-v1")
    on(rcc, CR, 16)
    rcc.write(0x08, 2 | stopwuck << 15, 4)
    on(rcc, CR, 19)
    assert rcc.frequencies()["SYSCLK"] == 8 * MHZ
    rcc.mcu.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.frequencies()["SYSCLK"] == expected and rcc.holds_nmi()
    rcc.write(0x20, 1 << 8, 4)
    assert not rcc.holds_nmi()


def test_g4_170_mhz() -> None:
    rcc = placed("stm32g4-rcc-v1")
    assert rcc.frequencies()["SYSCLK"] == 16 * MHZ and rcc.read(0x08) == 5
    rcc.write(0x0C, 2 | 3 << 4 | 85 << 8 | 1 << 24, 4)  # HSI / 4 x 85 / 2
    on(rcc, CR, 24)
    rcc.write(0x08, 3, 4)
    assert rcc.read(0x08) == 0xF and rcc.frequencies()["SYSCLK"] == 170 * MHZ
    rcc.write(0x98, 1, 4)
    assert rcc.read(0x98) == 3 and rcc.frequencies()["HSI48"] == 48 * MHZ


def test_waking_from_stop_leaves_the_oscillator_that_starts_alone() -> None:
    rcc = placed("stm32f4-rcc-v1")
    test = rcc.read(CR)
    on(rcc, CR, 16)
    rcc.write(0x08, 1, 4)
    rcc.leave_stop()
    assert rcc.read(CR) == test and rcc.frequencies()["SYSCLK"] == 16 * MHZ


def gd() -> Any:
    return placed("gd32f1x0-rcu-v1", IRC8M=8 * MHZ, HXTAL=8 * MHZ, IRC40K=40000, LXTAL=32768, IRC14M=14 * MHZ)


def test_gd32f1x0_72_mhz_with_two_apb_prescalers() -> None:
    rcu = gd()
    assert rcu.frequencies()["SYSCLK"] == 8 * MHZ
    on(rcu, CR, 16)
    rcu.write(0x04, 1 << 16 | 7 << 18 | 4 << 8, 4)  # HXTAL x 9, APB1 / 2
    on(rcu, CR, 24)
    rcu.write(0x04, rcu.read(0x04) | 2, 4)
    found = rcu.frequencies()
    assert rcu.read(0x04) & 0xF == 0xA
    assert (found["SYSCLK"], found["PCLK1"], found["PCLK2"]) == (72 * MHZ, 36 * MHZ, 72 * MHZ)
    assert found["USART0"] == 72 * MHZ and found["ADC"] == 14 * MHZ


def test_gd32f1x0_fifth_bit_of_the_multiplier_and_causes() -> None:
    rcu = gd()
    rcu.write(0x04, 1 << 27 | 1 << 18, 4)  # IRC8M / 2 x 18
    on(rcu, CR, 24)
    assert rcu.frequencies()["PLL"] == 72 * MHZ
    rcu.write(0x24, 1 << 24, 4)
    rcu.reset(SOFTWARE)
    assert rcu.read(0x24) == 1 << 26 | 1 << 28
    rcu.write(0x10, 1 << 21, 4)
    assert rcu.mcu.block_resets == [("I2C0", 0)]


def test_gd32f10x_has_a_longer_multiplier_too() -> None:
    around = Alone()
    around.sources = {"HSI": 8 * MHZ, "HSE": 8 * MHZ}
    rcc = from_data("stm32f1-rcc-v1", around, name="RCC", interrupts=("RCC",), parameters={"pll_bits": 5})
    rcc.write(0x04, 1 << 27 | 10 << 18, 4)  # IRC8M / 2 x 27
    on(rcc, CR, 24)
    assert rcc.frequencies()["PLL"] == 108 * MHZ


def f1(**parameters: Any) -> Any:
    around = Alone()
    around.sources = {"HSI": 8 * MHZ, "HSE": 25 * MHZ}
    return from_data("stm32f1-rcc-v1", around, name="RCC", interrupts=("RCC",), parameters=parameters)


def test_connectivity_line_reaches_72_mhz_through_its_second_pll() -> None:
    rcc = f1(connectivity=True)
    on(rcc, CR, 16)
    rcc.write(0x2C, 4 | 4 << 4 | 6 << 8 | 1 << 16, 4)  # HSE / 5 x 8 / 5
    on(rcc, CR, 26)
    assert rcc.read(CR) & 1 << 27
    rcc.write(0x04, rcc.read(0x04) | 1 << 16 | 7 << 18 | 4 << 8, 4)
    on(rcc, CR, 24)
    rcc.write(0x04, rcc.read(0x04) | 2, 4)
    found = rcc.frequencies()
    assert (found["PLL2"], found["SYSCLK"], found["PCLK1"]) == (40 * MHZ, 72 * MHZ, 36 * MHZ)
    rcc.mcu.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.frequencies()["SYSCLK"] == 0


def test_value_line_divides_the_crystal() -> None:
    rcc = f1(value_line=True)
    on(rcc, CR, 16)
    rcc.write(0x2C, 4, 4)  # HSE / 5
    rcc.write(0x04, 1 << 16 | 3 << 18, 4)
    on(rcc, CR, 24)
    on(rcc, CR, 26)
    assert rcc.frequencies()["PLL"] == 25 * MHZ and not rcc.read(CR) & 1 << 27


def test_other_lines_have_no_second_divider() -> None:
    rcc = f1()
    rcc.write(0x2C, 5, 4)
    assert rcc.read(0x2C) == 0


def test_f3_has_a_second_bus() -> None:
    around = Alone()
    around.sources = {"HSI": 8 * MHZ, "HSE": 8 * MHZ}
    rcc = from_data("stm32f0-rcc-v1", around, name="RCC", interrupts=("RCC",), parameters={"apb2": True})
    on(rcc, CR, 16)
    rcc.write(0x04, 1 << 16 | 7 << 18 | 4 << 8 | 5 << 11, 4)
    on(rcc, CR, 24)
    rcc.write(0x04, rcc.read(0x04) | 2, 4)
    found = rcc.frequencies()
    assert (found["HCLK"], found["PCLK1"], found["PCLK2"], found["TIMCLK2"]) == (72 * MHZ, 36 * MHZ, 18 * MHZ, 36 * MHZ)
    assert found["USART1"] == 18 * MHZ and found["ADC"] == 72 * MHZ
