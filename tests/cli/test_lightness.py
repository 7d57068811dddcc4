"""What is asked often answers at once: heavy packages are imported only where something is executed."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

HEAVY = ("numba", "llvmlite", "unicorn", "matplotlib", "clang.cindex")

_PROBE = """
import sys
from swassess.cli.main import run
sys.argv = ["swassess", *sys.argv[1:]]
try:
    run()
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def _modules(*arguments: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-P", "-c", _PROBE, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    return set(result.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("evaluate", "--help"), ("rules",), ("targets",)], ids=" ".join)
def test_heavy_packages_stay_out(arguments: tuple[str, ...]) -> None:
    modules = _modules(*arguments)
    assert "swassess.cli.main" in modules
    assert not modules & set(HEAVY)


def test_version_takes_less_than_half_a_second(swassess: Run) -> None:
    times = []
    for _ in range(3):
        start = time.monotonic()
        assert swassess("--version").returncode == 0
        times.append(time.monotonic() - start)
    assert min(times) < 0.5


@pytest.mark.skipif(sys.platform == "win32", reason="no broken pipes of this kind there")
def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "swassess.cli", "targets"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141
