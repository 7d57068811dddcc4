"""USART1 of the STM32F1 (RM0008, chapter 27): bytes with their real duration, receive and transmit interrupts.

Simplified: no second transmit buffer (TXE comes with TC), and reading DR alone clears an overrun.
"""

from numba import njit

from swassess.emulator.arrays import State
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

_ORE, _RXNE, _TC, _TXE = 8, 0x20, 0x40, 0x80
_UE, _TE, _RE = 0x2000, 8, 4
_FRAME_BITS = 10


@njit(cache=True)
def due(S: State) -> None:
    if S[USART_TX_DONE] and S[TICKS] >= S[USART_TX_DONE]:
        S[USART_TX_DONE] = 0
        S[USART_SR] |= _TXE | _TC


@njit(cache=True)
def receive(S: State, byte: int) -> None:
    """A byte has arrived; one that is not read in time is an overrun."""
    if S[USART_CR1] & (_UE | _RE) != _UE | _RE:
        return
    if S[USART_SR] & _RXNE:
        S[USART_SR] |= _ORE
    else:
        S[USART_DR] = byte
        S[USART_SR] |= _RXNE
    S[DEADLINE] = 0


@njit(cache=True)
def interrupt_line(S: State) -> int:
    enable = S[USART_CR1]
    status = S[USART_SR]
    active = (enable & status & (_TXE | _TC | _RXNE)) | (status & _ORE if enable & _RXNE else 0)
    return 1 if active and enable & _UE else 0


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    due(S)
    if offset == 0x00:
        return S[USART_SR], True
    if offset == 0x04:
        S[USART_SR] &= ~(_RXNE | _ORE)
        return S[USART_DR], True
    if 0x08 <= offset <= 0x14:
        return S[USART_SR + (offset >> 2)], True
    return 0, False


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    due(S)
    if offset == 0x00:
        S[USART_SR] &= value | ~(_RXNE | _TC)
    elif offset == 0x04:
        if S[USART_CR1] & (_UE | _TE) == _UE | _TE:
            S[USART_TX_COUNT] += 1
            S[USART_SR] &= ~(_TXE | _TC)
            S[USART_TX_DONE] = S[TICKS] + _FRAME_BITS * max(S[USART_BRR], 16) * S[CYCLE_TICKS]
            S[DEADLINE] = 0
    elif 0x08 <= offset <= 0x14:
        S[USART_SR + (offset >> 2)] = value
        S[DEADLINE] = 0
    else:
        return False
    return True
