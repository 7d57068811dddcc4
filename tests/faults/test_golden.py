"""The golden run: the same each time, with and without a look at every access, and a trace that agrees with itself."""

from typing import Any

import numpy as np
import pytest

from swassess.errors import EmulationError
from swassess.faults.bench import HAZARD, ORACLE, SAFE
from swassess.faults.golden import GoldenRun, run_golden
from swassess.model.trace import READ, STACK_READ, STACK_WRITE, WRITE, Trace

SCENARIOS = ("cold-start", "relay-welded")


def _without_trace(run: GoldenRun) -> dict[str, Any]:
    return {
        name: getattr(run, name)
        for name in ("ticks", "instructions", "steps", "digest", "finished", "stopped_by", "resets", "deepest_stack")
    } | {"marks": run.main_loop_entries, "monitors": run.monitors, "interrupts": run.interrupts}


@pytest.fixture(scope="module")
def traced(product: Any) -> GoldenRun:
    return product.golden("cold-start", trace=True)


@pytest.fixture(scope="module")
def trace(traced: GoldenRun) -> Trace:
    assert traced.trace is not None
    return traced.trace


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_twice_and_without_taps(product: Any, scenario: str) -> None:
    first = product.golden(scenario, trace=True)
    again = run_golden(product.bench, scenario, trace=True)
    blind = run_golden(product.bench, scenario, trace=False)
    assert first.trace is not None
    assert again.trace is not None
    assert blind.trace is None
    summary = _without_trace(first)
    assert summary["finished"]
    assert summary["marks"] > 10
    assert _without_trace(again) == summary
    for name in ("address", "value", "size", "kind", "block", "ticks", "step"):
        assert np.array_equal(getattr(first.trace.memory, name), getattr(again.trace.memory, name)), name
    left_out = ("deepest_stack",)  # looked for with taps only
    bare = _without_trace(blind)
    assert {k: v for k, v in bare.items() if k not in left_out} == {
        k: v for k, v in summary.items() if k not in left_out
    }
    assert np.array_equal(first.modes, blind.modes)
    assert np.array_equal(first.signatures, blind.signatures)


def test_scenarios_end_in_different_states(product: Any) -> None:
    assert product.golden("cold-start").digest != product.golden("relay-welded").digest


def test_an_input_changes_the_digest(product: Any) -> None:
    """A run of another length ends elsewhere: the digest is no constant."""
    mcu = product.bench.mcu("cold-start")
    digests = set()
    for ticks in (10**9, 2 * 10**9, 3 * 10**11):
        mcu.run(ticks)
        digests.add(mcu.digest())
    assert len(digests) == 3


def test_columns_are_of_one_length_and_in_order(trace: Trace) -> None:
    for columns in (trace.memory, trace.registers):
        lengths = {
            getattr(columns, name).size for name in ("address", "value", "size", "kind", "block", "ticks", "step")
        }
        assert len(lengths) == 1
        assert lengths.pop() > 1000
        assert (np.diff(columns.step) >= 0).all()
        assert (np.diff(columns.ticks) >= 0).all()
        assert set(np.unique(columns.size)) <= {1, 2, 4}
        assert columns.ticks[-1] <= trace.end_ticks


def test_accesses_are_where_their_column_says(trace: Trace, declaration: Any) -> None:
    flash, ram = declaration.flash, declaration.ram
    memory = trace.memory
    in_flash = (memory.address >= flash.start) & (memory.address < flash.end)
    in_ram = (memory.address >= ram.start) & (memory.address < ram.end)
    assert (in_flash | in_ram).all()
    assert in_flash.any()
    assert not (memory.kind[in_flash] & 1).any(), "flash is only read"
    assert set(np.unique(memory.kind)) == {READ, WRITE, STACK_READ, STACK_WRITE}
    assert (trace.registers.address >= 0x40000000).all()
    fits = np.uint64(1) << (8 * memory.size.astype(np.uint64))
    assert (memory.value.astype(np.uint64) < fits).all()


def test_a_read_gives_what_was_last_written(trace: Trace, declaration: Any) -> None:
    """Replays all accesses of RAM on a memory of our own; what stood there before the first write is zero."""
    ram = declaration.ram
    content = bytearray(ram.end - ram.start)
    memory = trace.memory
    rows = np.flatnonzero((memory.address >= ram.start) & (memory.address < ram.end))
    assert rows.size > 100_000, "two marches over the RAM"
    columns = (memory.address[rows], memory.value[rows], memory.size[rows], memory.kind[rows])
    wrong = 0
    for address, value, size, kind in zip(*(column.tolist() for column in columns), strict=True):
        at = address - ram.start
        if kind & 1:
            content[at : at + size] = value.to_bytes(size, "little")
        else:
            wrong += int.from_bytes(content[at : at + size], "little") != value
    assert wrong == 0


