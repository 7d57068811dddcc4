"""Reset and clock control, flash access control and power control (RM0008, chapters 3, 5 and 7)."""

from numba import njit

from swassess.emulator.layout import FLASH_ACR, PWR_CR, RCC_BDCR, RCC_CFGR, RCC_CR, RCC_CSR, RCC_PLAIN
from swassess.emulator.peripherals import rtc


@njit(cache=True)
def read(S, offset):
    if offset == 0x00:
        value = S[RCC_CR]
        for enable in (0, 16, 24):  # HSI, HSE, PLL: ready follows enable
            if (value >> enable) & 1:
                value |= 2 << enable
        return value, True
    if offset == 0x04:
        return (S[RCC_CFGR] & ~0xC) | ((S[RCC_CFGR] & 3) << 2), True
    if 0x08 <= offset <= 0x1C:
        return S[RCC_PLAIN + ((offset - 8) >> 2)], True
    if offset == 0x20:
        return S[RCC_BDCR] | ((S[RCC_BDCR] & 1) << 1), True
    if offset == 0x24:
        return S[RCC_CSR] | ((S[RCC_CSR] & 1) << 1), True
    return 0, False


@njit(cache=True)
def write(S, offset, value):
    if offset == 0x00:
        S[RCC_CR] = value & 0x010D00F9
    elif offset == 0x04:
        S[RCC_CFGR] = value & 0x07FFFFF3
    elif 0x08 <= offset <= 0x1C:
        S[RCC_PLAIN + ((offset - 8) >> 2)] = value
    elif offset == 0x20:
        if S[PWR_CR] & 0x100:
            rtc.hold(S)
            S[RCC_BDCR] = value & 0x18305
    elif offset == 0x24:
        flags = 0 if value & 0x01000000 else S[RCC_CSR] & 0xFC000000
        S[RCC_CSR] = flags | (value & 1)
    else:
        return False
    return True


@njit(cache=True)
def flash_read(S, offset):
    if offset == 0x00:
        return S[FLASH_ACR] | 0x20, True
    if offset == 0x10:
        return 0x80, True  # locked: programming is not modelled yet, and says so
    return 0, offset == 0x0C


@njit(cache=True)
def flash_write(S, offset, value):
    if offset == 0x00:
        S[FLASH_ACR] = value & 0x1F
        return True
    return False
