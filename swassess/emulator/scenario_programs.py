"""A scenario as the kernels want it: joined bytecode, a table of programs, signals, frames and events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from swassess.emulator.layout import (
    P_ANALOG,
    P_DIGITAL,
    P_EQUATION,
    P_EVENT,
    P_MODE,
    P_MONITOR,
    P_SIGNAL,
    VARIABLE_COUNT,
)
from swassess.errors import EmulationError, ExpressionError
from swassess.expressions.bytecode import Program
from swassess.expressions.compiler import compile_assignment, compile_expression
from swassess.expressions.names import Names, pin_number
from swassess.model.declared import Scenario
from swassess.model.time import TICKS_PER_SECOND

MAX_MONITORS = 32
MAX_SIGNALS = 16
COMPILED_PORT = "USART1"  # the one port that may be compiled is number 0
_BITS = 10  # of a byte on the line


@dataclass(slots=True)
class ScenarioPrograms:
    """table: int64 (n, 4) rows of kind, operand, start in code, start in constants; frames: (ticks,
    number of the port << 16 | byte); events: (ticks, first row, rows); variables: initial values of the plant."""

    scenario: Scenario
    code: npt.NDArray[np.int64]
    constants: npt.NDArray[np.float64]
    table: npt.NDArray[np.int64]
    signal_pins: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    variables: npt.NDArray[np.float64]
    monitors: tuple[str, ...]
    mode_row: int
    ports: tuple[str, ...]


class _Joiner:
    def __init__(self) -> None:
        self.code: list[int] = []
        self.constants: list[float] = []
        self.rows: list[tuple[int, int, int, int]] = []

    def add(self, kind: int, operand: int, program: Program) -> int:
        self.rows.append((kind, operand, len(self.code), len(self.constants)))
        self.code.extend(int(word) for word in program.code)
        self.constants.extend(float(value) for value in program.constants)
        return len(self.rows) - 1


def compile_scenario(
    scenario: Scenario, names: Names, monitors: Sequence[tuple[str, str]], mode_expression: str
) -> ScenarioPrograms:
    """Compiles plant, inputs, events and monitors (id, C expression).

    Raises ExpressionError, naming scenario and place, where something cannot be compiled, EmulationError where there is
    more than the emulator holds.
    """
    if len(scenario.variables) > VARIABLE_COUNT:
        raise EmulationError(f"scenario {scenario.id!r} has more than {VARIABLE_COUNT} plant variables; remove some")
    if len(monitors) > MAX_MONITORS:
        raise EmulationError(f"more than {MAX_MONITORS} oracles and hazard conditions are declared; remove some")
    if len(scenario.signals) > MAX_SIGNALS:
        raise EmulationError(f"scenario {scenario.id!r} has more than {MAX_SIGNALS} signals; remove some")
    names = replace(names, plant=[name for name, _ in scenario.variables])
    joiner = _Joiner()

    def pin(text: str) -> int:
        number = pin_number(text)
        if number is None or number >= 80:
            raise EmulationError(f"scenario {scenario.id!r} drives {text!r}, which is no pin of this MCU")
        return number

    def expression(text: str, place: str) -> Program:
        try:
            return compile_expression(text, names)
        except ExpressionError as error:
            raise ExpressionError(f"scenario {scenario.id!r}, {place}: {error}") from error

    def assignment(text: str, place: str) -> Program:
        try:
            return compile_assignment(text, names)
        except ExpressionError as error:
            raise ExpressionError(f"scenario {scenario.id!r}, {place}: {error}") from error

    for equation in scenario.equations:
        joiner.add(P_EQUATION, 0, assignment(equation, "equations"))
    for name, text in scenario.digital:
        joiner.add(P_DIGITAL, pin(name), expression(text, f"digital {name}"))
    for channel, text in scenario.analog:
        if not 0 <= channel < 18:
            raise EmulationError(f"scenario {scenario.id!r} drives ADC channel {channel}; there are 0 to 17")
        joiner.add(P_ANALOG, channel, expression(text, f"analog {channel}"))
    for index, signal in enumerate(scenario.signals):
        joiner.add(P_SIGNAL, index, expression(signal.frequency, f"signal {signal.pin}"))
    for index, (name, text) in enumerate(monitors):
        joiner.add(P_MONITOR, index, expression(text, name))
    mode_row = joiner.add(P_MODE, 0, expression(mode_expression, "modes")) if mode_expression else -1
    events = []
    for event in sorted(scenario.events, key=lambda one: one.ticks):
        first = len(joiner.rows)
        for text in event.assignments:
            joiner.add(P_EVENT, 0, assignment(text, "event"))
        events.append((event.ticks, first, len(event.assignments)))
    ports = (COMPILED_PORT, *sorted({frame.port for frame in scenario.frames} - {COMPILED_PORT}))
    frames = sorted(
        (frame.ticks + (index + 1) * _BITS * TICKS_PER_SECOND // frame.baud, ports.index(frame.port) << 16 | byte)
        for frame in scenario.frames
        for index, byte in enumerate(frame.data)
    )
    variables = np.zeros(VARIABLE_COUNT, np.float64)
    variables[: len(scenario.variables)] = [value for _, value in scenario.variables]
    return ScenarioPrograms(
        scenario=scenario,
        code=np.array([*joiner.code, 0], np.int64),
        constants=np.array([*joiner.constants, 0.0], np.float64),
        table=np.array(joiner.rows or [(-1, 0, 0, 0)], np.int64).reshape(-1, 4),
        signal_pins=np.array([pin(signal.pin) for signal in scenario.signals] + [0], np.int64),
        frames=np.array([*frames, (1 << 62, 0)], np.int64).reshape(-1, 2),
        events=np.array([*events, (1 << 62, 0, 0)], np.int64).reshape(-1, 3),
        variables=variables,
        monitors=tuple(name for name, _ in monitors),
        mode_row=mode_row,
        ports=ports,
    )
