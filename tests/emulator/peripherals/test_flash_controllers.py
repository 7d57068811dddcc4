"""Flash controllers: unlocking, programming, erasing, protection, option bytes, ECC."""

from typing import Any

import pytest
from alone import Alone, from_data, pass_time

from swassess.emulator.peripherals.behaviour import OPTION_BYTES, PIN, POWER_ON

US = 1_000_000
KEY1, KEY2 = 0x45670123, 0xCDEF89AB
KEYR, OPTKEYR, SR, CR, AR, OBR, WRPR = 0x04, 0x08, 0x0C, 0x10, 0x14, 0x1C, 0x20
PG, PER, MER, OPTPG, OPTER, STRT, LOCK, OPTWRE = 1, 2, 4, 0x10, 0x20, 0x40, 0x80, 0x200
BSY, PGERR, WRPERR, EOP = 1, 4, 0x10, 0x20


def f1(*, unlocked: bool = True, **parameters: Any) -> Any:
    flash = from_data("stm32f1-flash-v1", Alone(), interrupts=("FLASH",), parameters=parameters)
    if unlocked:
        assert flash.write(KEYR, KEY1, 4) and flash.write(KEYR, KEY2, 4)
        assert not flash.read(CR) & LOCK
    return flash


def done(flash: Any) -> int:
    pass_time(flash.mcu, 3_000_000 * US)
    return int(flash.read(SR))


def test_f1_starts_locked_and_refuses() -> None:
    flash = f1(unlocked=False)
    assert flash.read(CR) == LOCK
    flash.write(CR, PG, 4)
    assert flash.read(CR) == LOCK
    assert not flash.program(0, 2, 0x1234), "bus fault"
    assert flash.mcu.flash[0] == 0xFF


@pytest.mark.parametrize("keys", [(KEY2,), (KEY1, KEY1), (KEY1, 0)])
def test_f1_wrong_key_locks_until_reset(keys: tuple[int, ...]) -> None:
    flash = f1(unlocked=False)
    answers = [flash.write(KEYR, key, 4) for key in keys]
    assert answers[-1] is False and all(answers[:-1])
    flash.write(KEYR, KEY1, 4)
    flash.write(KEYR, KEY2, 4)
    assert flash.read(CR) & LOCK
    flash.reset(PIN)
    assert flash.write(KEYR, KEY1, 4) and flash.write(KEYR, KEY2, 4)
    assert not flash.read(CR) & LOCK


def test_f1_programs_half_words() -> None:
    flash = f1()
    flash.write(CR, PG, 4)
    assert flash.program(0x100, 2, 0xBEEF)
    assert flash.read(SR) & BSY
    pass_time(flash.mcu, 51 * US)
    assert flash.read(SR) & BSY
    pass_time(flash.mcu, 1 * US)
    assert flash.read(SR) == EOP
    assert flash.mcu.flash[0x100:0x102].tobytes() == b"\xef\xbe" and flash.mcu.changed == [(0x100, 2)]
    flash.write(SR, EOP, 4)
    assert flash.read(SR) == 0
    assert not flash.program(0x104, 4, 0) and not flash.program(0x104, 1, 0), "only half-words"


def test_f1_programs_only_what_is_erased() -> None:
    flash = f1()
    flash.write(CR, PG, 4)
    flash.program(0, 2, 0x00FF)
    done(flash)
    flash.write(SR, EOP, 4)
    assert flash.program(0, 2, 0x000F)
    assert flash.read(SR) == PGERR and flash.word(0, 2) == 0x00FF
    flash.write(SR, PGERR, 4)
    flash.program(0, 2, 0)
    assert done(flash) == EOP and flash.word(0, 2) == 0, "0 is taken everywhere"


