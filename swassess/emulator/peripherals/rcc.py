"""Reset and clock control and flash access control (RM0008, chapters 3 and 7).

Enable bits are kept but gate nothing, and no clock changes the core's speed: that is the declared one.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import FLASH_ACR, IWDG_ON, RCC_BDCR, RCC_CFGR, RCC_CR, RCC_CSR, RCC_PLAIN
from swassess.emulator.peripherals import rtc

_READY = 2  # HSIRDY, LSERDY, LSIRDY: each follows its enable bit at once
_CAUSES = 0xFC000000
_REMOVE_CAUSES = 1 << 24


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    if offset == 0x00:
        value = S[RCC_CR]
        for enable in (0, 16, 24):  # HSI, HSE, PLL
            if (value >> enable) & 1:
                value |= _READY << enable
        return value, True
    if offset == 0x04:
        return (S[RCC_CFGR] & ~0xC) | ((S[RCC_CFGR] & 3) << 2), True
    if 0x08 <= offset <= 0x1C:
        return S[RCC_PLAIN + ((offset - 8) >> 2)], True
    if offset == 0x20:
        return S[RCC_BDCR] | ((S[RCC_BDCR] & 1) << 1), True
    if offset == 0x24:
        return S[RCC_CSR] | (_READY if S[RCC_CSR] & rtc.LSION or S[IWDG_ON] else 0), True
    return 0, False


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    if offset == 0x00:
        S[RCC_CR] = value & 0x010D00F9
    elif offset == 0x04:
        S[RCC_CFGR] = value & 0x07FFFFF3
    elif 0x08 <= offset <= 0x1C:
        S[RCC_PLAIN + ((offset - 8) >> 2)] = value
    elif offset == 0x20:
        rtc.write_domain_control(S, value)
    elif offset == 0x24:
        rtc.due(S)
        before = rtc.clock_ticks(S)
        causes = 0 if value & _REMOVE_CAUSES else S[RCC_CSR] & _CAUSES
        S[RCC_CSR] = causes | (value & rtc.LSION)
        rtc.clock_changed(S, before)
    else:
        return False
    return True


@njit(cache=True)
def flash_read(S: State, offset: int) -> tuple[int, bool]:
    if offset == 0x00:
        return S[FLASH_ACR] | ((S[FLASH_ACR] & 0x10) << 1), True
    if offset == 0x10:
        return 0x80, True  # locked: programming is not modelled yet, and says so
    return 0, offset == 0x0C


@njit(cache=True)
def flash_write(S: State, offset: int, value: int) -> bool:
    if offset == 0x00:
        S[FLASH_ACR] = value & 0x1F
        return True
    return False
