"""ADC1 of the STM32F1 (RM0008, chapter 11): power-on, calibration, single software-started conversions."""

from numba import njit

from swassess.emulator.layout import ADC_CODES, ADC_CR1, ADC_CR2, ADC_DONE, ADC_DR, ADC_PLAIN, ADC_SR, CYCLE_TICKS, TICKS

# sampling cycles times two for SMP = 0..7, plus 12.5 cycles of conversion (25 halves)
_SAMPLE_HALVES = (3, 15, 27, 57, 83, 111, 143, 479)


@njit(cache=True)
def _channel(S):
    return S[ADC_PLAIN + (0x34 - 0x0C) // 4] & 31


@njit(cache=True)
def _start(S):
    channel = _channel(S)
    if channel >= 10:
        sample = (S[ADC_PLAIN] >> (3 * (channel - 10))) & 7
    else:
        sample = (S[ADC_PLAIN + 1] >> (3 * channel)) & 7
    # ADC clock is the core clock divided by two (reset value of ADCPRE)
    S[ADC_DONE] = S[TICKS] + (_SAMPLE_HALVES[sample] + 25) * S[CYCLE_TICKS]
    S[ADC_SR] |= 0x10


@njit(cache=True)
def due(S):
    if S[ADC_DONE] and S[TICKS] >= S[ADC_DONE]:
        S[ADC_DONE] = 0
        S[ADC_SR] |= 2
        channel = _channel(S)
        S[ADC_DR] = S[ADC_CODES + channel] if channel < 18 else 0


@njit(cache=True)
def read(S, offset):
    due(S)
    if offset == 0x00:
        return S[ADC_SR], True
    if offset == 0x04:
        return S[ADC_CR1], True
    if offset == 0x08:
        return S[ADC_CR2], True
    if offset == 0x4C:
        S[ADC_SR] &= ~2
        return S[ADC_DR], True
    if 0x0C <= offset <= 0x38:
        return S[ADC_PLAIN + ((offset - 0x0C) >> 2)], True
    return 0, False


@njit(cache=True)
def write(S, offset, value):
    due(S)
    if offset == 0x00:
        S[ADC_SR] &= value
    elif offset == 0x04:
        S[ADC_CR1] = value
    elif offset == 0x08:
        was_on = S[ADC_CR2] & 1
        S[ADC_CR2] = value & ~0x40000C  # calibration ends at once, SWSTART clears itself
        by_software = value & 0x400000 and (value >> 17) & 7 == 7 and value & 0x100000
        if was_on and value & 1 and (by_software or not value & 0x10000C):
            _start(S)
    elif 0x0C <= offset <= 0x38:
        S[ADC_PLAIN + ((offset - 0x0C) >> 2)] = value
    else:
        return False
    return True