def test_f1_erases_a_page_and_everything() -> None:
    flash = f1()
    flash.mcu.flash[:] = 0
    flash.write(CR, PER, 4)
    flash.write(AR, 0x08000C10, 4)
    flash.write(CR, PER | STRT, 4)
    assert flash.read(SR) & BSY and flash.read(CR) & STRT
    assert done(flash) == EOP and not flash.read(CR) & STRT
    assert set(flash.mcu.flash[0xC00:0x1000].tolist()) == {0xFF}
    assert flash.mcu.flash[0xBFF] == 0 and flash.mcu.flash[0x1000] == 0
    flash.write(CR, MER, 4)
    flash.write(CR, MER | STRT, 4)
    done(flash)
    assert set(flash.mcu.flash.tolist()) == {0xFF}


def test_f1_erase_needs_pg_cleared() -> None:
    flash = f1()
    flash.mcu.flash[:] = 0
    flash.write(CR, PG | PER | STRT, 4)
    assert not flash.read(SR) & BSY and flash.mcu.flash[0] == 0


def test_f1_interrupts() -> None:
    flash = f1()
    flash.write(CR, PG | 0x1400, 4)
    flash.program(0, 2, 1)
    assert not flash.cells[1]
    done(flash)
    assert flash.cells[1]
    flash.write(SR, EOP, 4)
    assert not flash.cells[1]
    flash.program(0, 2, 3)
    assert flash.read(SR) & PGERR and flash.cells[1]


def open_options(flash: Any) -> None:
    flash.write(OPTKEYR, KEY1, 4)
    flash.write(OPTKEYR, KEY2, 4)
    assert flash.read(CR) & OPTWRE


def test_f1_option_bytes_take_effect_after_a_reset_and_last() -> None:
    flash = f1()
    assert flash.read(OBR) == 0x03FFFFFC and flash.read(WRPR) == 0xFFFFFFFF
    assert flash.read_option(0, 4) == 0x00FF5AA5 and not flash.hardware_watchdog()
    assert not flash.program_option(2, 2, 0xFE)
    open_options(flash)
    flash.write(CR, OPTER | OPTWRE, 4)
    flash.write(CR, OPTER | OPTWRE | STRT, 4)
    done(flash)
    flash.write(CR, OPTPG | OPTWRE, 4)
    for at, value in ((0, 0xA5), (2, 0xFE), (4, 0x12), (6, 0xFF), (8, 0xFE), (10, 0xFF), (12, 0xFF), (14, 0xFF)):
        assert flash.program_option(at, 2, value)
        done(flash)
    assert flash.read_option(2, 2) == 0x01FE
    assert flash.read(OBR) == 0x03FFFFFC, "loaded by a reset"
    for cause in (PIN, POWER_ON):
        flash.reset(cause)
        assert flash.read(OBR) == 0x03FFFFFC & ~(0xFF << 10) & ~4 | 0x12 << 10
        assert flash.read(WRPR) == 0xFFFFFFFE and flash.hardware_watchdog()


def test_f1_write_protection() -> None:
    flash = f1()
    open_options(flash)
    flash.write(CR, OPTER | OPTWRE | STRT, 4)
    done(flash)
    flash.write(CR, OPTPG | OPTWRE, 4)
    for at, value in ((0, 0xA5), (2, 0xFF), (8, 0xFD)):
        flash.program_option(at, 2, value)
        done(flash)
    flash.reset(PIN)
    flash.write(KEYR, KEY1, 4)
    flash.write(KEYR, KEY2, 4)
    flash.write(CR, PG, 4)
    flash.program(0x1000, 2, 0)
    assert flash.read(SR) == WRPERR and flash.word(0x1000, 2) == 0xFFFF
    flash.write(SR, WRPERR, 4)
    flash.program(0x0FFE, 2, 0)
    assert done(flash) == EOP
    flash.write(CR, PER, 4)
    flash.write(AR, 0x08001000, 4)
    flash.write(CR, PER | STRT, 4)
    assert flash.read(SR) & WRPERR


