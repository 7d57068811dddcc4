"""ADC1 of the STM32F1 (RM0008, chapter 11): power-on, calibration, software-started and continuous conversions.

One channel, the first of the regular sequence. Not modelled: scans (they need DMA), injected channels, timer triggers,
the analogue watchdog. Calibration ends at once.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    ADC_CHANNELS,
    ADC_CODES,
    ADC_CR1,
    ADC_CR2,
    ADC_DONE,
    ADC_DR,
    ADC_PLAIN,
    ADC_SR,
    CYCLE_TICKS,
    DEADLINE,
    RCC_CFGR,
    TICKS,
)

# sampling cycles times two for SMP = 0..7, plus 12.5 cycles of conversion (25 halves)
_SAMPLE_HALVES = (3, 15, 27, 57, 83, 111, 143, 479)
_CONVERSION_HALVES = 25
_EOC, _STRT = 2, 0x10
_EOCIE = 0x20
_ADON, _CONT, _CALIBRATION, _ALIGN_LEFT = 1, 2, 0xC, 0x800
_EXTTRIG, _SWSTART = 0x100000, 0x400000
_FIRST, _LAST = 0x0C, 0x38  # registers without effect of their own
_SQR3 = (0x34 - _FIRST) // 4


@njit(cache=True)
def _channel(S: State) -> int:
    return S[ADC_PLAIN + _SQR3] & 31


@njit(cache=True)
def _duration(S: State) -> int:
    channel = _channel(S)
    sample = (S[ADC_PLAIN + 1] >> (3 * channel)) & 7  # SMPR2
    if channel >= 10:
        sample = (S[ADC_PLAIN] >> (3 * (channel - 10))) & 7  # SMPR1
    divider = 1 + ((S[RCC_CFGR] >> 14) & 3)  # ADCPRE: half a period of the ADC clock in core cycles
    return (_SAMPLE_HALVES[sample] + _CONVERSION_HALVES) * divider * S[CYCLE_TICKS]


@njit(cache=True)
def due(S: State) -> None:
    while S[ADC_DONE] and S[TICKS] >= S[ADC_DONE]:
        channel = _channel(S)
        code = S[ADC_CODES + channel] if channel < ADC_CHANNELS else 0
        S[ADC_DR] = code << 4 if S[ADC_CR2] & _ALIGN_LEFT else code
        S[ADC_SR] |= _EOC
        S[ADC_DONE] = S[ADC_DONE] + _duration(S) if S[ADC_CR2] & _CONT else 0


@njit(cache=True)
def next_event(S: State) -> int:
    """Time of the end of conversion when its interrupt is wanted, else 0."""
    return S[ADC_DONE] if S[ADC_CR1] & _EOCIE else 0


@njit(cache=True)
def interrupt_line(S: State) -> int:
    return 1 if S[ADC_CR1] & _EOCIE and S[ADC_SR] & _EOC else 0


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    due(S)
    if offset == 0x00:
        return S[ADC_SR], True
    if offset == 0x04:
        return S[ADC_CR1], True
    if offset == 0x08:
        return S[ADC_CR2], True
    if offset == 0x4C:
        S[ADC_SR] &= ~_EOC
        return S[ADC_DR], True
    if _FIRST <= offset <= _LAST:
        return S[ADC_PLAIN + ((offset - _FIRST) >> 2)], True
    return 0, False


@njit(cache=True)
def _control(S: State, value: int) -> None:
    """CR2: a conversion starts by SWSTART, or by writing ADON again while nothing else changes (RM0008 11.12.3)."""
    before = S[ADC_CR2]
    S[ADC_CR2] = value & ~(_SWSTART | _CALIBRATION)
    by_software = value & _SWSTART and (value >> 17) & 7 == 7 and value & _EXTTRIG
    if not value & _ADON:
        S[ADC_DONE] = 0
    elif before & _ADON and (by_software or value == before):
        S[ADC_SR] |= _STRT
        S[ADC_DONE] = S[TICKS] + _duration(S)


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    due(S)
    S[DEADLINE] = 0
    if offset == 0x00:
        S[ADC_SR] &= value
    elif offset == 0x04:
        S[ADC_CR1] = value
    elif offset == 0x08:
        _control(S, value)
    elif _FIRST <= offset <= _LAST:
        S[ADC_PLAIN + ((offset - _FIRST) >> 2)] = value
    else:
        return False
    return True
