"""The test bench of a submission: everything needed to run its image in any scenario, with the declared oracles.

It can be sent to worker processes; each process builds its own engines from it.
"""

from dataclasses import dataclass

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu, Taps
from swassess.emulator.scenario_programs import ScenarioPrograms, compile_scenario
from swassess.errors import EmulationError, ExpressionError
from swassess.expressions.names import FirmwareNames, Names, register_places
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.model.declared import Declaration, Hazard, PinLevel
from swassess.model.target import TargetDescription

SAFE = "safe-state"
HAZARD = "hazard:"
ORACLE = "oracle:"


@dataclass(slots=True)
class Bench:
    """functions: name -> entry address; watched: functions that oracles name; monitors: order of the conditions."""

    target: TargetDescription
    image: LoadImage
    declaration: Declaration
    programs: dict[str, ScenarioPrograms]
    functions: dict[str, int]
    monitors: tuple[str, ...]

    def mcu(self, scenario: str, taps: Taps = "none") -> Mcu:
        """A fresh MCU in a scenario, with the oracle functions watched. Raises EmulationError for unknown scenarios."""
        programs = self.programs.get(scenario)
        if programs is None:
            known = ", ".join(sorted(self.programs)) or "none"
            raise EmulationError(f"scenario {scenario!r} is not declared; declared are: {known}")
        declaration = self.declaration
        made = Mcu(
            self.target,
            self.image,
            programs,
            clock_hz=declaration.clock_hz,
            lsi_hz=declaration.lsi_hz[1],
            taps=taps,
        )
        for address in self.oracle_functions.values():
            made.set_watch(address, at.WATCH_STOP)
        return made

    @property
    def oracle_functions(self) -> dict[str, int]:
        """Oracle id -> entry address, for oracles that name a function of the image."""
        return {
            oracle.id: self.functions[oracle.function]
            for oracle in self.declaration.oracles
            if oracle.function and oracle.function in self.functions
        }

    def monitor(self, name: str) -> int:
        return self.monitors.index(name)


def pin_condition(levels: tuple[PinLevel, ...], joiner: str, modes: dict[str, int]) -> str:
    """A C expression over pins (and the golden run's mode) from declared levels."""
    parts = []
    for level in levels:
        part = level.pin if level.level else f"!{level.pin}"
        if level.modes:
            part = f"({part} && (" + " || ".join(f"mode == {modes[name]}" for name in level.modes) + "))"
        parts.append(part)
    return joiner.join(parts)


def hazard_condition(hazard: Hazard, modes: dict[str, int]) -> str:
    """True while a hazardous output is driven in a mode where it is hazardous, or the plant shows the hazard."""
    parts = [pin_condition(hazard.unsafe, " || ", modes)] if hazard.unsafe else []
    if hazard.unsafe_when:
        parts.append(f"({hazard.unsafe_when})")
    return " || ".join(parts)


def make_bench(
    declaration: Declaration, target: TargetDescription, image: LoadImage, facts: ElfFacts
) -> tuple[Bench, dict[str, str]]:
    """Compiles every scenario. Scenarios that cannot be compiled come back with their reason instead of a program.

    Raises ExpressionError when an oracle, a hazard or the mode expression itself cannot be compiled.
    """
    modes = dict(declaration.modes)
    names = Names(FirmwareNames.from_facts(facts), dict(declaration.constants), register_places(target))
    monitors = [(f"{ORACLE}{oracle.id}", oracle.expression) for oracle in declaration.oracles if oracle.expression]
    monitors.append((SAFE, pin_condition(declaration.safe_state, " && ", modes) or "1"))
    for hazard in declaration.hazards:
        condition = hazard_condition(hazard, modes)
        if condition:
            monitors.append((f"{HAZARD}{hazard.id}", condition))
    programs = {}
    failed = {}
    for scenario in declaration.scenarios:
        try:
            programs[scenario.id] = compile_scenario(scenario, names, monitors, declaration.mode_expression)
        except (ExpressionError, EmulationError) as error:
            failed[scenario.id] = str(error)
    functions = {symbol.name: symbol.address for symbol in facts.functions}
    bench = Bench(target, image, declaration, programs, functions, tuple(name for name, _ in monitors))
    return bench, failed