def test_f1_erased_options_mean_read_protection_and_its_removal_erases_all() -> None:
    flash = f1()
    open_options(flash)
    flash.write(CR, OPTER | OPTWRE | STRT, 4)
    done(flash)
    flash.reset(PIN)
    assert flash.read(OBR) & 3 == 3, "an erased word is no byte with its complement, and protects"
    flash.mcu.flash[:] = 0
    flash.write(KEYR, KEY1, 4)
    flash.write(KEYR, KEY2, 4)
    open_options(flash)
    flash.write(CR, OPTPG | OPTWRE, 4)
    flash.program_option(0, 2, 0xA5)
    assert set(flash.mcu.flash.tolist()) == {0xFF}


def test_f0_layout_of_options_and_forced_load() -> None:
    flash = f1(options="f0", reload=True)
    assert flash.read_option(0, 2) == 0x55AA
    assert flash.read(OBR) == 0xFFFFFF00
    flash.write(CR, 1 << 13, 4)
    assert flash.mcu.resets == ["option-bytes"]


def test_gd32_writes_words_as_well() -> None:
    flash = f1(widths=[2, 4])
    flash.write(CR, PG, 4)
    assert flash.program(0, 4, 0x12345678) and done(flash) == EOP
    assert flash.word(0, 4) == 0x12345678


# ---- G0, L4, G4 ----------------------------------------------------------------------------------------------------
G_KEYR, G_OPTKEYR, G_SR, G_CR, ECCR, OPTR, WRP1AR = 0x08, 0x0C, 0x10, 0x14, 0x18, 0x20, 0x2C
G_BSY, CFGBSY = 1 << 16, 1 << 18
G_STRT, OPTSTRT, OBL = 1 << 16, 1 << 17, 1 << 27
PROGERR, G_WRPERR, PGAERR, SIZERR, PGSERR = 8, 0x10, 0x20, 0x40, 0x80


def g0(*, unlocked: bool = True, **parameters: Any) -> Any:
    flash = from_data("stm32g0-flash-v1", Alone(), interrupts=("FLASH",), parameters=parameters)
    if unlocked:
        assert flash.write(G_KEYR, KEY1, 4) and flash.write(G_KEYR, KEY2, 4)
    return flash


def double(flash: Any, offset: int, low: int, high: int) -> int:
    assert flash.program(offset, 4, low) and flash.program(offset + 4, 4, high)
    pass_time(flash.mcu, 3_000_000 * US)
    return int(flash.read(G_SR))


def test_g0_unlocks_and_a_key_too_many_is_wrong() -> None:
    flash = g0(unlocked=False)
    assert flash.read(G_CR) == 0xC0000000
    flash.write(G_KEYR, KEY1, 4)
    flash.write(G_KEYR, KEY2, 4)
    assert flash.read(G_CR) == 0x40000000
    assert not flash.write(G_KEYR, KEY1, 4)
    assert flash.read(G_CR) & 1 << 31


def test_g0_programs_double_words() -> None:
    flash = g0()
    flash.write(G_CR, PG, 4)
    flash.program(8, 4, 0x11111111)
    assert flash.read(G_SR) == CFGBSY and flash.word(8, 4) == 0xFFFFFFFF
    flash.program(12, 4, 0x22222222)
    assert flash.read(G_SR) == G_BSY | CFGBSY
    pass_time(flash.mcu, 85 * US)
    assert flash.read(G_SR) == 0, "EOP needs its enable bit"
    assert flash.word(8, 8) == 0x2222222211111111


def test_g0_without_configuration_busy() -> None:
    flash = g0(busy="plain")
    flash.write(G_CR, PG, 4)
    flash.program(8, 4, 1)
    assert flash.read(G_SR) == 0
    flash.program(12, 4, 2)
    assert flash.read(G_SR) == G_BSY


