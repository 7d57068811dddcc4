"""Golden runs of every scenario, and what the evaluation keeps of them."""

from swassess.errors import EmulationError
from swassess.evaluate.options import Progress
from swassess.expressions.compiler import compile_expression
from swassess.expressions.names import FirmwareNames, Names, register_places
from swassess.faults.bench import HAZARD, Bench
from swassess.faults.golden import GoldenRun, run_golden
from swassess.firmware.elf_facts import ElfFacts
from swassess.model.declared import Declaration
from swassess.model.evaluation import GoldenRunSummary
from swassess.model.finding import Finding, Severity
from swassess.model.target import TargetDescription
from swassess.rules.image_view import ElfImage


def run_all_golden(
    bench: Bench, failed: dict[str, str], facts: ElfFacts, target: TargetDescription, progress: Progress
) -> tuple[dict[str, GoldenRun], tuple[Finding, ...]]:
    """Every scenario once without faults. What cannot run is a finding, not the end of the job."""
    declaration = bench.declaration
    findings = [
        Finding("GR-SCENARIO", "golden runs", Severity.NONCONFORMITY, f"scenario {name!r} cannot run: {why}")
        for name, why in sorted(failed.items())
    ]
    golden: dict[str, GoldenRun] = {}
    for done, scenario in enumerate(declaration.scenarios):
        if scenario.id not in bench.programs:
            continue
        progress.advance("Golden runs", done, len(declaration.scenarios), scenario.id)
        names = Names(
            FirmwareNames.from_facts(facts),
            dict(declaration.constants),
            register_places(target),
            [name for name, _ in scenario.variables],
        )
        try:
            end = compile_expression(scenario.expected, names) if scenario.expected else None
            run = run_golden(bench, scenario.id, program_end=end)
        except EmulationError as error:
            findings.append(Finding("GR-RUN", "golden runs", Severity.NONCONFORMITY, str(error)))
            continue
        golden[scenario.id] = run
        findings += _judge(run, declaration, scenario.expected)
    simulated = sum(run.ticks for run in golden.values()) / 1e12
    instructions = sum(run.instructions for run in golden.values())
    reached = sum(run.main_loop_entries > 0 for run in golden.values())
    progress.stage(
        "Golden runs",
        f"{len(golden)} scenarios, {simulated:.1f} s simulated, {instructions:,} instructions; "
        f"main loop reached in {reached}",
    )
    return golden, tuple(findings)


_CLOCK_PART = 100  # a declared clock may be off by one per cent (rounded names such as 33 MHz)


def _judge(run: GoldenRun, declaration: Declaration, expected: str) -> list[Finding]:
    def bad(rule: str, text: str) -> Finding:
        return Finding(rule, "golden runs", Severity.NONCONFORMITY, f"scenario {run.scenario!r}: {text}")

    found = []
    if not run.finished:
        found.append(
            bad("GR-STOPPED", f"the fault-free run is stopped by oracle {run.stopped_by!r} at {run.ticks / 1e12:.3f} s")
        )
    if run.main_loop_entries == 0:
        found.append(bad("GR-MAIN-LOOP", f"the main loop ({declaration.main_loop}) is never reached"))
    if run.resets:
        found.append(bad("GR-RESET", f"the fault-free run is reset by {', '.join(sorted({c for _, c in run.resets}))}"))
    if abs(run.core_hz - declaration.clock_hz) * _CLOCK_PART > declaration.clock_hz:
        text = f"the core runs at {run.core_hz / 1e6:g} MHz at the end, declared are {declaration.clock_hz / 1e6:g} MHz"
        found.append(bad("GR-CLOCK", f"{text}: correct clock_hz in the manifest, or the clock's set-up"))
    if run.expected_held is False and run.finished:
        found.append(bad("GR-EXPECTED", f"at the end '{expected}' does not hold"))
    for hazard in declaration.hazards:
        _, _, longest = run.monitors.get(HAZARD + hazard.id, (False, None, 0))
        if longest >= hazard.time_to_hazard:
            found.append(bad("GR-HAZARD", f"hazard {hazard.id} lasts {longest / 1e12:.3f} s without any fault"))
    return found


