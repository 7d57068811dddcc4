"""QEMU as the reference: runs a program one instruction at a time and hands over its registers.

QEMU prints the registers before every translated block, and with -singlestep every instruction is a block of its own.
The log goes through a pipe and is read as it comes; QEMU is ended when enough has been seen.
"""

import os
import re
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
_LINES = 5  # four lines of four registers, one with xPSR
_FLOAT_LINES = _LINES + 17  # with -d fpu: a line for two single registers, and FPSCR
_NIBBLE = np.full(256, 0xFF, np.uint8)
for _digit, _character in enumerate(b"0123456789abcdef"):
    _NIBBLE[_character] = _digit
_FIELD = 13  # characters of "R00=00000000 "
_AT = np.array([_FIELD * register + 4 for register in range(16)] + [16 * _FIELD + 5])
_WEIGHTS = np.uint32(16) ** np.arange(7, -1, -1, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Rows:
    """registers: (instructions, WORDS); floats: (instructions, FLOAT_WORDS), or no rows.

    messages: what else QEMU said.
    """

    registers: npt.NDArray[np.uint32]
    floats: npt.NDArray[np.uint32]
    messages: str


def _hexadecimal(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The eight-digit numbers that begin at these places; shape as `starts`."""
    digits = _NIBBLE[text[starts[..., None] + np.arange(8)]]
    if digits.size and int(digits.max()) > 15:
        raise ValueError("QEMU's log does not look as expected; is it another version?")
    return (digits * _WEIGHTS).sum(axis=-1, dtype=np.uint32)


def _records(text: npt.NDArray[np.uint8], lines: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Begin and begin of the last line of each whole record, and where the first incomplete one begins."""
    ends = np.flatnonzero(text == ord("\n"))
    ends = ends[: len(ends) // lines * lines].reshape(-1, lines)
    if not len(ends):
        return ends.reshape(-1), ends.reshape(-1), 0
    starts = np.concatenate([[0], ends[:-1, -1] + 1])
    return starts, ends[:, -2] + 1, int(ends[-1, -1]) + 1


@contextmanager
def _qemu(machine: Machine, code: bytes, arguments: Sequence[str]) -> Iterator[int]:
    """A running QEMU; the file descriptor of its log."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.elf"
        program.write_bytes(write_elf(code))
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


def run(machine: Machine, code: bytes, count: int, *, floats: bool = False, options: Sequence[str] = ()) -> Rows:
    """The first `count` instructions of a program; fewer if QEMU gives up before (lockup)."""
    lines = _FLOAT_LINES if floats else _LINES
    registers, single, messages = [], [], []
    wanted, left = count, b""
    with _qemu(machine, code, ["-d", "nochain,cpu" + (",fpu" if floats else ""), *options]) as log:
        while wanted > 0:
            data = os.read(log, _CHUNK)
            if not data:
                break
            data = left + data
            cut = data.rfind(b"\n") + 1
            left, data = data[cut:], data[:cut]
            messages += _MESSAGE.findall(data)
            if messages:
                data = _MESSAGE.sub(b"", data)
            text = np.frombuffer(data + bytes(16), np.uint8)
            starts, _, used = _records(text, lines)
            left = data[used:] + left
            starts = starts[:wanted]
            wanted -= len(starts)
            registers.append(_hexadecimal(text, starts[:, None] + _AT))
            if floats:
                single.append(_float_fields(text, starts))
    return Rows(
        np.concatenate([np.zeros((0, WORDS), np.uint32), *registers]),
        np.concatenate([np.zeros((0, FLOAT_WORDS), np.uint32), *single]),
        b"".join(messages).decode(errors="replace"),
    )


def _float_fields(text: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    raise NotImplementedError
