"""A small, correct submission that each test may spoil in one place."""

from collections.abc import Callable
from pathlib import Path

import pytest

MANIFEST = """\
format = 1

[product]
name = "Thermostat"
model = "T-1"
manufacturer = "Example Controls"
software_class = "R.1"

[mcu]
part = "STM32F103C8T6"
core = "cortex-m3"
clock_hz = 8000000
lsi_hz = [30000, 40000, 60000]
flash = { start = 0x08000000, size = 65536 }
ram = { start = 0x20000000, size = 20480 }

[build]
compiler = "arm-none-eabi-gcc"
compiler_version = "12.2.1"
switches = ["-O2", "-mcpu=cortex-m3"]
linker = "arm-none-eabi-ld"
linker_version = "2.40"
linker_switches = ["-T", "device.ld"]

[sources]
safety = ["src/safety/*.c"]
application = ["src/**/*.c"]

[modes]
expression = "g_state"
names = { idle = 0, heat = 1 }

[program]
main_loop = "main_loop_step"

[constants]
HEATER = 1

[safe_state]
pins = { PB0 = 0 }

[[image]]
role = "bin"
path = "images/t1.bin"

[[check_value]]
name = "flash"
algorithm = "crc-32"
start = 0x08000000
end = 0x0800FFFC
value = 0x12345678
stored_at = 0x0800FFFC

[[document]]
item = "1"
path = "doc/guide.md"
title = "Guide"

[[document]]
item = ["A4-3.1", "3.2"]
path = "doc/circuit.md"

[[not_applicable]]
row = "6.2"
reason = "no bus"

[[not_applicable]]
item = "A4-6.4"
reason = "type test follows"

[[hazard]]
id = "H1"
title = "Overheating"
clause = "19.11"
function = "Heater cut-off"
software_class = "R.1"
time_to_hazard = "30s"
unsafe = [
  { pin = "PB0", level = 1, modes = ["idle"] },
]
unsafe_when = "temperature > 95"
measures = ["M4.1"]
demanded_by = ["ntc-open"]

[[oracle]]
id = "fail-safe"
function = "safety_fail_safe"

[[oracle]]
id = "reset"
reset = "iwdg"

[[measure]]
id = "M4.1"
row = "4.1"
technique = "CRC"
clause = "H.2.19.4.1"
functions = ["flash_test"]
ranges = [{ start = 0x08000000, end = 0x0800FFFC }]
phase = "periodic"
detection_time = "5s"
reaction_time = "10ms"
oracles = ["fail-safe", "reset"]

[[scenario]]
id = "cold"
title = "Cold start"
kind = "mode"
path = "scenarios/cold.toml"

[[scenario]]
id = "ntc-open"
title = "Sensor open"
kind = "abnormal"
path = "scenarios/ntc-open.toml"

[samples]
boards = 7
emulator = "1 unit"
"""

COLD = """\
duration = "600ms"
step = "1ms"
"""

NTC_OPEN = """\
duration = "3s"
step = "1ms"
expected = "g_state == ST_FAULT"
equations = ["temperature += PB0 ? 0.01 : 0"]

[variables]
temperature = 25.0
ntc_open = 0

[digital]
PB12 = "PB0"

[analog]
"1" = "ntc_open > 0 ? 4095 : 3000"

[[signal]]
pin = "PA0"
frequency = "100"

[[frame]]
port = "USART1"
at = "200ms"
bytes = "A5 01 09 3C"

[[event]]
at = "2200ms"
set = ["ntc_open = 1"]
"""

HEADER = """\
/*
 * 文件名称: {name}
 * Purpose: one thing
 * Change note: first issue
 * Version: 1.0
 * Date: 2026-01-12
 * 编程员: Chen
 * Company: Example Controls
 */
"""


@pytest.fixture
def submission_folder(tmp_path: Path) -> Path:
    """A complete folder without a fault, except that many papers of Annex 4 are not there."""
    root = tmp_path / "t1"
    files = {
        "submission.toml": MANIFEST,
        "scenarios/cold.toml": COLD,
        "scenarios/ntc-open.toml": NTC_OPEN,
        "doc/guide.md": "# Guide\nInstall it.\n",
        "doc/circuit.md": "# Circuit\nR1 10k\n",
        "src/main.c": HEADER.format(name="main.c") + "\n/* Starts. */\nint main(void)\n{\n    return 0;\n}\n",
        "src/safety/flash.c": HEADER.format(name="flash.c") + "\n/* Tests. */\nvoid flash_test(void)\n{\n}\n",
        "src/safety/flash.h": "#pragma once\nvoid flash_test(void);\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (root / "images").mkdir()
    (root / "images" / "t1.bin").write_bytes(b"\x01\x02\x03\x04" * 16)
    return root


Edit = Callable[..., int]


@pytest.fixture
def edit(submission_folder: Path) -> Edit:
    """Replaces a piece of text that must be there, and returns the line of the first change."""

    def change(old: str, new: str, file: str = "submission.toml") -> int:
        path = submission_folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
        return text[: text.index(old)].count("\n") + 1

    return change
