"""QEMU as the reference: runs a program one instruction at a time and hands over its registers.

QEMU prints the registers before every translated block, and with -singlestep every instruction is a block of its own.
The log goes through a pipe and is read as it comes; QEMU is ended when enough has been seen.
"""

import os
import re
import select
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from elf import write_elf
from machines import Machine

from swassess.emulator.instruction_log import FLOAT_WORDS, WORDS

QEMU = "qemu-system-arm"
_CHUNK = 1 << 20
_PATIENCE = 20.0  # seconds without a line: the core sleeps for good
_LINES = 5  # four lines of four registers, one with xPSR
_FLOAT_LINES = _LINES + 17  # with -d fpu: a line for two single registers, and FPSCR
_NIBBLE = np.full(256, 0xFF, np.uint8)
for _digit, _character in enumerate(b"0123456789abcdef"):
    _NIBBLE[_character] = _digit
_FIELD = 13  # characters of "R00=00000000 "
_AT = np.array([_FIELD * register + 4 for register in range(16)] + [16 * _FIELD + 5])
_FLOAT_LINE = 47  # characters of "s00=00000000 s01=00000000 d00=0000000000000000" and the line's end
_FLOATS_AT = np.array(
    [_FLOAT_LINE * (number // 2) + 4 + _FIELD * (number % 2) for number in range(32)] + [16 * _FLOAT_LINE + 7]
)
_WEIGHTS = np.uint32(16) ** np.arange(7, -1, -1, dtype=np.uint32)


Rows = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Run:
    """rows: (instructions, WORDS), or (instructions, WORDS + FLOAT_WORDS) with the FPU's registers behind.

    messages: what else QEMU said.
    """

    rows: Rows
    messages: str


def _hexadecimal(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The eight-digit numbers that begin at these places; shape as `starts`."""
    digits = _NIBBLE[text[starts[..., None] + np.arange(8)]]
    if digits.size and int(digits.max()) > 15:
        raise ValueError("QEMU's log does not look as expected; is it another version?")
    return (digits * _WEIGHTS).sum(axis=-1, dtype=np.uint32)


def _records(text: npt.NDArray[np.uint8], lines: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Begin of each whole record, begin of its sixth line, and where the first incomplete record begins."""
    ends = np.flatnonzero(text == ord("\n"))
    ends = ends[: len(ends) // lines * lines].reshape(-1, lines)
    if not len(ends):
        return ends.reshape(-1), ends.reshape(-1), 0
    starts = np.concatenate([[0], ends[:-1, -1] + 1])
    return starts, ends[:, _LINES - 1] + 1, int(ends[-1, -1]) + 1


@contextmanager
def _qemu(machine: Machine, code: bytes, arguments: Sequence[str]) -> Iterator[int]:
    """A running QEMU; the file descriptor of its log."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.elf"
        program.write_bytes(write_elf(code, machine.flash))
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                [
                    QEMU, "-M", machine.qemu, "-display", "none", "-serial", "none", "-monitor", "none",
                    "-kernel", str(program), "-singlestep", *arguments,
                ],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=writing,
            )  # fmt: skip
        finally:
            os.close(writing)
        try:
            yield reading
        finally:
            process.kill()
            process.wait()
            os.close(reading)


_MESSAGE = re.compile(rb"^(?!R\d\d=|XPSR=|s\d\d=|FPSCR)[^\n]*\n", re.MULTILINE)


def run(machine: Machine, code: bytes, count: int, *, floats: bool = False, options: Sequence[str] = ()) -> Run:
    """The first `count` instructions of a program; fewer if QEMU gives up before (lockup) or sleeps for good."""
    lines = _FLOAT_LINES if floats else _LINES
    rows, messages = [np.zeros((0, WORDS + (FLOAT_WORDS if floats else 0)), np.uint32)], []
    wanted, left = count, b""
    with _qemu(machine, code, ["-d", "nochain,cpu" + (",fpu" if floats else ""), *options]) as log:
        while wanted > 0:
            if not select.select([log], [], [], _PATIENCE)[0]:
                break
            data = os.read(log, _CHUNK)
            if not data:
                break
            data = left + data
            cut = data.rfind(b"\n") + 1
            left, data = data[cut:], data[:cut]
            said = _MESSAGE.findall(data)
            if said:
                messages += said
                data = _MESSAGE.sub(b"", data)
            text = np.frombuffer(data + bytes(16), np.uint8)
            starts, sixth, used = _records(text, lines)
            left = data[used:] + left
            made = _hexadecimal(text, starts[:wanted, None] + _AT)
            if floats:
                made = np.hstack([made, _hexadecimal(text, sixth[:wanted, None] + _FLOATS_AT)])
            rows.append(made)
            wanted -= len(made)
    return Run(np.concatenate(rows), b"".join(messages).decode(errors="replace"))
