"""Window watchdog and independent watchdog with a window: times, windows, keys, causes."""

from typing import Any

import pytest
from alone import Alone, from_data, pass_time

US = 1_000_000
MS = 1000 * US
CR, CFR, SR = 0x00, 0x04, 0x08
STEP = 27_778 * 4096  # PCLK1 of 36 MHz


def wwdg(**parameters: Any) -> Any:
    around = Alone()
    around.periods = {"PCLK1": 27_778}
    return from_data("stm32-wwdg-v1", around, interrupts=("WWDG",), parameters=parameters)


def test_wwdg_counts_down_and_resets_when_t6_falls() -> None:
    dog = wwdg()
    dog.write(CR, 0xC0 + 2, 4)
    pass_time(dog.mcu, STEP)
    assert dog.read(CR) == 0xC1
    pass_time(dog.mcu, 2 * STEP - 1)
    assert dog.read(CR) == 0xC0 and not dog.mcu.resets
    pass_time(dog.mcu, 1)
    assert dog.mcu.resets == ["wwdg"]


@pytest.mark.parametrize(("base", "factor"), [(0, 1), (1, 2), (2, 4), (3, 8)])
def test_wwdg_time_base(base: int, factor: int) -> None:
    dog = wwdg()
    dog.write(CFR, 0x7F | base << 7, 4)
    dog.write(CR, 0xFF, 4)
    pass_time(dog.mcu, 64 * factor * STEP - 1)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 1)
    assert dog.mcu.resets == ["wwdg"], "58.25 ms at most with 36 MHz (RM0008 20.4)"


def test_wwdg_wide_time_base_of_g0() -> None:
    dog = wwdg(timer_base="wide")
    dog.write(CFR, 0x7F | 7 << 11, 4)
    dog.write(CR, 0xC0, 4)
    pass_time(dog.mcu, 128 * STEP - 1)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 1)
    assert dog.mcu.resets


def test_wwdg_early_refresh_resets() -> None:
    dog = wwdg()
    dog.write(CFR, 0x50, 4)
    dog.write(CR, 0xFF, 4)
    pass_time(dog.mcu, (0x7F - 0x50) * STEP)
    dog.write(CR, 0x7F, 4)
    assert not dog.mcu.resets, "at the window's edge"
    pass_time(dog.mcu, (0x7F - 0x50) * STEP - 1)
    dog.write(CR, 0x7F, 4)
    assert dog.mcu.resets == ["wwdg"]


def test_wwdg_cleared_t6_resets_at_once_only_when_active() -> None:
    dog = wwdg()
    dog.write(CR, 0x3F, 4)
    assert not dog.mcu.resets
    dog.write(CR, 0xBF, 4)
    assert dog.mcu.resets == ["wwdg"]


def test_wwdg_that_is_not_started_resets_nothing() -> None:
    dog = wwdg()
    assert dog.read(CR) == 0x7F
    dog.clock_changed()
    dog.write(CFR, 0x7F | 1 << 9, 4)
    pass_time(dog.mcu, 300 * STEP)
    assert not dog.mcu.resets and dog.cells[1], "the counter runs all the same, and passes 0x40"


def test_wwdg_cannot_be_stopped() -> None:
    dog = wwdg()
    dog.write(CR, 0xFF, 4)
    dog.write(CR, 0x7F, 4)
    assert dog.read(CR) == 0xFF


def test_wwdg_early_wake_up_interrupt() -> None:
    dog = wwdg()
    dog.write(CFR, 0x7F | 1 << 9, 4)
    dog.write(CR, 0xC3, 4)
    pass_time(dog.mcu, 3 * STEP - 1)
    assert not dog.cells[1] and dog.read(SR) == 0
    pass_time(dog.mcu, 1)
    assert dog.cells[1] and dog.read(SR) == 1
    dog.write(CR, 0x7F, 4)
    assert dog.read(SR) == 1, "a refresh leaves the flag"
    dog.write(SR, 0, 4)
    assert not dog.cells[1] and dog.read(SR) == 0
    dog.write(CFR, 0x7F, 4)
    assert dog.read(CFR) & 1 << 9, "EWI is cleared by a reset only"


def test_wwdg_flag_without_interrupt() -> None:
    dog = wwdg()
    dog.write(CR, 0xC1, 4)
    pass_time(dog.mcu, STEP)
    assert dog.read(SR) == 1 and not dog.cells[1]
    dog.write(SR, 0, 4)
    assert dog.read(SR) == 0


def test_wwdg_follows_its_clock() -> None:
    dog = wwdg()
    dog.write(CR, 0xC0 + 9, 4)
    pass_time(dog.mcu, 5 * STEP + STEP // 2)
    dog.mcu.periods["PCLK1"] = 2 * 27_778
    dog.clock_changed()
    pass_time(dog.mcu, 9 * STEP - 1000)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 1001)
    assert dog.mcu.resets
    dog.mcu.periods["PCLK1"] = 0
    dog.write(CR, 0xC0, 4)
    pass_time(dog.mcu, 1000 * STEP)
    assert len(dog.mcu.resets) == 1, "a stopped clock stops the watchdog"


