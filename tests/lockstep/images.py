"""Assembles the programs of the comparison: python tests/lockstep/images.py

programs/NAME.s becomes programs/NAME-CORE.image for each core that its first line names ("@ cores: m0 m3 m4"), with
MAINLINE, DSP and FPU defined where the core has them. The format is that of tests/emulator/assemble.py: symbols, then
bytes from address 0 on. The images are committed, so that only who changes a program needs arm-none-eabi-gcc.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "programs"
_LINE = 32
_OPTIONS = {
    "m0": ["-mcpu=cortex-m0"],
    "m3": ["-mcpu=cortex-m3", "-Wa,--defsym,MAINLINE=1"],
    "m4": [
        "-mcpu=cortex-m4", "-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16",
        "-Wa,--defsym,MAINLINE=1", "-Wa,--defsym,DSP=1", "-Wa,--defsym,FPU=1",
    ],
}  # fmt: skip


def cores(source: Path) -> list[str]:
    first = source.read_text(encoding="utf-8").splitlines()[0]
    if not first.startswith("@ cores: "):
        return []
    return first.removeprefix("@ cores: ").split()


def assemble(source: Path, core: str) -> str:
    """Text of the image file. Raises CalledProcessError when the assembler refuses the source."""
    with tempfile.TemporaryDirectory() as folder:
        elf, binary = str(Path(folder) / "program.elf"), Path(folder) / "program.bin"
        subprocess.run(
            [
                "arm-none-eabi-gcc", *_OPTIONS[core], "-mthumb", "-nostdlib", f"-Wa,-I{PROGRAMS}", "-Wl,-Ttext=0",
                "-Wl,--build-id=none", "-Wl,-e,0", "-o", elf, str(source),
            ],
            check=True,
        )  # fmt: skip
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, str(binary)], check=True)
        symbols = subprocess.run(
            ["arm-none-eabi-nm", "-n", "--defined-only", elf], check=True, capture_output=True, text=True
        ).stdout
        lines = []
        for line in symbols.splitlines():
            address, kind, name = line.split()
            if kind in "tT" and not name.startswith(("$", "_")):
                lines.append(f"symbol {int(address, 16):08x} {name}")
        data = binary.read_bytes()
        lines.extend(data[at : at + _LINE].hex() for at in range(0, len(data), _LINE))
    return "\n".join(lines) + "\n"


def read_image(name: str, folder: Path = PROGRAMS) -> tuple[bytes, dict[str, int]]:
    """Bytes from the start of flash on, and symbols."""
    data, symbols = bytearray(), {}
    for line in (folder / f"{name}.image").read_text(encoding="ascii").splitlines():
        if line.startswith("symbol "):
            _, address, symbol = line.split()
            symbols[symbol] = int(address, 16)
        else:
            data += bytes.fromhex(line)
    return bytes(data), symbols


if __name__ == "__main__":
    for one in sorted(PROGRAMS.glob("*.s")):
        if sys.argv[1:] and one.stem not in sys.argv[1:]:
            continue
        for core in cores(one):
            (PROGRAMS / f"{one.stem}-{core}.image").write_text(assemble(one, core), encoding="ascii")
