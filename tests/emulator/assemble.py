"""Assembles the small programs of these tests: python tests/emulator/assemble.py

Each programs/NAME.s, behind programs/startup.s, becomes programs/NAME.image: text with one line for each symbol
("symbol <address> <name>") and the bytes from the start of flash on, 32 a line. The images are committed, so that only
who changes a program needs arm-none-eabi-gcc.
"""

import subprocess
import tempfile
from pathlib import Path

FLASH = 0x08000000
PROGRAMS = Path(__file__).resolve().parent / "programs"
STARTUP = "startup"
_LINE = 32


def sources() -> list[Path]:
    return sorted(path for path in PROGRAMS.glob("*.s") if path.stem != STARTUP)


def _tool(name: str, *arguments: str) -> str:
    return subprocess.run([f"arm-none-eabi-{name}", *arguments], check=True, capture_output=True, text=True).stdout


def assemble(source: Path) -> str:
    """Text of the image file. Raises CalledProcessError when the assembler refuses the source."""
    with tempfile.TemporaryDirectory() as folder:
        elf, binary = str(Path(folder) / "program.elf"), Path(folder) / "program.bin"
        _tool(
            "gcc", "-mcpu=cortex-m3", "-mthumb", "-nostdlib", f"-I{PROGRAMS}", f"-Wl,-Ttext={FLASH:#x}",
            "-Wl,--build-id=none", "-Wl,-e,start", "-o", elf, str(PROGRAMS / f"{STARTUP}.s"), str(source),
        )  # fmt: skip
        _tool("objcopy", "-O", "binary", elf, str(binary))
        lines = []
        for line in _tool("nm", "-n", "--defined-only", elf).splitlines():
            address, kind, name = line.split()
            if kind in "tT" and not name.startswith(("$", "_")):
                lines.append(f"symbol {int(address, 16):08x} {name}")
        data = binary.read_bytes()
        lines.extend(data[at : at + _LINE].hex() for at in range(0, len(data), _LINE))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for one in sources():
        one.with_suffix(".image").write_text(assemble(one), encoding="ascii")
