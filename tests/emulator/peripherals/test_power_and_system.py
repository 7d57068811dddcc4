"""Power control, system configuration, debug support, backup registers."""

import pytest
from alone import Alone, from_data

from swassess.emulator.peripherals.behaviour import BLOCK_RESET, PIN, POWER_ON

CR, CSR = 0x00, 0x04


@pytest.mark.parametrize("identifier", ["stm32f1-pwr-v1", "stm32f0-pwr-v1", "stm32f4-pwr-v1"])
def test_dbp_opens_the_backup_domain_until_a_reset(identifier: str) -> None:
    power = from_data(identifier, Alone())
    assert not power.backup_writable()
    power.write(CR, 1 << 8, 4)
    assert power.backup_writable()
    power.reset(PIN)
    assert not power.backup_writable()


def test_standby_flags_last_until_cleared_or_power_on() -> None:
    power = from_data("stm32f1-pwr-v1", Alone())
    assert power.sleep_mode() == "stop"
    power.write(CR, 2, 4)
    assert power.sleep_mode() == "standby"
    power.woke_from_standby(by_pin=True)
    power.reset(PIN)
    assert power.read(CSR) & 3 == 3
    power.write(CR, 1 << 3, 4)
    assert power.read(CSR) & 3 == 1 and power.read(CR) == 0
    power.write(CR, 1 << 2, 4)
    assert power.read(CSR) & 3 == 0
    power.woke_from_standby(by_pin=False)
    power.reset(POWER_ON)
    assert power.read(CSR) & 3 == 0


def test_supply_monitor() -> None:
    power = from_data("stm32f0-pwr-v1", Alone())
    power.set_supply(2500)
    assert not power.read(CSR) & 4, "off"
    power.write(CR, 1 << 4 | 5 << 5, 4)
    assert power.read(CSR) & 4 and power.mcu.edges == [(16, True)]
    power.set_supply(3300)
    assert not power.read(CSR) & 4 and power.mcu.edges[-1] == (16, False)


def test_f4_regulator_and_over_drive_get_ready() -> None:
    power = from_data("stm32f4-pwr-v1", Alone())
    assert power.read(CSR) & 1 << 14
    power.write(CR, 0xC000 | 1 << 16, 4)
    assert power.read(CSR) & 3 << 16 == 1 << 16
    power.write(CR, 0xC000 | 3 << 16, 4)
    assert power.read(CSR) & 3 << 16 == 3 << 16
    power.write(CSR, 1 << 9, 4)
    assert power.read(CSR) & 1 << 3


def test_g0_power() -> None:
    power = from_data("stm32g0-pwr-v1", Alone())
    assert power.read(0x00) == 0x208 and not power.backup_writable()
    power.write(0x00, 1 << 8 | 2 << 9, 4)
    assert power.backup_writable() and not power.read(0x14) & 1 << 10, "VOSF: the regulator is there at once"
    power.write(0x00, 1 << 14, 4)
    assert power.read(0x14) & 1 << 9
    power.write(0x00, 3, 4)
    assert power.sleep_mode() == "standby"
    power.woke_from_standby(by_pin=True)
    power.write(0x18, 1 << 8, 4)
    assert power.read(0x10) == 1
    power.write(0x04, 1 | 3 << 1, 4)
    power.set_supply(2000)
    assert power.read(0x14) & 1 << 11


def test_lines_are_routed_to_ports() -> None:
    around = Alone()
    for identifier in ("stm32-syscfg-v1", "stm32-syscfg-v2", "stm32f4-syscfg-v1"):
        block = from_data(identifier, around, name=identifier)
        assert around.routes == dict.fromkeys(range(16), 0)
        block.write(0x0C, 0x0120, 4)
        assert {line: port for line, port in around.routes.items() if port} == {5: 2, 6: 1}
        block.write(0x0D, 0x03, 1)
        assert around.routes[6] == 3 and around.routes[5] == 2
        block.reset(PIN)
    assert around.routes == dict.fromkeys(range(16), 0)


def test_f0_shows_its_ram_at_zero() -> None:
    system = from_data("stm32-syscfg-v1", Alone())
    system.write(0x00, 3, 4)
    assert system.mcu.at_zero == "ram"
    system.reset(BLOCK_RESET)
    assert system.mcu.at_zero == "flash"
    system.write(0x00, 1, 4)
    assert system.mcu.at_zero == "system"


def test_ram_parity_error_is_an_nmi_where_the_options_check_it() -> None:
    around = Alone()
    flash = from_data("stm32f1-flash-v1", around, name="FLASH", parameters={"options": "f0"})
    system = from_data("stm32-syscfg-v1", around, name="SYSCFG")
    assert not system.inject_parity() and around.nmi == 0
    flash.put("OBR", flash.get("OBR") & ~(1 << 14))
    assert system.inject_parity() and around.nmi == 1 and system.holds_nmi()
    assert system.read(0x18) == 1 << 8 and around.breaks == 0
    system.write(0x18, 1 << 8, 4)
    assert not system.holds_nmi() and system.read(0x18) == 0
    system.write(0x18, 2, 4)
    system.write(0x18, 0, 4)
    assert system.read(0x18) == 2, "a lock stays"
    system.inject_parity()
    assert around.breaks == 1


def test_g0_reference_gets_ready() -> None:
    system = from_data("stm32g0-syscfg-v1", Alone())
    system.write(0x30, 1, 4)
    assert system.read(0x30) == 9


def test_debug_registers_outlive_resets() -> None:
    debug = from_data("stm32-dbgmcu-v1", Alone())
    debug.write(0x00, 0x1234, 4)
    assert debug.read(0x00) == 0
    debug.write(0x08, 1 << 12, 4)
    debug.reset(PIN)
    assert debug.freezes("IWDG") and not debug.freezes("WWDG") and not debug.freezes("USART1")


def test_backup_registers() -> None:
    around = Alone()
    backup = from_data("stm32-tamp-v1", around, name="TAMP")
    power = from_data("stm32f1-pwr-v1", around, name="PWR")
    backup.write(0x100, 0x1234, 4)
    assert backup.read(0x100) == 0
    power.write(CR, 1 << 8, 4)
    backup.write(0x100, 0x51234, 4)
    backup.reset(PIN)
    backup.reset(BLOCK_RESET)
    assert backup.read(0x100) == 0x51234
    backup.reset(POWER_ON)
    assert backup.read(0x100) == 0