def test_g0_errors_block_until_cleared() -> None:
    flash = g0()
    assert double(flash, 0, 1, 2) == PGSERR, "PG is not set; no bus fault"
    flash.write(G_CR, PG, 4)
    assert double(flash, 0, 1, 2) == PGSERR, "still blocked"
    flash.write(G_SR, 0xFFFF, 4)
    assert double(flash, 0, 1, 2) == 0
    assert double(flash, 0, 1, 2) == PROGERR, "not erased"
    flash.write(G_SR, 0xFFFF, 4)
    assert double(flash, 0, 0, 0) == 0 and flash.word(0, 8) == 0
    flash.program(16, 2, 1)
    assert flash.read(G_SR) == SIZERR
    flash.write(G_SR, 0xFFFF, 4)
    flash.program(20, 4, 1)
    assert flash.read(G_SR) == PGAERR
    flash.write(G_SR, 0xFFFF, 4)
    flash.program(16, 4, 1)
    flash.program(28, 4, 1)
    assert flash.read(G_SR) & 0xFFFF == PGAERR and flash.word(16, 8) == (1 << 64) - 1


def test_g0_erases_pages_by_number() -> None:
    flash = g0()
    flash.mcu.flash[:] = 0
    flash.write(G_CR, PER | 3 << 3, 4)
    flash.write(G_CR, PER | 3 << 3 | G_STRT, 4)
    assert flash.read(G_SR) & G_BSY
    pass_time(flash.mcu, 22_000 * US)
    assert not flash.read(G_SR) & G_BSY and not flash.read(G_CR) & G_STRT
    assert set(flash.mcu.flash[0x1800:0x2000].tolist()) == {0xFF} and flash.mcu.flash[0x17FF] == 0
    flash.write(G_CR, MER | G_STRT, 4)
    assert set(flash.mcu.flash.tolist()) == {0xFF}


def test_l4_second_bank() -> None:
    flash = g0(banks=2, bank_bit=11)
    flash.mcu.flash[:] = 0
    flash.write(G_CR, PER | 1 << 3 | 1 << 11 | G_STRT, 4)
    assert set(flash.mcu.flash[0x8800:0x9000].tolist()) == {0xFF} and flash.mcu.flash[0x800] == 0
    flash.wait()
    flash.write(G_CR, 1 << 15 | G_STRT, 4)
    assert set(flash.mcu.flash[0x8000:].tolist()) == {0xFF} and flash.mcu.flash[0x7FFF] == 0


def test_g0_end_and_error_interrupts() -> None:
    flash = g0()
    flash.write(G_CR, PG | 3 << 24, 4)
    assert double(flash, 0, 1, 2) == 1 and flash.cells[1]
    flash.write(G_SR, 1, 4)
    assert not flash.cells[1]
    assert double(flash, 0, 1, 2) == PROGERR | 2 and flash.cells[1]


def test_g0_options_are_committed_and_launched() -> None:
    flash = g0()
    flash.write(OPTR, 0xFFFEFEAA, 4)
    assert flash.read(OPTR) == 0xFFFFFEAA, "locked"
    flash.write(G_OPTKEYR, 0x08192A3B, 4)
    flash.write(G_OPTKEYR, 0x4C5D6E7F, 4)
    assert not flash.read(G_CR) & 1 << 30
    flash.write(OPTR, 0xFFFEFEAA, 4)
    flash.write(WRP1AR, 2 | 3 << 16, 4)
    assert not flash.hardware_watchdog()
    flash.write(G_CR, OPTSTRT, 4)
    assert flash.read(G_SR) & G_BSY
    pass_time(flash.mcu, 22_000 * US)
    flash.write(G_CR, OBL, 4)
    assert flash.mcu.resets == ["option-bytes"] and flash.hardware_watchdog()
    for cause in (OPTION_BYTES, POWER_ON):
        flash.reset(cause)
        assert flash.read(OPTR) == 0xFFFEFEAA
    flash.write(G_KEYR, KEY1, 4)
    flash.write(G_KEYR, KEY2, 4)
    flash.write(G_CR, PG, 4)
    assert double(flash, 0x1000, 1, 1) == G_WRPERR
    flash.write(G_SR, 0xFFFF, 4)
    assert double(flash, 0x2000, 1, 1) == 0