def test_flash_reads_give_the_image(trace: Trace, product: Any) -> None:
    flash = product.declaration.flash
    image = product.bench.image.bytes_at(flash.start, flash.end)
    memory = trace.memory
    rows = np.flatnonzero(memory.address < flash.end)
    for row in rows[:: max(rows.size // 2000, 1)].tolist():
        at, size = int(memory.address[row]) - flash.start, int(memory.size[row])
        assert int.from_bytes(image[at : at + size], "little") == memory.value[row]


def test_every_block_is_counted(traced: GoldenRun, trace: Trace, product: Any) -> None:
    assert int(trace.block_entries.sum()) == traced.steps
    entered = trace.block_entries > 0
    assert (trace.block_sizes[entered] > 0).all()
    index = (product.address("main_loop_step") - product.declaration.flash.start) // 2
    assert trace.block_entries[index] == traced.main_loop_entries
    assert trace.memory.step[-1] <= traced.steps
    blocks = (np.unique(trace.memory.block).astype(np.int64) - product.declaration.flash.start) // 2
    assert entered[blocks].all(), "accesses are made by blocks that were entered"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_marks_point_between_the_accesses_before_and_after(product: Any, scenario: str) -> None:
    run = product.golden(scenario, trace=True)
    trace = run.trace
    step = trace.memory.step
    assert trace.mark_step.size > 100
    assert (np.diff(trace.mark_step) > 0).all()
    assert (np.diff(trace.mark_ticks) >= 0).all()
    assert (np.diff(trace.mark_access) >= 0).all()
    inside = trace.mark_access < step.size
    assert (step[trace.mark_access[inside]] >= trace.mark_step[inside]).all(), (
        "what comes after belongs to the function"
    )
    before = trace.mark_access > 0
    assert (step[trace.mark_access[before] - 1] < trace.mark_step[before]).all(), "what came before does not"
    assert trace.mark_ticks[-1] > 20 * 10**9, "marks of later slices of the run are there as well"


def test_marked_are_the_measures_and_the_main_loop(product: Any) -> None:
    trace = product.golden("cold-start", trace=True).trace
    names = {name for measure in product.declaration.measures for name in measure.functions}
    known = {product.address(name): name for name in {*names, "main_loop_step"} if name in product.bench.functions}
    seen = {known[address] for address in np.unique(trace.mark_address).tolist()}
    assert {"main_loop_step", "safety_flash_test_slice", "safety_ram_test_startup", "safety_flow_check"} <= seen


def test_first_accesses_of_a_march_follow_its_mark(product: Any) -> None:
    """The index leads to the function's own accesses: the start-up march begins with a write to the start of RAM."""
    trace = product.golden("cold-start", trace=True).trace
    entry = product.address("safety_ram_test_startup")
    row = int(trace.mark_access[trace.mark_address == entry][0])
    rows = slice(row, row + 12)
    in_ram = trace.memory.address[rows] >= product.declaration.ram.start
    first = int(np.flatnonzero(in_ram)[0]) + row
    assert trace.memory.address[first] == product.declaration.ram.start
    assert trace.memory.kind[first] == WRITE


def test_what_is_expected_at_the_end(product: Any) -> None:
    bench = product.bench
    held = run_golden(bench, "cold-start", trace=False, program_end=product.expectation("cold-start"))
    missed = run_golden(bench, "cold-start", trace=False, program_end=product.expectation("cold-start", "g_state == 7"))
    unasked = run_golden(bench, "cold-start", trace=False)
    assert (held.expected_held, missed.expected_held, unasked.expected_held) == (True, False, None)
    assert held.digest == missed.digest == unasked.digest, "asking does not touch the state"


def test_monitors_tell_state_first_time_and_longest(product: Any) -> None:
    monitors = product.golden("relay-welded").monitors
    held, first, _ = monitors[f"{ORACLE}protection"]
    assert held
    assert first is not None
    assert 2 * 10**12 < first < 3.6 * 10**12, "the relay welds at 2 s, and is seen when the heater goes off"
    assert monitors[SAFE][0]
    assert f"{HAZARD}H1" in monitors
    cold = product.golden("cold-start").monitors
    assert cold[f"{ORACLE}protection"] == (False, None, 0)


def test_an_unknown_scenario_is_named(product: Any) -> None:
    with pytest.raises(EmulationError, match="'boil' is not declared; declared are: cold-start"):
        run_golden(product.bench, "boil")
