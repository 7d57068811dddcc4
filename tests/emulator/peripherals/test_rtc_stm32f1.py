"""RTC and backup registers of the STM32F1 (RM0008, chapters 6 and 18)."""

from typing import Any

from alone import Alone, pass_time, place

from swassess.emulator.peripherals.behaviour import POWER_ON, SOFTWARE, Behaviour
from swassess.emulator.peripherals.bkp_stm32f1 import BkpStm32F1
from swassess.emulator.peripherals.rtc_stm32f1 import RtcStm32F1

LSI = 25_000_000  # ticks of 40 kHz
REGISTERS = {
    "CRH": 0x00, "CRL": {"offset": 0x04, "reset": 0x20}, "PRLH": 0x08, "PRLL": 0x0C, "DIVH": 0x10, "DIVL": 0x14,
    "CNTH": 0x18, "CNTL": 0x1C, "ALRH": 0x20, "ALRL": 0x24,
}  # fmt: skip
CRH, CRL, PRLL, DIVL, CNTH, CNTL, ALRH, ALRL = 0x00, 0x04, 0x0C, 0x14, 0x18, 0x1C, 0x20, 0x24
SECF, ALRF, OWF, CNF = 1, 2, 4, 16


class Rcc(Behaviour):
    extra = ("OPEN",)

    def backup_writable(self) -> bool:
        return bool(self.get("OPEN"))


def clock(*, is_open: int = 1) -> tuple[Alone, Any]:
    around = Alone()
    around.periods["RTC"] = LSI
    place(Rcc, {"CR": 0}, around, name="RCC").put("OPEN", is_open)
    return around, place(RtcStm32F1, REGISTERS, around, name="RTC", interrupts=("RTC", "RTC_Alarm"))


def configure(rtc: Any, *writes: tuple[int, int]) -> None:
    rtc.write(CRL, CNF, 4)
    for offset, value in writes:
        rtc.write(offset, value, 4)
    rtc.write(CRL, 0, 4)


def test_counts_periods_of_the_prescaler() -> None:
    around, rtc = clock()
    configure(rtc, (PRLL, 39))
    pass_time(around, 40 * LSI * 5 + LSI)
    assert rtc.read(CNTL) == 5
    assert rtc.read(DIVL) == 38
    assert rtc.read(CRL) & SECF


def test_registers_need_configuration_mode_and_an_open_domain() -> None:
    around, rtc = clock()
    rtc.write(PRLL, 39, 4)
    assert rtc.get("PRL") == 0x8000
    around.blocks["RCC"].put("OPEN", 0)
    configure(rtc, (PRLL, 39))
    assert rtc.get("PRL") == 0x8000


def test_alarm_and_overflow() -> None:
    around, rtc = clock()
    configure(rtc, (PRLL, 0), (CNTH, 0xFFFF), (CNTL, 0xFFFE), (ALRH, 0xFFFF), (ALRL, 0xFFFF))
    rtc.write(CRH, ALRF, 4)
    pass_time(around, LSI)
    assert rtc.read(CRL) & (ALRF | OWF) == ALRF
    assert rtc.cells[1] == 1, "the line follows the flag"
    assert (17, True) in around.edges
    pass_time(around, LSI)
    assert rtc.read(CRL) & OWF and rtc.read(CNTL) == 0
    rtc.write(CRL, 0x0FF8 & ~ALRF, 4)
    assert rtc.cells[1] == 0


def test_count_survives_a_reset_but_not_power_on() -> None:
    around, rtc = clock()
    configure(rtc, (PRLL, 9))
    pass_time(around, 10 * LSI * 7 + 3 * LSI)
    rtc.reset(SOFTWARE)
    assert rtc.read(CNTL) == 7 and rtc.read(DIVL) == 6
    assert rtc.get("CRH") == 0
    rtc.reset(POWER_ON)
    assert rtc.read(CNTL) == 0 and rtc.get("PRL") == 0x8000


def test_stands_while_its_clock_stands() -> None:
    around, rtc = clock()
    configure(rtc, (PRLL, 9))
    pass_time(around, 10 * LSI * 2)
    around.periods["RTC"] = 0
    rtc.clock_changed()
    pass_time(around, 10 * LSI * 50)
    assert rtc.read(CNTL) == 2


def test_backup_registers_are_sixteen_bits_and_survive() -> None:
    around, _ = clock()
    backup = place(BkpStm32F1, {"DR1": 0x04, "DR2": 0x08}, around, name="BKP")
    backup.write(0x04, 0x1234ABCD, 4)
    around.blocks["RCC"].put("OPEN", 0)
    backup.write(0x08, 1, 4)
    backup.reset(SOFTWARE)
    assert (backup.read(0x04), backup.read(0x08)) == (0xABCD, 0)
    backup.reset(POWER_ON)
    assert backup.read(0x04) == 0
