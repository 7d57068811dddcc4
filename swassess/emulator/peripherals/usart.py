"""USART1 of the STM32F1 (RM0008, chapter 27): bytes with their real duration, receive and transmit interrupts."""

from numba import njit

from swassess.emulator.layout import (
    CYCLE_TICKS,
    DEADLINE,
    TICKS,
    USART_BRR,
    USART_CR1,
    USART_DR,
    USART_SR,
    USART_TX_COUNT,
    USART_TX_DONE,
)


@njit(cache=True)
def due(S):
    if S[USART_TX_DONE] and S[TICKS] >= S[USART_TX_DONE]:
        S[USART_TX_DONE] = 0
        S[USART_SR] |= 0xC0


@njit(cache=True)
def receive(S, byte):
    """A byte has arrived; one that is not read in time is an overrun."""
    if S[USART_CR1] & 0x2004 != 0x2004:
        return
    if S[USART_SR] & 0x20:
        S[USART_SR] |= 8
    else:
        S[USART_DR] = byte
        S[USART_SR] |= 0x20
    S[DEADLINE] = 0


@njit(cache=True)
def interrupt_line(S):
    enable = S[USART_CR1]
    status = S[USART_SR]
    active = (enable & status & 0xE0) | (8 if enable & 0x20 and status & 8 else 0)
    return 1 if active and enable & 0x2000 else 0


@njit(cache=True)
def read(S, offset):
    due(S)
    if offset == 0x00:
        return S[USART_SR], True
    if offset == 0x04:
        S[USART_SR] &= ~0x28
        return S[USART_DR], True
    if 0x08 <= offset <= 0x14:
        return S[USART_SR + (offset >> 2)], True
    return 0, False


@njit(cache=True)
def write(S, offset, value):
    due(S)
    if offset == 0x00:
        S[USART_SR] &= value | ~0x60
    elif offset == 0x04:
        if S[USART_CR1] & 0x2008 == 0x2008:
            S[USART_TX_COUNT] += 1
            S[USART_SR] &= ~0xC0
            S[USART_TX_DONE] = S[TICKS] + 10 * max(S[USART_BRR], 16) * S[CYCLE_TICKS]
            S[DEADLINE] = 0
    elif 0x08 <= offset <= 0x14:
        S[USART_SR + (offset >> 2)] = value
        S[DEADLINE] = 0
    else:
        return False
    return True
