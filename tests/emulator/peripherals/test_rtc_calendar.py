"""Calendar RTC of both generations: keys, initialisation, time, alarms, wake-up timer, backup domain."""

from typing import Any

import pytest
from alone import Alone, from_data, pass_time

from swassess.emulator.peripherals.behaviour import PIN, POWER_ON

SECOND = 10**12
LSE = 30_517_578
TR, DR, CR, ISR, PRER, WUTR, ALRMAR, WPR, SSR = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x1C, 0x24, 0x28
INITF, INIT, RSF, ALRAF, WUTF = 1 << 6, 1 << 7, 1 << 5, 1 << 8, 1 << 10


def v2(**more: Any) -> Any:
    around = Alone()
    around.periods = {"RTC": LSE}
    parameters = more.pop("parameters", {"exti": {}})
    rtc = from_data("stm32-rtc-v2", around, name="RTC", interrupts=("RTC",), parameters=parameters)
    rtc.write(WPR, 0xCA, 4)
    rtc.write(WPR, 0x53, 4)
    return rtc


def set_time(rtc: Any, time: int, date: int) -> None:
    rtc.write(ISR, INIT, 4)
    pass_time(rtc.mcu, 2 * LSE)
    assert rtc.read(ISR) & INITF
    rtc.write(TR, time, 4)
    rtc.write(DR, date, 4)
    rtc.write(ISR, 0, 4)
    assert not rtc.read(ISR) & INITF


def later(rtc: Any, seconds: float) -> None:
    pass_time(rtc.mcu, int(seconds * SECOND))


def test_starts_in_2000_and_counts() -> None:
    rtc = v2()
    assert (rtc.read(TR), rtc.read(DR)) == (0, 0x2101)
    later(rtc, 61.5)
    assert (rtc.read(TR), rtc.read(DR)) == (0x000101, 0x2101)
    assert rtc.read(SSR) == 127
    rtc.read(DR)


def test_needs_keys_and_initialisation() -> None:
    rtc = v2()
    rtc.write(WPR, 0xFF, 4)
    rtc.write(ISR, INIT, 4)
    later(rtc, 1)
    assert not rtc.read(ISR) & INITF
    rtc.write(WPR, 0xCA, 4)
    rtc.write(WPR, 0x53, 4)
    rtc.write(TR, 0x120000, 4)
    assert rtc.read(TR) == 1, "not in initialisation mode"
    set_time(rtc, 0x235958, 0x23E228)
    assert (rtc.read(TR), rtc.read(DR)) == (0x235958, 0x23E228 & 0xFFFF3F)


@pytest.mark.parametrize(
    ("date", "after"),
    [(0x242228, 0x244229), (0x232228, 0x234301), (0x99F231, 0x002101), (0x236430, 0x238501)],
)
def test_rolls_over(date: int, after: int) -> None:
    rtc = v2()
    set_time(rtc, 0x235959, date)
    later(rtc, 1)
    assert rtc.read(TR) == 0
    assert rtc.read(DR) == after


def test_twelve_hour_format() -> None:
    rtc = v2()
    rtc.write(CR, 1 << 6, 4)
    set_time(rtc, 1 << 22 | 0x115959, 0x002101)
    later(rtc, 1)
    assert rtc.read(TR) == 0x120000 and rtc.read(DR) == 0x004102
    later(rtc, 12 * 3600)
    assert rtc.read(TR) == 1 << 22 | 0x120000


def test_date_waits_for_the_time_that_was_read() -> None:
    rtc = v2()
    set_time(rtc, 0x235959, 0x002101)
    assert rtc.read(TR) == 0x235959
    later(rtc, 1)
    assert rtc.read(DR) == 0x2101, "of the moment at which TR was read"
    assert rtc.read(TR) == 0 and rtc.read(DR) == 0x4102


def test_without_a_clock_nothing_gets_ready() -> None:
    rtc = v2()
    rtc.mcu.periods["RTC"] = 0
    rtc.clock_changed()
    rtc.write(ISR, INIT, 4)
    later(rtc, 10)
    assert not rtc.read(ISR) & INITF and rtc.read(TR) == 0
    rtc.mcu.periods["RTC"] = LSE
    rtc.clock_changed()
    later(rtc, 0.001)
    assert rtc.read(ISR) & INITF


def test_survives_a_reset_and_synchronises_again() -> None:
    rtc = v2()
    set_time(rtc, 0x100000, 0x002101)
    rtc.write(0x54, 0x1234, 4)
    rtc.read(ISR)
    later(rtc, 5)
    assert rtc.read(ISR) & RSF
    rtc.reset(PIN)
    assert not rtc.read(ISR) & RSF
    later(rtc, 5)
    assert rtc.read(ISR) & RSF and rtc.read(TR) == 0x100010 and rtc.read(0x54) == 0x1234
    rtc.read(DR)
    rtc.write(CR, 1 << 5, 4)
    assert rtc.read(CR) == 0, "locked again"
    rtc.reset(POWER_ON)
    assert rtc.read(TR) == 0 and rtc.read(0x54) == 0


