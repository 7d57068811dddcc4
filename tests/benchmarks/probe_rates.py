"""Rates of pyOCD on the emulated probe: python tests/benchmarks/probe_rates.py

Each function returns operations per second of wall-clock time, the best of three rounds; demanded: read32 15,000 a
second, injections with restored state 300 a second.
"""

import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "target"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "emulator"))

from debuggee import Bench, make_bench

from swassess.model.fault import Fault, Location
from swassess.target.pyocd_target import PyocdTarget

DEMANDED = {"read32": 15_000.0, "injections": 300.0}
CLOCK_HZ = 8_000_000


def _rate(operation: Callable[[int], Any], count: int) -> float:
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for index in range(count):
            operation(index)
        best = max(best, count / (time.perf_counter() - start))
    return best


@cache
def _bench(accelerated: bool) -> Bench:
    bench = make_bench(accelerated=accelerated)
    bench.reset()
    return bench


def read32(accelerated: bool = False) -> float:
    """Words of RAM read, by access port registers or by accelerated memory access."""
    core = _bench(accelerated).core
    return _rate(lambda index: core.read32(0x20000000 + 4 * (index & 1023)), 4000)


def core_register(accelerated: bool = False) -> float:
    core = _bench(accelerated).core
    return _rate(lambda index: core.read_core_register_raw("r0"), 1000)


def steps(accelerated: bool = False) -> float:
    bench = _bench(accelerated)
    bench.reset()
    return _rate(lambda index: bench.core.step(), 500)


def injections(accelerated: bool = True) -> float:
    """Restore RAM (20 KiB) and registers over the debug port, flip a bit, run on to the next breakpoint."""
    bench = _bench(accelerated)
    bench.reset()
    ram = (0x20000000, 0x20005000)
    target = PyocdTarget(bench.session, bench.symbols, CLOCK_HZ, ram)
    target.run_to_any((bench.at("loop"),), 10**12)
    kept = target.snapshot()

    def inject(index: int) -> None:
        target.restore(kept)
        target.apply(Fault("flip", Location("ram", address=0x20000400 + (index & 255), bit=index & 7)))
        stop = target.run_to_any((bench.at("stored"),), 10**12)
        assert stop.reason == "address"

    return _rate(inject, 150)


def rates() -> dict[str, float]:
    """Everything, by name."""
    return {
        "read32": read32(),
        "read32, accelerated": read32(True),
        "core register": core_register(),
        "core register, accelerated": core_register(True),
        "steps": steps(),
        "steps, accelerated": steps(True),
        "injections by registers": injections(False),
        "injections": injections(),
    }


if __name__ == "__main__":
    for name, rate in rates().items():
        demanded = f"  (at least {DEMANDED[name]:,.0f})" if name in DEMANDED else ""
        print(f"{name:30} {rate:10,.0f} /s{demanded}")