# ---- IWDG with a window --------------------------------------------------------------------------------------------
KR, PR, RLR, I_SR, WINR = 0x00, 0x04, 0x08, 0x0C, 0x10
LSI = 25 * US  # 40 kHz


def iwdg(**parameters: Any) -> Any:
    around = Alone()
    around.periods = {"LSI": LSI}
    around.sources = {"LSI": 40_000}
    return from_data("stm32-iwdg-v2", around, parameters=parameters)


def unlocked(dog: Any, register: int, value: int) -> None:
    dog.write(KR, 0x5555, 4)
    dog.write(register, value, 4)


def test_iwdg_starts_from_full_and_resets_at_the_end() -> None:
    dog = iwdg()
    dog.write(KR, 0xCCCC, 4)
    pass_time(dog.mcu, 4096 * 4 * LSI - 1)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 1)
    assert dog.mcu.resets == ["iwdg"]


def test_iwdg_refresh_loads_the_reload_value() -> None:
    dog = iwdg()
    dog.write(KR, 0xCCCC, 4)
    unlocked(dog, PR, 3)
    unlocked(dog, RLR, 99)
    dog.write(KR, 0xAAAA, 4)
    pass_time(dog.mcu, 100 * 32 * LSI - 1)
    assert not dog.mcu.resets
    dog.write(KR, 0xAAAA, 4)
    pass_time(dog.mcu, 100 * 32 * LSI)
    assert dog.mcu.resets == ["iwdg"] and dog.get("REFRESHES") == 2


def test_iwdg_registers_are_locked() -> None:
    dog = iwdg()
    dog.write(PR, 3, 4)
    dog.write(KR, 0x5555, 4)
    dog.write(KR, 0xAAAA, 4)
    dog.write(RLR, 9, 4)
    assert dog.read(PR) == 0 and dog.read(RLR) == 0xFFF


def test_iwdg_window() -> None:
    dog = iwdg()
    dog.write(KR, 0xCCCC, 4)
    unlocked(dog, RLR, 100)
    unlocked(dog, WINR, 40)
    pass_time(dog.mcu, 60 * 4 * LSI)
    dog.write(KR, 0xAAAA, 4)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 60 * 4 * LSI - 1)
    dog.write(KR, 0xAAAA, 4)
    assert dog.mcu.resets == ["iwdg"]


def test_iwdg_shows_updates_and_takes_no_other_meanwhile() -> None:
    dog = iwdg()
    unlocked(dog, PR, 3)
    assert dog.read(I_SR) == 1
    unlocked(dog, PR, 4)
    unlocked(dog, RLR, 7)
    assert dog.read(I_SR) == 3 and dog.read(PR) == 3
    pass_time(dog.mcu, 5 * LSI)
    assert dog.read(I_SR) == 0


def test_iwdg_update_waits_for_a_failed_oscillator() -> None:
    dog = iwdg()
    dog.mcu.periods["LSI"] = dog.mcu.sources["LSI"] = 0
    unlocked(dog, PR, 3)
    pass_time(dog.mcu, 100 * MS)
    assert dog.read(I_SR) == 1
    dog.mcu.sources["LSI"] = 40_000
    dog.clock_changed()
    pass_time(dog.mcu, 5 * LSI)
    assert dog.read(I_SR) == 0


def test_iwdg_holds_the_lsi_of_the_clock_control() -> None:
    around = Alone()
    around.sources = {"HSI": 8_000_000, "LSI": 40_000}
    rcc = from_data("stm32f0-rcc-v1", around, name="RCC")
    dog = from_data("stm32-iwdg-v2", around, name="IWDG")
    dog.write(KR, 0xCCCC, 4)
    assert rcc.frequencies()["LSI"] == 40_000


def test_iwdg_on_a_slow_or_dead_oscillator() -> None:
    dog = iwdg()
    dog.write(KR, 0xCCCC, 4)
    pass_time(dog.mcu, 2048 * 4 * LSI)
    dog.mcu.periods["LSI"] = 0
    dog.clock_changed()
    pass_time(dog.mcu, 10_000 * MS)
    assert not dog.mcu.resets
    dog.mcu.periods["LSI"] = 2 * LSI
    dog.clock_changed()
    pass_time(dog.mcu, 2048 * 8 * LSI - 1)
    assert not dog.mcu.resets
    pass_time(dog.mcu, 1)
    assert dog.mcu.resets == ["iwdg"]


def test_iwdg_started_by_the_option_bytes() -> None:
    around = Alone()
    around.periods = {"LSI": LSI}
    flash = from_data("stm32f1-flash-v1", around, name="FLASH", parameters={"options": "f0"})
    dog = from_data("stm32-iwdg-v2", around, name="IWDG")
    pass_time(around, 4096 * 4 * LSI)
    assert not around.resets
    flash.put("OPTION1", 0x0101)  # USER: WDG_SW is 0, its complement fits
    dog.reset(2)
    pass_time(around, 4096 * 4 * LSI)
    assert around.resets == ["iwdg"]
