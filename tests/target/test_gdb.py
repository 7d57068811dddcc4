"""`swassess gdbserver` and gdb in batch mode on loopback."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WASHER = ROOT / "fixtures" / "washer"
ELF = WASHER / "firmware" / "images" / "washer.elf"
GDB = "gdb-multiarch"
PATIENCE = 180
COMMAND = [sys.executable, "-c", "from swassess.cli.main import run; run()", "gdbserver"]

pytestmark = pytest.mark.skipif(shutil.which(GDB) is None, reason=f"{GDB} is not installed")


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that stays when gdb detaches, on a port of its own choice."""
    told = tmp_path_factory.mktemp("gdb") / "told.txt"
    with told.open("w") as out:
        server = subprocess.Popen(
            [*COMMAND, str(WASHER), "--scenario", "wash", "--port", "0", "--persist"],
            env=environment(), stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            end = time.monotonic() + PATIENCE
            while not (found := re.search(r"localhost:(\d+)", told.read_text())):
                assert server.poll() is None and time.monotonic() < end, told.read_text()
                time.sleep(0.2)
            assert "scenario wash" in told.read_text()
            yield int(found[1])
        finally:
            server.terminate()
            server.wait()


def gdb(port: int, *commands: str) -> str:
    script = [
        "set pagination off", "set confirm off", f"target extended-remote localhost:{port}", "monitor reset halt",
        *commands, "detach",
    ]  # fmt: skip
    arguments = [argument for command in script for argument in ("-ex", command)]
    done = subprocess.run(
        [GDB, "-q", "-nx", "-batch", *arguments, str(ELF)], capture_output=True, text=True, timeout=PATIENCE
    )
    return done.stdout + done.stderr


def test_break_backtrace_finish(port: int) -> None:
    said = gdb(port, "break display_step", "continue", "backtrace", "finish", "info symbol $pc")
    assert re.search(r"#0  display_step \(\)", said), said
    assert re.search(r"#1 .* in main_loop_step \(\)", said), said
    assert re.search(r"#2 .* in main ", said), said
    assert re.search(r"main_loop_step \+ \d+ in section", said), said


def test_step_and_next(port: int) -> None:
    said = gdb(port, "tbreak main_loop_step", "continue", "next", "info symbol $pc", "tbreak motor_step", "continue",
               "stepi", "step", "info symbol $pc")  # fmt: skip
    symbols = re.findall(r"^(\w+)(?: \+ \d+)? in section", said, re.MULTILINE)
    assert len(symbols) == 2, said
    assert symbols[0] == "main_loop_step"  # next went over the calls
    assert symbols[1] != "main_loop_step", said


def test_watch_shows_old_and_new_value(port: int) -> None:
    said = gdb(port, "tbreak main", "continue", "watch g_milliseconds", "continue", "continue", "info symbol $pc")
    values = re.findall(r"Old value = (\d+)\s+New value = (\d+)", said)
    assert len(values) == 2, said
    assert all(int(new) == int(old) + 1 for old, new in values)
    assert "SysTick_Handler" in said


def test_load_programmes_the_flash(port: int) -> None:
    said = gdb(port, "load", "compare-sections", "monitor reset halt", "tbreak main", "continue",
               "print $pc")  # fmt: skip
    assert "Loading section .text" in said
    assert re.search(r"Section \.text.*: matched", said), said
    assert "MIS-MATCHED" not in said.replace(".data, range", "")
    assert re.search(r"\$1 = .*<main", said), said


def test_detached_firmware_is_found_again(port: int) -> None:
    gdb(port, "tbreak main", "continue")
    assert "display_step" in gdb(port, "tbreak display_step", "continue", "info symbol $pc")


def test_bad_input_is_one_sentence() -> None:
    done = subprocess.run(
        [*COMMAND, str(WASHER), "--port", "70000"],
        env=environment(), capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert "70000 is no port" in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_port_in_use_is_refused(port: int) -> None:
    done = subprocess.run(
        [*COMMAND, str(WASHER), "--port", str(port)],
        env=environment(), capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"port {port} cannot be served" in done.stderr and "Traceback" not in done.stderr
