"""The outside of the MCU: plant equations, driven pins, pulse trains, serial frames, and the monitors that watch.

All of it is evaluated at plant steps (normally each millisecond); monitors also when an output changes.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.expression_machine import evaluate
from swassess.emulator.layout import (
    ADC_CODES,
    ASK_PIN_CHANGED,
    ASK_RECEIVE,
    C_EVENT_COUNT,
    C_EVENTS,
    C_FRAME_COUNT,
    C_FRAMES,
    C_GOLDEN_MODE_COUNT,
    C_GOLDEN_MODES,
    C_GOLDEN_SIGNATURES,
    C_MCU,
    C_MODE_PROGRAM,
    C_PIN_WATCH,
    C_PROGRAM_COUNT,
    C_PROGRAMS,
    C_RECORD_MODES,
    C_SIGNAL_COUNT,
    C_SIGNAL_PINS,
    C_STEP_TICKS,
    C_TIMER_PIN_COUNT,
    C_TIMER_PINS,
    EVENT_NEXT,
    FRAME_NEXT,
    G_KIND,
    GPIO,
    GPIO_PORTS,
    GPIO_WORDS,
    MONITOR_FIRST,
    MONITOR_LAST_FALSE,
    MONITOR_LONGEST,
    MONITOR_SINCE,
    MONITOR_VALUE,
    OUTPUT_LAST,
    OUTPUT_SIGNATURE,
    P_ANALOG,
    P_DIGITAL,
    P_EQUATION,
    P_MONITOR,
    P_SIGNAL,
    PIN_DRIVEN,
    PIN_LEVEL,
    PLANT_STEP,
    SIGNAL_LEVEL,
    SIGNAL_NEXT,
    SIGNAL_PERIOD,
    TICKS,
)
from swassess.emulator.peripherals import exti, gpio, timer

_HALF_SECOND = 500_000_000_000
_SLOWEST_HERTZ, _FASTEST_HERTZ = 0.001, 1e6
_FULL_SCALE = 4095.0


@njit(cache=True)
def set_pin(C: Control, S: State, pin: int, level: int) -> None:
    """The outside drives a pin; a change reaches EXTI and the capture inputs."""
    before = S[PIN_LEVEL + pin]
    known = S[PIN_DRIVEN + pin]
    S[PIN_DRIVEN + pin] = 1
    S[PIN_LEVEL + pin] = level
    if known and before != level:
        exti.edge(S, pin, level == 1)
        if C[C_PIN_WATCH]:
            native.ask(C[C_MCU], ASK_PIN_CHANGED, 0, level, pin)
        rows = carray(native.int64_pointer(C[C_TIMER_PINS]), (C[C_TIMER_PIN_COUNT] + 1, 4))
        for row in range(C[C_TIMER_PIN_COUNT]):
            if gpio.channel_at(C, S, row, pin):
                timer.input_edge(S, rows[row, 0], rows[row, 1], S[TICKS], level == 1)


@njit(cache=True)
def _table(C: Control) -> npt.NDArray[np.int64]:
    return carray(native.int64_pointer(C[C_PROGRAMS]), (C[C_PROGRAM_COUNT], 4))


@njit(cache=True)
def _set_frequency(S: State, signal: int, frequency: float) -> None:
    """A new frequency takes effect at once: what is left of the present half period shrinks or grows with it."""
    if not frequency > _SLOWEST_HERTZ:
        S[SIGNAL_PERIOD + signal] = 0
        S[SIGNAL_NEXT + signal] = 0
        return
    before = S[SIGNAL_PERIOD + signal]
    period = int(_HALF_SECOND / min(frequency, _FASTEST_HERTZ))
    S[SIGNAL_PERIOD + signal] = period
    if S[SIGNAL_NEXT + signal] == 0 or before == 0:
        S[SIGNAL_NEXT + signal] = S[TICKS] + period
    elif before != period:
        left = max(S[SIGNAL_NEXT + signal] - S[TICKS], 0)
        S[SIGNAL_NEXT + signal] = S[TICKS] + int(left * (period / before))


@njit(cache=True)
def step_plant(C: Control, S: State) -> None:
    """One plant step: events that are due, the equations in their order, then what the outside drives."""
    events = carray(native.int64_pointer(C[C_EVENTS]), (C[C_EVENT_COUNT] + 1, 3))
    table = _table(C)
    while S[EVENT_NEXT] < C[C_EVENT_COUNT] and S[TICKS] >= events[S[EVENT_NEXT], 0]:
        first = events[S[EVENT_NEXT], 1]
        for i in range(first, first + events[S[EVENT_NEXT], 2]):
            evaluate(C, table[i, 2], table[i, 3])
        S[EVENT_NEXT] += 1
    for i in range(C[C_PROGRAM_COUNT]):
        kind = table[i, 0]
        if kind == P_EQUATION:
            evaluate(C, table[i, 2], table[i, 3])
        elif kind == P_DIGITAL:
            value = evaluate(C, table[i, 2], table[i, 3])
            set_pin(C, S, table[i, 1], 1 if value != 0.0 else 0)
        elif kind == P_ANALOG:
            value = evaluate(C, table[i, 2], table[i, 3])
            S[ADC_CODES + table[i, 1]] = int(min(max(value, 0.0), _FULL_SCALE))
        elif kind == P_SIGNAL:
            _set_frequency(S, table[i, 1], evaluate(C, table[i, 2], table[i, 3]))
    _sign_outputs(C, S)
    index = S[PLANT_STEP]
    if C[C_RECORD_MODES] and index < C[C_GOLDEN_MODE_COUNT]:
        if C[C_MODE_PROGRAM] >= 0:
            row = C[C_MODE_PROGRAM]
            mode = int(evaluate(C, table[row, 2], table[row, 3]))
            carray(native.int64_pointer(C[C_GOLDEN_MODES]), (C[C_GOLDEN_MODE_COUNT],))[index] = mode
        signatures = carray(native.int64_pointer(C[C_GOLDEN_SIGNATURES]), (C[C_GOLDEN_MODE_COUNT],))
        signatures[index] = S[OUTPUT_SIGNATURE]
    S[PLANT_STEP] += 1


@njit(cache=True)
def _sign_outputs(C: Control, S: State) -> None:
    """Adds the ports' output levels at this plant step to the signature of the outputs' history."""
    levels = 0
    for port in range(GPIO_PORTS):
        if S[GPIO + GPIO_WORDS * port + G_KIND]:
            for number in range(16):
                if gpio.is_output(S, 16 * port + number):
                    levels = levels * 3 + 1 + gpio.pin_level(C, S, 16 * port + number)
                else:
                    levels *= 3
    if levels != S[OUTPUT_LAST]:
        S[OUTPUT_SIGNATURE] = (S[OUTPUT_SIGNATURE] * 6364136223846793005 + levels * 1442695040888963407) ^ S[PLANT_STEP]
        S[OUTPUT_LAST] = levels


@njit(cache=True)
def _note_length(S: State, monitor: int) -> None:
    """How long the monitor has been true by now, the moment of becoming false included."""
    lasted = 1 + S[TICKS] - S[MONITOR_SINCE + monitor]
    if lasted > S[MONITOR_LONGEST + monitor]:
        S[MONITOR_LONGEST + monitor] = lasted


@njit(cache=True)
def watch_monitors(C: Control, S: State) -> int:
    """Evaluates every monitor; returns the number + 1 of the first that has just become true for the first time."""
    table = _table(C)
    news = 0
    for i in range(C[C_PROGRAM_COUNT]):
        if table[i, 0] == P_MONITOR:
            monitor = table[i, 1]
            holds = evaluate(C, table[i, 2], table[i, 3]) != 0.0
            S[MONITOR_VALUE + monitor] = 1 if holds else 0
            if holds:
                if S[MONITOR_SINCE + monitor] == 0:
                    S[MONITOR_SINCE + monitor] = 1 + S[TICKS]
                _note_length(S, monitor)
                if S[MONITOR_FIRST + monitor] == 0:
                    S[MONITOR_FIRST + monitor] = 1 + S[TICKS]
                    if news == 0:
                        news = monitor + 1
            else:
                if S[MONITOR_SINCE + monitor]:
                    _note_length(S, monitor)
                S[MONITOR_SINCE + monitor] = 0
                S[MONITOR_LAST_FALSE + monitor] = 1 + S[TICKS]
    return news


@njit(cache=True)
def signals_due(C: Control, S: State) -> None:
    pins = carray(native.int64_pointer(C[C_SIGNAL_PINS]), (C[C_SIGNAL_COUNT] + 1,))
    for signal in range(C[C_SIGNAL_COUNT]):
        while S[SIGNAL_NEXT + signal] and S[TICKS] >= S[SIGNAL_NEXT + signal]:
            S[SIGNAL_LEVEL + signal] ^= 1
            now = S[TICKS]
            S[TICKS] = S[SIGNAL_NEXT + signal]  # captures take the time of the edge itself
            set_pin(C, S, pins[signal], S[SIGNAL_LEVEL + signal])
            S[TICKS] = now
            if S[SIGNAL_PERIOD + signal]:
                S[SIGNAL_NEXT + signal] += S[SIGNAL_PERIOD + signal]
            else:
                S[SIGNAL_NEXT + signal] = 0


@njit(cache=True)
def frames_due(C: Control, S: State) -> None:
    frames = carray(native.int64_pointer(C[C_FRAMES]), (C[C_FRAME_COUNT] + 1, 2))
    while S[FRAME_NEXT] < C[C_FRAME_COUNT] and S[TICKS] >= frames[S[FRAME_NEXT], 0]:
        native.ask(C[C_MCU], ASK_RECEIVE, 0, 1, frames[S[FRAME_NEXT], 1])
        S[FRAME_NEXT] += 1


@njit(cache=True)
def next_outside_event(C: Control, S: State) -> int:
    """Time of the next plant step, signal edge or serial byte."""
    soonest = S[PLANT_STEP] * C[C_STEP_TICKS]
    for signal in range(C[C_SIGNAL_COUNT]):
        if S[SIGNAL_NEXT + signal] and S[SIGNAL_NEXT + signal] < soonest:
            soonest = S[SIGNAL_NEXT + signal]
    if S[FRAME_NEXT] < C[C_FRAME_COUNT]:
        frames = carray(native.int64_pointer(C[C_FRAMES]), (C[C_FRAME_COUNT] + 1, 2))
        soonest = min(soonest, frames[S[FRAME_NEXT], 0])
    return soonest