def test_g0_options_not_committed_are_lost() -> None:
    flash = g0()
    flash.write(G_OPTKEYR, 0x08192A3B, 4)
    flash.write(G_OPTKEYR, 0x4C5D6E7F, 4)
    flash.write(OPTR, 0xFFFEFEAA, 4)
    flash.reset(POWER_ON)
    assert flash.read(OPTR) == 0xFFFFFEAA


def test_g0_ecc_errors() -> None:
    flash = g0()
    flash.inject_ecc(0x108)
    assert flash.read(ECCR) == 1 << 31 | 0x21 and flash.mcu.nmi == 1 and flash.holds_nmi()
    flash.inject_ecc(0x200)
    assert flash.read(ECCR) & 0x3FFF == 0x21, "the first one stays"
    flash.write(ECCR, 1 << 31, 4)
    assert not flash.holds_nmi()
    flash.write(ECCR, 1 << 24, 4)
    flash.inject_ecc(0x200, corrected=True)
    assert flash.read(ECCR) >> 30 == 1 and flash.cells[1] and flash.mcu.nmi == 1


# ---- F4 ------------------------------------------------------------------------------------------------------------
OPTCR = 0x14


def f4(**parameters: Any) -> Any:
    flash = from_data("stm32f4-flash-v1", Alone(), interrupts=("FLASH",), parameters=parameters)
    assert flash.write(0x04, KEY1, 4) and flash.write(0x04, KEY2, 4)
    return flash


def test_f4_width_must_be_that_of_psize() -> None:
    flash = f4()
    assert flash.program(0, 4, 0) and flash.read(SR) == 0x80, "PGSERR: PG is not set"
    flash.write(SR, 0xFF, 4)
    flash.write(CR, PG | 2 << 8, 4)
    flash.program(0, 4, 0x12345678)
    assert flash.read(SR) == 1 << 16
    assert done(flash) == 0 and flash.word(0, 4) == 0x12345678
    flash.program(4, 2, 0)
    assert flash.read(SR) == 0x40 and flash.word(4, 2) == 0xFFFF
    flash.write(SR, 0xFF, 4)
    flash.write(CR, PG, 4)
    flash.program(0, 1, 0xF0)
    assert done(flash) == 0 and flash.word(0, 1) == 0x70, "bits can only be cleared"


def test_f4_erases_sectors_of_unequal_size() -> None:
    flash = f4(sectors=[16, 16, 16, 8, 8])
    flash.mcu.flash[:] = 0
    flash.write(CR, 2 | 3 << 3 | 1 << 16, 4)
    assert flash.read(SR) & 1 << 16
    assert done(flash) == 0
    assert flash.mcu.flash[0xBFFF] == 0 and set(flash.mcu.flash[0xC000:0xE000].tolist()) == {0xFF}
    assert flash.mcu.flash[0xE000] == 0


def test_f4_options() -> None:
    flash = f4()
    assert flash.read(OPTCR) == 0x0FFFAAED and not flash.hardware_watchdog()
    flash.write(OPTCR, 0x0FFEAACC, 4)
    assert flash.read(OPTCR) == 0x0FFFAAED, "locked"
    flash.write(0x08, 0x08192A3B, 4)
    flash.write(0x08, 0x4C5D6E7F, 4)
    flash.write(OPTCR, 0x0FFEAACC, 4)
    flash.write(OPTCR, 0x0FFEAACE, 4)
    done(flash)
    flash.reset(POWER_ON)
    assert flash.read(OPTCR) == 0x0FFEAACD and flash.hardware_watchdog()
    flash.write(0x04, KEY1, 4)
    flash.write(0x04, KEY2, 4)
    flash.write(CR, PG | 2 << 8, 4)
    flash.program(0x100, 4, 0)
    assert flash.read(SR) == 0x10, "sector 0 is protected"
    assert not flash.write(0x08, 5, 4)
