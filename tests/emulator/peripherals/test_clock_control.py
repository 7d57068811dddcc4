"""Clock controls against the register descriptions of the reference manuals."""

from typing import Any

import pytest
from alone import Alone, from_data, pass_time

from swassess.emulator.peripherals.behaviour import BLOCK_RESET, IWDG, PIN, POWER_ON, SOFTWARE, WWDG

MHZ = 1_000_000
US = 1_000_000  # ticks


def surroundings(**sources: int) -> Alone:
    around = Alone()
    around.sources = {"HSI": 8 * MHZ, "HSE": 8 * MHZ, "LSI": 40000, "LSE": 32768, **sources}
    return around


def f1(around: Alone, **more: Any) -> Any:
    return from_data("stm32f1-rcc-v1", around, name="RCC", interrupts=("RCC",), **more)


CR, CFGR, CIR, APB2RSTR, APB1RSTR, BDCR, CSR = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x20, 0x24


def to_72_mhz(rcc: Any) -> None:
    """As the start-up code of the vendor's library does it: HSE, PLL x 9, PCLK1 halved."""
    rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
    rcc.write(CFGR, 9 - 2 << 18 | 1 << 16 | 4 << 8, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    rcc.write(CFGR, rcc.read(CFGR) | 2, 4)


def test_f1_starts_on_hsi() -> None:
    rcc = f1(surroundings())
    assert rcc.read(CR) == 0x83 and rcc.read(CFGR) == 0
    found = rcc.frequencies()
    assert (found["SYSCLK"], found["HCLK"], found["TIMCLK1"]) == (8 * MHZ,) * 3
    assert found["SYSTICK_EXT"] == 1 * MHZ
    assert found["HSE"] == found["PLL"] == found["LSI"] == found["LSE"] == 0


def test_f1_pll_and_prescalers() -> None:
    around = surroundings()
    rcc = f1(around)
    to_72_mhz(rcc)
    assert rcc.read(CR) & 0x03030003 == 0x03030003
    assert rcc.read(CFGR) & 0xC == 8, "SWS follows SW"
    found = rcc.frequencies()
    assert found["SYSCLK"] == found["HCLK"] == found["PCLK2"] == 72 * MHZ
    assert found["PCLK1"] == 36 * MHZ and found["TIMCLK1"] == 72 * MHZ and found["TIMCLK2"] == 72 * MHZ
    assert found["ADC"] == 36 * MHZ and found["USB"] == 48 * MHZ
    rcc.write(CFGR, rcc.read(CFGR) | 0b1010 << 4 | 0b100 << 11, 4)  # HCLK / 8, PCLK2 half of it
    found = rcc.frequencies()
    assert (found["HCLK"], found["PCLK2"], found["TIMCLK2"]) == (9 * MHZ, 4_500_000, 9 * MHZ)
    assert around.tree_changes >= 5


def test_f1_hsi_half_feeds_the_pll_and_multiplier_is_at_most_16() -> None:
    rcc = f1(surroundings())
    rcc.write(CFGR, 15 << 18, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    assert rcc.frequencies()["PLL"] == 64 * MHZ
    rcc.write(CFGR, 0, 4)
    assert rcc.frequencies()["PLL"] == 64 * MHZ, "PLLMUL is locked while the PLL is on"


def test_a_source_in_use_is_not_switched_off() -> None:
    rcc = f1(surroundings())
    rcc.write(CR, 0, 4)
    assert rcc.read(CR) & 3 == 3
    to_72_mhz(rcc)
    rcc.write(CR, 0x83 & ~1, 4)
    assert rcc.read(CR) & 0x03030003 == 0x03030000, "HSE and PLL stay, HSI goes"


def test_an_absent_crystal_never_gets_ready() -> None:
    rcc = f1(surroundings(HSE=0))
    rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
    rcc.write(CFGR, 1, 4)
    assert not rcc.read(CR) & 1 << 17
    assert rcc.read(CFGR) & 0xF == 1, "SWS stays at HSI"
    assert rcc.frequencies()["SYSCLK"] == 8 * MHZ
    rcc.mcu.sources["HSE"] = 4 * MHZ
    rcc.clock_changed()
    assert rcc.frequencies()["SYSCLK"] == 4 * MHZ and rcc.read(CFGR) & 0xF == 5


def test_start_up_time_delays_ready() -> None:
    around = surroundings()
    rcc = f1(around, parameters={"startup": {"HSE": 2000, "HSI": 5}})
    assert rcc.read(CR) & 2, "the core starts with a ready HSI"
    rcc.write(CIR, 1 << 11, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
    pass_time(around, 1999 * US)
    assert not rcc.read(CR) & 1 << 17 and not rcc.cells[1]
    pass_time(around, 1 * US)
    assert rcc.read(CR) & 1 << 17
    assert rcc.read(CIR) & 1 << 3 and rcc.cells[1], "HSERDYF with its interrupt"
    rcc.write(CIR, 1 << 11 | 1 << 19, 4)
    assert rcc.read(CIR) == 1 << 11 and not rcc.cells[1]


def test_wrong_frequency_passes_through_the_pll() -> None:
    rcc = f1(surroundings())
    to_72_mhz(rcc)
    rcc.mcu.sources["HSE"] = 9 * MHZ
    rcc.clock_changed()
    assert rcc.frequencies()["SYSCLK"] == 81 * MHZ


def test_lost_crystal_without_clock_security_stops_the_core_clock() -> None:
    rcc = f1(surroundings())
    to_72_mhz(rcc)
    rcc.mcu.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.frequencies()["SYSCLK"] == 0 and rcc.mcu.nmi == 0
    rcc.reset(IWDG)
    assert rcc.frequencies()["SYSCLK"] == 8 * MHZ
    assert rcc.read(CSR) & 1 << 29


@pytest.mark.parametrize("through_pll", [True, False])
def test_clock_security_system(through_pll: bool) -> None:
    around = surroundings()
    rcc = f1(around)
    if through_pll:
        to_72_mhz(rcc)
    else:
        rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
        rcc.write(CFGR, 1, 4)
    rcc.write(CR, (rcc.read(CR) | 1 << 19) & ~1, 4)  # CSSON, HSI off
    assert rcc.frequencies()["HSI"] == 0
    around.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.read(CIR) & 1 << 7 and around.nmi == 1 and around.breaks == 1
    assert rcc.read(CR) & 0x03030003 == 3, "HSE and PLL off, HSI on"
    assert rcc.read(CFGR) & 0xF == 0 and rcc.frequencies()["SYSCLK"] == 8 * MHZ
    assert rcc.holds_nmi() and not rcc.cells[1]
    rcc.write(CIR, 1 << 23, 4)
    assert not rcc.holds_nmi() and rcc.read(CIR) == 0


def test_clock_security_watches_only_a_ready_crystal() -> None:
    rcc = f1(surroundings(HSE=0))
    rcc.write(CR, rcc.read(CR) | 1 << 16 | 1 << 19, 4)
    rcc.clock_changed()
    assert rcc.mcu.nmi == 0 and not rcc.read(CIR)


def test_reset_causes_add_up_until_removed() -> None:
    rcc = f1(surroundings())
    assert rcc.read(CSR) & 0xFC000000 == 0x0C000000
    rcc.write(CSR, 1 << 24, 4)
    assert rcc.read(CSR) == 0
    rcc.reset(PIN)
    assert rcc.read(CSR) == 1 << 26
    rcc.reset(WWDG)
    rcc.reset(SOFTWARE)
    assert rcc.read(CSR) == 1 << 26 | 1 << 28 | 1 << 30
    rcc.reset(POWER_ON)
    assert rcc.read(CSR) == 0x0C000000


def test_backup_domain_register_survives_and_needs_dbp() -> None:
    around = surroundings()
    rcc = f1(around)

    class Power:
        opened = False
        next_event = 1 << 62

        def backup_writable(self) -> bool:
            return self.opened

    power = Power()
    around.blocks["PWR"] = power  # type: ignore[assignment]
    rcc.write(BDCR, 1, 4)
    assert rcc.read(BDCR) == 0
    power.opened = True
    rcc.write(BDCR, 0x8101, 4)
    assert rcc.read(BDCR) == 0x8103 and rcc.frequencies()["RTC"] == 32768
    rcc.write(BDCR, 0x8201, 4)
    assert rcc.read(BDCR) == 0x8103, "RTCSEL is chosen once"
    rcc.reset(PIN)
    assert rcc.read(BDCR) == 0x8103
    rcc.write(BDCR, 1 << 16, 4)
    assert ("RTC", POWER_ON) in around.block_resets and rcc.read(BDCR) == 1 << 16
    rcc.write(BDCR, 0x8201, 4)
    assert rcc.read(BDCR) & 0x300 == 0x200


def test_a_peripheral_is_reset_when_its_bit_goes_up() -> None:
    rcc = f1(surroundings())
    rcc.write(APB1RSTR, 1 << 0 | 1 << 17, 4)
    rcc.write(APB1RSTR, 1 << 0, 4)
    rcc.write(APB1RSTR, 0, 4)
    assert rcc.mcu.block_resets == [("TIM2", BLOCK_RESET), ("USART2", BLOCK_RESET)]


def test_a_started_watchdog_holds_the_lsi() -> None:
    rcc = f1(surroundings())
    rcc.hold("LSI")
    assert rcc.read(CSR) & 3 == 2 and rcc.frequencies()["LSI"] == 40000
    rcc.write(CSR, 0, 4)
    assert rcc.frequencies()["LSI"] == 40000
    rcc.reset(IWDG)
    assert rcc.frequencies()["LSI"] == 0


def test_trimming_moves_the_hsi() -> None:
    rcc = f1(surroundings())
    rcc.write(CR, 0x03 | 18 << 3, 4)
    assert rcc.frequencies()["HSI"] == 8_080_000


# ---- STM32F0 -------------------------------------------------------------------------------------------------------
def f0(around: Alone, **more: Any) -> Any:
    return from_data("stm32f0-rcc-v1", around, name="RCC", interrupts=("RCC",), **more)


def test_f0_pll_from_hsi_and_from_hse() -> None:
    rcc = f0(surroundings(HSI14=14 * MHZ))
    rcc.write(CFGR, 10 << 18, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    rcc.write(CFGR, 10 << 18 | 2, 4)
    assert rcc.read(CFGR) & 0xF == 0xA
    assert rcc.frequencies()["SYSCLK"] == 48 * MHZ
    rcc.write(CFGR, rcc.read(CFGR) & ~3, 4)
    rcc.write(CR, rcc.read(CR) & ~(1 << 24) | 1 << 16, 4)
    rcc.write(0x2C, 1, 4)  # PREDIV: HSE / 2
    assert rcc.read(CFGR) & 1 << 17, "PLLXTPRE is the same bit"
    rcc.write(CFGR, 10 << 18 | 1 << 16 | rcc.read(CFGR) & 1 << 17, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    assert rcc.frequencies()["PLL"] == 48 * MHZ


def test_f0_two_source_bits_and_kernel_clocks() -> None:
    around = surroundings(HSI48=48 * MHZ, HSI14=14 * MHZ)
    rcc = f0(around, parameters={"pll_source_bits": 2})
    rcc.write(CFGR, 1 << 15 | 4 << 18, 4)  # HSI / PREDIV, x 6
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    assert rcc.frequencies()["PLL"] == 48 * MHZ
    rcc.write(0x34, 0x80 | 1 << 16 | 1, 4)
    assert rcc.read(0x34) & 0x30003 == 0x30003
    rcc.write(CFGR, rcc.read(CFGR) | 3, 4)
    assert rcc.frequencies()["SYSCLK"] == 48 * MHZ
    rcc.write(CFGR, rcc.read(CFGR) | 0b100 << 8, 4)
    assert rcc.frequencies()["USART1"] == 24 * MHZ
    rcc.write(0x30, 3, 4)
    found = rcc.frequencies()
    assert found["USART1"] == 8 * MHZ and found["I2C1"] == 8 * MHZ and found["ADC"] == 14 * MHZ


def test_f0_flag_of_option_byte_launch() -> None:
    rcc = f0(surroundings())
    rcc.write(CSR, 1 << 24, 4)
    rcc.reset(7)
    assert rcc.read(CSR) == 1 << 25 | 1 << 26


# ---- STM32G0 -------------------------------------------------------------------------------------------------------
def g0(around: Alone, **more: Any) -> Any:
    around.sources["HSI16"] = 16 * MHZ
    around.sources["LSI"] = 32000
    return from_data("stm32g0-rcc-v1", around, name="RCC", interrupts=("RCC",), **more)


G_CFGR, PLLCFGR, CIER, CIFR, CICR, CCIPR, G_BDCR, G_CSR = 0x08, 0x0C, 0x18, 0x1C, 0x20, 0x54, 0x5C, 0x60


def test_g0_64_mhz_as_the_library_sets_it() -> None:
    rcc = g0(surroundings())
    assert rcc.frequencies()["SYSCLK"] == 16 * MHZ
    rcc.write(PLLCFGR, 2 | 8 << 8 | 1 << 28 | 1 << 29 | 1 << 16 | 1 << 17, 4)  # HSI16 x 8 / 2
    rcc.write(CR, rcc.read(CR) | 1 << 24, 4)
    assert rcc.read(CR) & 1 << 25
    rcc.write(G_CFGR, 2, 4)
    assert rcc.read(G_CFGR) == 2 | 2 << 3
    found = rcc.frequencies()
    assert found["SYSCLK"] == 64 * MHZ and found["PLLP"] == 64 * MHZ and found["PLLQ"] == 0
    rcc.write(G_CFGR, 2 | 0b1001 << 8 | 0b101 << 12, 4)
    found = rcc.frequencies()
    assert (found["HCLK"], found["PCLK1"], found["TIMCLK1"]) == (16 * MHZ, 4 * MHZ, 8 * MHZ)


def test_g0_hsi_divider_and_kernel_clocks() -> None:
    rcc = g0(surroundings())
    rcc.write(CR, rcc.read(CR) | 3 << 11, 4)
    found = rcc.frequencies()
    assert found["SYSCLK"] == 2 * MHZ and found["HSI"] == 16 * MHZ
    rcc.write(CCIPR, 2 | 2 << 30, 4)
    found = rcc.frequencies()
    assert found["USART1"] == 16 * MHZ and found["ADC"] == 16 * MHZ


def test_g0_ready_interrupt_has_registers_of_its_own() -> None:
    rcc = g0(surroundings())
    rcc.write(CIER, 1 << 4, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
    assert rcc.read(CIFR) == 1 << 4 and rcc.cells[1]
    rcc.write(CICR, 1 << 4, 4)
    assert rcc.read(CIFR) == 0 and rcc.read(CICR) == 0 and not rcc.cells[1]


def test_g0_clock_security_of_both_crystals() -> None:
    around = surroundings()
    rcc = g0(around)
    rcc.write(CR, rcc.read(CR) | 1 << 16, 4)
    rcc.write(CR, rcc.read(CR) | 1 << 19, 4)
    rcc.write(G_CFGR, 1, 4)
    rcc.write(CR, rcc.read(CR) & ~(1 << 19), 4)
    assert rcc.read(CR) & 1 << 19, "CSSON can only be set"
    rcc.write(G_BDCR, 1, 4)
    rcc.write(G_BDCR, 1 | 1 << 5, 4)
    around.sources["HSE"] = 0
    rcc.clock_changed()
    assert rcc.read(CIFR) == 1 << 8 and around.nmi == 1
    assert rcc.frequencies()["SYSCLK"] == 16 * MHZ and rcc.read(G_CFGR) & 0x3F == 0
    rcc.write(CICR, 1 << 8, 4)
    around.sources["LSE"] = 0
    rcc.clock_changed()
    assert rcc.read(CIFR) == 1 << 9 and around.nmi == 2 and rcc.holds_nmi()
    assert rcc.read(G_BDCR) & 1 << 6
    rcc.write(CICR, 1 << 9, 4)
    assert not rcc.holds_nmi()


def test_g0_low_speed_system_clock() -> None:
    rcc = g0(surroundings())
    rcc.write(G_CSR, 1, 4)
    rcc.write(G_CFGR, 3, 4)
    assert rcc.frequencies()["SYSCLK"] == 32000
    assert rcc.read(G_CFGR) == 3 | 3 << 3


def test_g0_causes_are_removed_with_bit_23() -> None:
    rcc = g0(surroundings())
    rcc.write(G_CSR, 1 << 24, 4)
    assert rcc.read(G_CSR) & 0xFE000000
    rcc.write(G_CSR, 1 << 23, 4)
    assert not rcc.read(G_CSR) & 0xFE000000
