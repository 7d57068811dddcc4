"""Assembles the debugged program: python tests/target/assemble.py

programs/debuggee.s, behind the vector table of tests/emulator/programs, becomes two images in the format of
tests/emulator/assemble.py: debuggee.image for flash at 0x08000000, debuggee_at_0.image for the machines of QEMU.
"""

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent / "emulator" / "programs"
IMAGES = {"debuggee.image": 0x08000000, "debuggee_at_0.image": 0}
_LINE = 32


def _tool(name: str, *arguments: str) -> str:
    return subprocess.run([f"arm-none-eabi-{name}", *arguments], check=True, capture_output=True, text=True).stdout


def assemble(base: int) -> str:
    """Text of an image. Raises CalledProcessError when the assembler refuses the source."""
    with tempfile.TemporaryDirectory() as folder:
        elf, binary = str(Path(folder) / "program.elf"), Path(folder) / "program.bin"
        sources = (str(SHARED / "startup.s"), str(HERE / "programs" / "debuggee.s"))
        _tool(
            "gcc", "-mcpu=cortex-m3", "-mthumb", "-nostdlib", f"-I{SHARED}", f"-Wl,-Ttext={base:#x}",
            "-Wl,--build-id=none", "-Wl,-e,start", "-o", elf, *sources,
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
    for name, base in IMAGES.items():
        (HERE / "programs" / name).write_text(assemble(base), encoding="ascii")
