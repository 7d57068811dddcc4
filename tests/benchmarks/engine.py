"""How fast the engine is on this machine: python tests/benchmarks/engine.py

Ratios of one run, so that they mean the same on every machine; nothing is asserted. Kernels are compiled (or loaded)
before anything is timed.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import unicorn
from unicorn import arm_const as arm

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "emulator"), str(HERE)]

import probe_rates  # noqa: E402
from emulated import CLOCK_HZ, FLASH, LSI_HZ, RAM, SELECT, make_scenario, read_image  # noqa: E402

from swassess.emulator import native  # noqa: E402  # isort: skip
from numba import njit  # noqa: E402

from swassess.emulator import layout as at  # noqa: E402
from swassess.emulator.mcu import Mcu, Taps  # noqa: E402
from swassess.emulator.scenario_programs import compile_scenario  # noqa: E402
from swassess.expressions.names import Names, register_places  # noqa: E402
from swassess.firmware.image import LoadImage  # noqa: E402
from swassess.model.time import TICKS_PER_SECOND  # noqa: E402
from swassess.target_data import find_target  # noqa: E402

REPEATS, ROUNDS = 5, 400
TRACE_ROWS = 4_000_000


def seconds(work: Callable[[], object]) -> float:
    """The shortest of a few repetitions: what the work takes when nothing else disturbs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def machine(program: str, select: int, taps: Taps = "none", **scenario: object) -> tuple[Mcu, dict[str, int]]:
    data, symbols = read_image(program)
    target = find_target("STM32F103C8T6")
    names = Names(registers=register_places(target))
    programs = compile_scenario(make_scenario(**scenario), names, [], "")  # type: ignore[arg-type]
    mcu = Mcu(target, LoadImage(((FLASH, data),)), programs, clock_hz=CLOCK_HZ, lsi_hz=LSI_HZ, taps=taps)
    mcu.ram[SELECT - RAM : SELECT - RAM + 4] = list(select.to_bytes(4, "little"))
    return mcu, symbols


def raw_engine() -> float:
    """Seconds of the self-test loop on the bare CPU engine, without a single hook."""
    data, symbols = read_image("selftest")
    engine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB)
    engine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M3)
    engine.mem_map(FLASH, 0x10000)
    engine.mem_map(RAM, 0x5000)
    engine.mem_write(FLASH, data)
    engine.mem_write(SELECT, ROUNDS.to_bytes(4, "little"))
    return seconds(lambda: engine.emu_start(symbols["start"] | 1, symbols["done"]))


def trace_into_buffers(mcu: Mcu) -> None:
    columns = (
        (at.C_TR_ADDRESS, np.uint32), (at.C_TR_VALUE, np.uint32), (at.C_TR_SIZE, np.uint8), (at.C_TR_KIND, np.uint8),
        (at.C_TR_BLOCK, np.uint32), (at.C_TR_TICKS, np.int64), (at.C_TR_STEP, np.int64),
    )  # fmt: skip
    for cell, dtype in columns:
        mcu.control[cell] = mcu.array(dtype, TRACE_ROWS).ctypes.data
    mcu.control[at.C_TR_CAPACITY] = TRACE_ROWS
    mcu.control[at.C_TRACE_ON] = 1
    mcu.control[at.C_COVERAGE_ON] = 1


def golden_run(taps: Taps) -> tuple[float, int]:
    """Seconds and instructions of the self-test loop on the emulated MCU."""
    mcu, symbols = machine("selftest", ROUNDS, taps)
    if taps == "trace":
        trace_into_buffers(mcu)
    mcu.set_watch(symbols["done"], at.WATCH_STOP)
    start = mcu.snapshot()

    def once() -> None:
        mcu.restore(start)
        mcu.control[at.C_TR_COUNT] = 0
        if mcu.run(100 * TICKS_PER_SECOND) != at.DONE_WATCH:
            raise SystemExit("the self-test loop did not end")

    taken = seconds(once)
    return taken, int(mcu.state[at.INSTRUCTIONS])


def loops() -> None:
    raw = raw_engine()
    without, instructions = golden_run("none")
    traced, _ = golden_run("trace")
    print(f"self-test loop (CRC-32 bit by bit, March C-): {instructions:,} instructions")
    for name, taken in (("bare engine, no hook", raw), ("golden run, no taps", without), ("golden run, taps", traced)):
        print(f"  {name:<22}{taken:8.3f} s  {instructions / taken / 1e6:6.1f} million instructions/s")
    print(f"  RATIO golden run without taps / bare engine: {raw / without:.2f}")
    print(f"  RATIO golden run with taps / bare engine: {raw / traced:.2f} (wanted: 0.5)")


def snapshots() -> None:
    mcu, _ = machine("selftest", 0)
    snapshot = mcu.snapshot()
    many = 2000

    def restore() -> None:
        for _ in range(many):
            mcu.restore(snapshot)

    one = seconds(restore) / many * 1e6
    print(f"restore of core, {mcu.ram_size >> 10} KiB RAM and peripherals ({mcu.arena.nbytes >> 10} KiB): {one:.1f} µs")
    context = mcu.new_context()

    def native() -> None:
        restore_many(mcu.control, mcu.arena, snapshot.arena, context, many)

    native()
    print(f"  the same from compiled code, as campaigns do: {seconds(native) / many * 1e6:.1f} µs (wanted: 10)")


@njit
def restore_many(C, arena, kept, context, many):  # type: ignore[no-untyped-def]
    for _ in range(many):
        native.copy_bytes(arena.ctypes.data, kept.ctypes.data, arena.size)
        native.uc_context_restore(C[at.C_ENGINE], context)


def polls() -> None:
    counts = []
    for skip in (1, 0):
        mcu, _ = machine("polls", 0, digital={"PA0": "t > 0.0095"})
        mcu.control[at.C_SKIP_POLLS] = skip
        mcu.run(round(0.009 * TICKS_PER_SECOND))
        counts.append(int(mcu.control[at.C_REGISTER_READS]))
    events = 9 * 2  # SysTick and plant, each millisecond
    print(f"poll of a pin for 9 ms: {counts[0]} reads reach the bus instead of {counts[1]}")
    print(f"  RATIO reads skipping / executing: {counts[0] / counts[1]:.3f}")
    print(f"  reads an event: {counts[0] / events:.0f} (wanted: 100 at most)")


def probe() -> None:
    print("through pyOCD on the emulated probe, a second:")
    for name, rate, wanted in (
        ("read32, access port registers", probe_rates.read32(), probe_rates.DEMANDED["read32"]),
        ("read32, accelerated", probe_rates.read32(accelerated=True), probe_rates.DEMANDED["read32"]),
        ("injections with restored state", probe_rates.injections(), probe_rates.DEMANDED["injections"]),
    ):
        print(f"  {name:<32}{rate:10,.0f} (wanted: {wanted:,.0f})  RATIO {rate / wanted:.2f}")


if __name__ == "__main__":
    loops()
    snapshots()
    polls()
    probe()
