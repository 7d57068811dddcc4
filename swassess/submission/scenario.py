"""Reads scenarios/*.toml: inputs over time, as plain data. The expressions in it are compiled by a later room."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from swassess.errors import SubmissionError
from swassess.model.declared import Scenario, ScenarioEvent, SerialFrame, Signal
from swassess.submission.explain import add_validation_problems, place
from swassess.submission.manifest_models import Table
from swassess.submission.peers import PeerTable, check_peers, peers_of
from swassess.submission.problems import Problems, suggestion
from swassess.submission.toml_file import TomlFile, read_toml
from swassess.submission.values import CName, Expression, Pin, PositiveTime, Text, Time, shown

LAST_CHANNEL = 31

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:[-+*/]?=)(?!=)", re.ASCII)
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_RESERVED = ("t", "mode", "min", "max", "abs", "fabs", "clamp", "exp", "sqrt", "sin", "floor")
_PIN_NAME = re.compile(r"P[A-K](?:1[0-5]|[0-9])")


def _variable(value: object) -> object:
    if isinstance(value, str) and (value in _RESERVED or _PIN_NAME.fullmatch(value)):
        raise ValueError(f"the name {shown(value)} already has a meaning in expressions; choose another")
    return value


def _bytes(value: object) -> object:
    parts = value.split() if isinstance(value, str) else []
    if not parts or not all(_HEX_PAIR.fullmatch(part) for part in parts):
        raise ValueError(f'must be bytes as pairs of hexadecimal digits such as "A5 01 09 3C", not {shown(value)}')
    return " ".join(parts)


def _channel(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,2}", value) or int(value) > LAST_CHANNEL:
        raise ValueError(f"must be an ADC channel from 0 to {LAST_CHANNEL}, not {shown(value)}")
    return value


Variable = Annotated[CName, BeforeValidator(_variable)]
Channel = Annotated[str, BeforeValidator(_channel)]


class SignalTable(Table):
    pin: Pin
    frequency: Expression


class FrameTable(Table):
    port: Text
    at: Time
    bytes: Annotated[str, BeforeValidator(_bytes)]
    baud: Annotated[int, Field(ge=50, le=50_000_000)] = 9600


class EventTable(Table):
    at: Time
    set: Annotated[list[Expression], Field(min_length=1)]


class ScenarioModel(Table):
    """The whole of a scenario file."""

    duration: PositiveTime
    step: PositiveTime
    expected: str = ""
    variables: dict[Variable, Annotated[float, Field(allow_inf_nan=False)]] = Field(default_factory=dict)
    equations: list[Expression] = Field(default_factory=list)
    digital: dict[Pin, Expression] = Field(default_factory=dict)
    analog: dict[Channel, Expression] = Field(default_factory=dict)
    signal: list[SignalTable] = Field(default_factory=list)
    frame: list[FrameTable] = Field(default_factory=list)
    event: list[EventTable] = Field(default_factory=list)
    peer: list[PeerTable] = Field(default_factory=list)


def read_scenario(
    folder: Path, name: str, scenario_id: str, title: str, kind: str, problems: Problems
) -> Scenario | None:
    """The scenario in the file `name` of the submission, or None with its problems added (file and line each)."""
    try:
        file = read_toml(folder, name)
    except SubmissionError as error:
        _add_read_error(problems, name, str(error))
        return None
    before = problems.count
    try:
        model = ScenarioModel.model_validate(file.data)
    except ValidationError as error:
        add_validation_problems(error, ScenarioModel, file, problems)
        return None
    _check_assignments(file, model, problems)
    _check_times(file, model, problems)
    check_peers(file, model.peer, problems)
    if problems.count > before:
        return None
    return Scenario(
        id=scenario_id,
        title=title,
        kind=kind,
        duration=model.duration,
        step=model.step,
        variables=tuple((key, float(value)) for key, value in model.variables.items()),
        equations=tuple(model.equations),
        digital=tuple(sorted(model.digital.items())),
        analog=tuple(sorted((int(channel), text) for channel, text in model.analog.items())),
        signals=tuple(Signal(signal.pin, signal.frequency) for signal in model.signal),
        frames=tuple(
            SerialFrame(frame.port, frame.at, bytes.fromhex(frame.bytes), frame.baud)
            for frame in sorted(model.frame, key=lambda frame: frame.at)
        ),
        events=tuple(
            ScenarioEvent(event.at, tuple(event.set)) for event in sorted(model.event, key=lambda event: event.at)
        ),
        expected=model.expected.strip(),
        peers=peers_of(model.peer),
    )


def _add_read_error(problems: Problems, name: str, message: str) -> None:
    """Puts a reader's message among the others: the line stands in it when the reader knew one."""
    match = re.match(re.escape(name) + r":(\d+): (.*)", message, re.DOTALL)
    if match:
        problems.add(name, int(match.group(1)), match.group(2))
    else:
        problems.add(name, 1, message)


def _check_assignments(file: TomlFile, model: ScenarioModel, problems: Problems) -> None:
    rows: list[tuple[tuple[str | int, ...], str]] = [
        (("equations", index), text) for index, text in enumerate(model.equations)
    ]
    for number, event in enumerate(model.event):
        rows += [(("event", number, "set", index), text) for index, text in enumerate(event.set)]
    for path, text in rows:
        match = _ASSIGNMENT.match(text)
        if match is None:
            sentence = f'{place(path, file.data)} must be an assignment such as "level = level + 1", not {shown(text)}'
            problems.add(file.name, file.line(path), sentence)
        elif match.group(1) not in model.variables:
            name = match.group(1)
            known = suggestion(name, model.variables)
            sentence = f"{place(path, file.data)} sets {shown(name)}, which is not under [variables]{known}"
            problems.add(file.name, file.line(path), sentence)


def _check_times(file: TomlFile, model: ScenarioModel, problems: Problems) -> None:
    if model.step > model.duration:
        problems.add(file.name, file.line(("step",)), "step is longer than duration")
    times = [("frame", number, frame.at) for number, frame in enumerate(model.frame)]
    times += [("event", number, event.at) for number, event in enumerate(model.event)]
    for table, number, at in times:
        if at > model.duration:
            sentence = f"{place((table, number), file.data)} comes after the scenario's end"
            problems.add(file.name, file.line((table, number, "at")), sentence)
    pins = [*model.digital, *(signal.pin for signal in model.signal)]
    for number, signal in enumerate(model.signal):
        if pins.count(signal.pin) > 1:
            sentence = f"{place(('signal', number), file.data)}: the pin {signal.pin} is driven twice"
            problems.add(file.name, file.line(("signal", number, "pin")), sentence)
    channels = [int(channel) for channel in model.analog]
    for channel in model.analog:
        if channels.count(int(channel)) > 1:
            problems.add(file.name, file.line(("analog", channel)), f"the ADC channel {int(channel)} is given twice")