def test_needs_the_backup_domain_open() -> None:
    rtc = v2()

    class Closed:
        next_event = 1 << 62

        def backup_writable(self) -> bool:
            return False

    rtc.mcu.blocks["PWR"] = Closed()
    rtc.write(CR, 1 << 6, 4)
    rtc.write(0x50, 1, 4)
    assert rtc.read(CR) == 0 and rtc.read(0x50) == 0


def test_alarm_at_a_time_of_day() -> None:
    rtc = v2(parameters={"exti": {"alarm": 17}})
    set_time(rtc, 0x101500, 0x002101)
    rtc.write(ALRMAR, 1 << 31 | 0x101510, 4)
    rtc.write(CR, 1 << 8 | 1 << 12, 4)
    assert not rtc.read(ISR) & 1, "ALRAWF"
    later(rtc, 9.99)
    assert not rtc.read(ISR) & ALRAF
    later(rtc, 0.02)
    assert rtc.read(ISR) & ALRAF and rtc.mcu.edges == [(17, True), (17, False)]
    rtc.write(ISR, ~ALRAF & 0xFFFFFFFF & ~INIT, 4)
    assert not rtc.read(ISR) & ALRAF
    later(rtc, 86399)
    assert not rtc.read(ISR) & ALRAF
    later(rtc, 2)
    assert rtc.read(ISR) & ALRAF


def test_alarm_every_minute_and_by_weekday() -> None:
    rtc = v2()
    set_time(rtc, 0x000000, 0x002101)
    rtc.write(ALRMAR, 1 << 31 | 1 << 23 | 1 << 15 | 0x30, 4)
    rtc.write(CR, 1 << 8 | 1 << 12, 4)
    for _ in range(3):
        later(rtc, 60)
        assert rtc.read(ISR) & ALRAF and rtc.cells[1]
        rtc.write(ISR, 0, 4)
        assert not rtc.cells[1]
    rtc.write(CR, 0, 4)
    rtc.write(ALRMAR, 1 << 30 | 3 << 24, 4)  # Wednesday, 0:00:00
    rtc.write(CR, 1 << 8, 4)
    later(rtc, 86400 + 86000)
    assert not rtc.read(ISR) & ALRAF
    later(rtc, 400)
    assert rtc.read(ISR) & ALRAF


def test_alarm_within_a_second() -> None:
    rtc = v2()
    set_time(rtc, 0, 0x002101)
    rtc.write(ALRMAR, 1 << 31 | 1 << 23 | 1 << 15 | 1 << 7, 4)
    rtc.write(0x44, 15 << 24 | 63, 4)
    rtc.write(CR, 1 << 8, 4)
    later(rtc, 0.74)
    assert not rtc.read(ISR) & ALRAF
    later(rtc, 0.02)
    assert rtc.read(ISR) & ALRAF


@pytest.mark.parametrize(
    ("choice", "value", "seconds"), [(4, 2, 3.0), (0, 2047, 1.0), (3, 2047, 0.125), (6, 0, 65537.0)]
)
def test_wake_up_timer(choice: int, value: int, seconds: float) -> None:
    rtc = v2()
    rtc.write(WUTR, value, 4)
    rtc.write(CR, choice | 1 << 10 | 1 << 14, 4)
    later(rtc, seconds * 0.999)
    assert not rtc.read(ISR) & WUTF
    later(rtc, seconds * 0.002)
    assert rtc.read(ISR) & WUTF and rtc.cells[1]
    rtc.write(ISR, 0, 4)
    later(rtc, seconds)
    assert rtc.read(ISR) & WUTF


def test_shift_and_calibration() -> None:
    rtc = v2()
    set_time(rtc, 0, 0x002101)
    rtc.write(0x2C, 1 << 31 | 128, 4)  # half a second ahead
    later(rtc, 0.51)
    assert rtc.read(TR) == 1
    rtc.read(DR)
    rtc.write(0x3C, 511, 4)  # 487 ppm slower
    later(rtc, 10_000)
    minutes, seconds = divmod(10_001 - 5, 60)
    assert rtc.read(TR) & 0xFFFF == (minutes % 60 // 10 << 4 | minutes % 10) << 8 | (seconds // 10 << 4 | seconds % 10)


def test_third_generation_has_flags_of_its_own() -> None:
    around = Alone()
    around.periods = {"RTC": LSE}
    rtc = from_data("stm32-rtc-v3", around, name="RTC", interrupts=("RTC_TAMP",))
    for key in (0xCA, 0x53):
        rtc.write(WPR, key, 4)
    rtc.write(0x40, 0x80808080, 4)  # every second
    rtc.write(0x18, 1 << 8 | 1 << 12, 4)
    later(rtc, 1.01)
    assert rtc.read(0x50) == 1 and rtc.read(0x54) == 1 and rtc.cells[1]
    rtc.write(0x5C, 1, 4)
    assert rtc.read(0x50) == 0 and not rtc.cells[1]