def summarise_golden(
    run: GoldenRun, declaration: Declaration, image: ElfImage, target: TargetDescription, step: int
) -> GoldenRunSummary:
    """What the report shows of a golden run."""
    assert run.trace is not None
    names = {number: name for name, number in declaration.modes}
    modes: list[tuple[str, int, int]] = []
    for index, mode in enumerate(run.modes.tolist()):
        name = names.get(int(mode), "none declared")  # so while memory tests run over the variable, before it is set
        if modes and modes[-1][0] == name:
            modes[-1] = (name, modes[-1][1], (index + 1) * step)
        else:
            modes.append((name, index * step, (index + 1) * step))
    vectors = {vector.number: vector.handler for vector in image.vectors.vectors}
    scenario = next(one for one in declaration.scenarios if one.id == run.scenario)
    return GoldenRunSummary(
        scenario=run.scenario,
        kind=scenario.kind,
        duration=run.ticks,
        instructions=run.instructions,
        blocks=run.steps,
        resets=tuple(cause for _, cause in run.resets),
        main_loop_reached=run.main_loop_entries > 0,
        expected_held=run.expected_held,
        digest=run.digest,
        modes=tuple(modes),
        interrupts=tuple((vectors.get(n, f"exception {n}"), count) for n, count in sorted(run.interrupts.items())),
        served=tuple(
            _served(target, address, modelled, reads, writes) for address, reads, writes, modelled in run.registers
        ),
        coverage=(),
        deepest_stack=run.deepest_stack,
    )


def _served(
    target: TargetDescription, address: int, modelled: bool, reads: int, writes: int
) -> tuple[str, str, int, int]:
    name = f"0x{address:08X}"
    who = "unmodelled: answers what was last written"
    for peripheral in target.peripherals:
        if peripheral.base <= address < peripheral.base + max(peripheral.size, 4):
            register = next((r.name for r in peripheral.registers if r.offset == address - peripheral.base), "")
            name = f"{peripheral.name}.{register or hex(address - peripheral.base)}"
            if modelled:
                who = f"behaviour {peripheral.behaviour}"
    return name, who if not modelled or who.startswith("behaviour") else "core", reads, writes


def coverage(
    golden: dict[str, GoldenRun], image: ElfImage, names: tuple[str, ...], flash_start: int
) -> tuple[tuple[str, int, int], ...]:
    """(function, blocks executed in any golden run, blocks known) of safety functions.

    A block is known when a golden run began one there or a direct branch of the function leads there.
    """
    entries = sum(run.trace.block_entries for run in golden.values() if run.trace is not None)
    rows = []
    for name in names:
        unique = image.calls.resolve(name)
        code = image.calls.code.get(unique) if unique else None
        if code is None or isinstance(entries, int):
            continue
        starts = _block_starts(code)
        executed = {a for a in starts if entries[(a - flash_start) >> 1] > 0}
        rows.append((name, len(executed), len(starts)))
    return tuple(rows)


def _block_starts(code: object) -> set[int]:
    """Addresses where basic blocks begin: the entry, targets of branches inside, and what follows a branch."""
    instructions = code.instructions  # type: ignore[attr-defined]
    inside = {instruction.address for instruction in instructions}
    starts = {instructions[0].address} if instructions else set()
    for place, instruction in enumerate(instructions):
        mnemonic = instruction.mnemonic.split(".")[0]
        branches = mnemonic in ("b", "bl", "blx", "bx", "cbz", "cbnz") or (
            mnemonic.startswith("b") and len(mnemonic) == 3 and mnemonic[1:] in _CONDITIONS
        )
        if not branches and not (mnemonic.startswith(("pop", "ldm")) and "pc" in instruction.operands):
            continue
        if place + 1 < len(instructions) and mnemonic not in ("b", "bx") and not mnemonic.startswith(("pop", "ldm")):
            starts.add(instructions[place + 1].address)
        target = instruction.operands.rsplit("#", 1)[-1]
        if mnemonic not in ("bl", "blx") and target.startswith("0x") and int(target, 16) in inside:
            starts.add(int(target, 16))
    return starts


_CONDITIONS = frozenset(
    ["eq", "ne", "cs", "cc", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le"]
)
