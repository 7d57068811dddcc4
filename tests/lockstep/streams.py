"""Generated instruction streams: every encoding, in random order and with random operands, from a seed.

Loads and stores get a base register that points into the scratch memory, some unaligned, some where there is no memory;
branches go forward over instructions. What a core does not have is part of its stream: it must fault in the same way.
Left out: on Armv7-M multiple accesses to unaligned addresses, found here only where the address can be followed through
the block; ISB within IT blocks; unaligned accesses where there is no memory, of which QEMU reports another address.
"""

import random
import struct
from collections.abc import Callable, Sequence

from images import read_image
from instructions import BARRIERS, DSP, FLOAT, FPU, NARROW, SIGNAL, UNDEFINED, V7, WIDE
from machines import FLASH_SIZE, Machine

STREAM, TABLE, TABLE_SIZE = 0x4000, 0x2000, 0x1000 + 256
SCRATCH, SCRATCH_SIZE, STACK = 0x20001000, 0x2000, 0x20003800
NOWHERE = 0x60000000
_SPECIAL = (0, 1, 2, 0x7F, 0x80, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE,
            0x3F800000, 0xBF800000, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7FA00000, 0x00400000, 0x4B000000)  # fmt: skip
_REFRESH_EVERY = 14
_LOW = tuple(range(8))
_PLAIN = (*range(13), 14)


def random_table(rng: random.Random) -> bytes:
    """Contents for registers: random words, small ones, and the corners of arithmetic."""
    kinds = (
        lambda: rng.getrandbits(32), lambda: rng.choice(_SPECIAL), lambda: rng.getrandbits(rng.randrange(1, 32)),
        lambda: (rng.getrandbits(9) - 256) & 0xFFFFFFFF,
        lambda: struct.unpack("<I", struct.pack("<f", rng.gauss(0, 1e3)))[0],
    )  # fmt: skip
    return b"".join(struct.pack("<I", rng.choice(kinds)()) for _ in range(TABLE_SIZE // 4))


class Stream:
    """One program. `drawn` counts how often each kind of instruction was put into it."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine, self.rng = machine, random.Random(f"{machine.name} {seed}")
        self.drawn: dict[str, int] = {}
        self._code: list[int] = []
        self._turn = 30 * seed
        self._runtime, self.symbols = read_image(f"stream-{machine.name}")
        self._data = [*NARROW, BARRIERS, *WIDE, *SIGNAL, *(FLOAT if machine.fpu else ())]
        self._have = {V7: machine.mainline, DSP: machine.dsp, FPU: machine.fpu}
        self._plain = [one for one in self._data if self._have.get(one.needs, True)]
        self._missing = [*UNDEFINED, *(one for one in (*self._data, *FLOAT) if not self._have.get(one.needs, True))]

    def kinds(self) -> list[str]:
        """Names of what a few streams together must have drawn."""
        undefined = [one.name if one.needs == "v6" else f"undefined: {one.name}" for one in self._missing]
        return [one.name for one in self._plain] + undefined

    # ---- pieces ------------------------------------------------------------------------------------------------
    @property
    def _here(self) -> int:
        return STREAM + 2 * len(self._code)

    def _emit(self, *half_words: int) -> None:
        self._code.extend(half_words)

    def _wide(self, word: int) -> None:
        self._emit(word >> 16, word & 0xFFFF)

    def _count(self, name: str) -> None:
        self.drawn[name] = self.drawn.get(name, 0) + 1

    def _load_constant(self, register: int, value: int) -> None:
        if self.machine.mainline:
            for op, half in ((0xF240, value & 0xFFFF), (0xF2C0, value >> 16)):
                self._emit(
                    op | half >> 12 | (half >> 11 & 1) << 10, (half >> 8 & 7) << 12 | register << 8 | half & 0xFF
                )
        else:
            if self._here & 2:
                self._emit(0xBF00)
            self._emit(0x4800 | register << 8, 0xE001, value & 0xFFFF, value >> 16)  # LDR literal, B over it

    def call(self, target: int) -> None:
        offset = target - (self._here + 4)
        sign = offset >> 24 & 1
        j1, j2 = (offset >> 23 & 1 ^ sign ^ 1), (offset >> 22 & 1 ^ sign ^ 1)
        self._emit(0xF000 | sign << 10 | offset >> 12 & 0x3FF, 0xD000 | j1 << 13 | j2 << 11 | offset >> 1 & 0x7FF)

    def _address(self, span: int, *, unaligned: bool = True, nowhere: bool = True) -> int:
        """Somewhere in the scratch memory, at least `span` bytes from its ends; sometimes unaligned, or nowhere."""
        rng = self.rng
        address = SCRATCH + span + rng.randrange(SCRATCH_SIZE - 2 * span) & ~3
        draw = rng.random()
        if unaligned and draw < 0.12:
            address += rng.randrange(4)
        elif nowhere and 0.12 <= draw < 0.14:
            address = NOWHERE + span + rng.randrange(0x1000) & ~3
        return address

    def _restore_stack(self) -> None:
        self._load_constant(0, STACK)
        self._emit(0x4685)  # MOV SP, r0

    # ---- kinds -------------------------------------------------------------------------------------------------
    def _any_data(self) -> None:
        one = self.rng.choice(self._plain)
        self._count(one.name)
        self._emit(*one.draw(self.rng))

    def _any_missing(self) -> None:
        self._turn += 1  # in turn, so that a few streams hold them all
        one = self._missing[self._turn % len(self._missing)]
        self._count(f"undefined: {one.name}" if one.needs != "v6" else one.name)
        self._emit(*one.draw(self.rng))

    def _narrow_memory(self) -> None:
        rng = self.rng
        kind = rng.choice(("reg", "imm", "half", "literal", "stack", "multiple", "push", "pop", "adjust"))
        n, m, t = rng.sample(_LOW, 3)
        if kind == "reg":
            self._load_constant(n, self._address(0x100, nowhere=False))
            self._emit(0x2000 | m << 8 | (rng.getrandbits(8) & (0xFF if rng.random() < 0.1 else 0xFC)))
            self._emit(0x5000 | rng.getrandbits(3) << 9 | m << 6 | n << 3 | rng.choice((t, n, m)))
        elif kind == "imm":
            self._load_constant(n, self._address(0x100))
            self._emit(0x6000 | rng.getrandbits(2) << 11 | rng.getrandbits(5) << 6 | n << 3 | rng.choice((t, n)))
        elif kind == "half":
            self._load_constant(n, self._address(0x100))
            self._emit(0x8000 | rng.getrandbits(1) << 11 | rng.getrandbits(5) << 6 | n << 3 | rng.choice((t, n)))
        elif kind == "literal":
            self._emit(0x4800 | t << 8 | rng.getrandbits(8))
        elif kind == "stack":
            self._emit(0x9000 | rng.getrandbits(1) << 11 | t << 8 | rng.getrandbits(8))
        elif kind == "multiple":
            self._load_constant(n, self._address(0x100, unaligned=not self.machine.mainline))
            store = rng.getrandbits(1)
            registers = rng.randrange(1, 256)
            if store and registers >> n & 1:
                registers &= -1 << n  # a base that is not the lowest register stored leaves the value open
            self._emit(0xC800 - 0x800 * store | n << 8 | registers)
        elif kind == "push":
            self._emit(0xB400 | rng.getrandbits(1) << 8 | rng.randrange(1, 256))
            self._restore_stack()
        elif kind == "pop":
            self._emit(0xBC00 | rng.randrange(1, 256))
            self._restore_stack()
        else:
            self._emit(0xB000 | rng.getrandbits(8))  # ADD, SUB SP
            self._emit(0x466B | t)
            self._restore_stack()
        self._count(f"narrow memory {kind}")

    def _wide_memory(self) -> None:
        rng = self.rng
        kind = rng.choice(
            ("imm12", "imm8", "reg", "unprivileged", "literal", "dual", "dual literal", "multiple", "exclusive",
             "preload", "stack imm12")
        )  # fmt: skip
        n, m, t, u = rng.sample(_PLAIN, 4)
        op = rng.choice((0xF800, 0xF810, 0xF820, 0xF830, 0xF840, 0xF850, 0xF910, 0xF930))
        byte = op & 0xF860 == 0xF800
        self._count(f"wide memory {kind}")
        if kind == "imm12":
            self._load_constant(n, self._address(0x1000 - 4, nowhere=byte))
            self._emit(op | 0x80 | n, t << 12 | rng.getrandbits(12))
        elif kind == "stack imm12":
            self._emit(op | 0x80 | 13, t << 12 | rng.getrandbits(11))
        elif kind == "imm8":
            self._load_constant(n, self._address(0x200, nowhere=byte))
            self._emit(
                op | n, t << 12 | 0x800 | rng.choice((0x400, 0x600, 0x500, 0x700, 0x100, 0x300)) | rng.getrandbits(8)
            )
        elif kind == "reg":
            self._load_constant(n, self._address(0x800, nowhere=byte))
            self._emit(0xF240, (m << 8) | rng.getrandbits(7))  # MOVW
            self._emit(op | n, rng.choice((t, n, m)) << 12 | rng.getrandbits(2) << 4 | m)
        elif kind == "unprivileged":
            self._load_constant(n, self._address(0x200, nowhere=byte))
            self._emit(op | n, t << 12 | 0xE00 | rng.getrandbits(8))
        elif kind == "literal":
            self._emit((op | 0x10) & ~0x80 | rng.getrandbits(1) << 7 | 15, t << 12 | rng.getrandbits(9))
        elif kind in ("dual", "dual literal"):
            load = rng.getrandbits(1)
            if kind == "dual":
                self._load_constant(n, self._address(0x500, unaligned=False))
                mode = rng.choice((0x140, 0x1C0, 0x160, 0x1E0, 0x060, 0x0E0))
            else:
                n, load, mode = 15, 1, rng.choice((0x140, 0x1C0))
            self._emit(0xE800 | mode | load << 4 | n, t << 12 | u << 8 | rng.getrandbits(8))
        elif kind == "multiple":
            self._load_constant(n, self._address(0x200, unaligned=False))
            load, back = rng.getrandbits(1), rng.getrandbits(1)
            registers = rng.getrandbits(13) | rng.getrandbits(1) << 14
            registers = registers | 3 if registers.bit_count() < 2 else registers
            if back:
                registers &= ~(1 << n)
                registers = registers | 0x30 & ~(1 << n) | 0x1 if registers.bit_count() < 2 else registers
                registers &= ~(1 << n)
                back = registers.bit_count() >= 2
            if registers.bit_count() < 2:
                registers = 0x6
            self._emit(rng.choice((0xE880, 0xE900)) | back << 5 | load << 4 | n, registers)
        elif kind == "exclusive":
            self._exclusive(n, m, t, u)
        else:
            self._load_constant(n, self._address(0x1000 - 4))
            self._emit(rng.choice((0xF890, 0xF990)) | n, 0xF000 | rng.getrandbits(12))  # PLD, PLI

    def _exclusive(self, n: int, m: int, t: int, u: int) -> None:
        """LDREX and STREX of a size; sometimes CLREX or another store between them."""
        rng = self.rng
        self._load_constant(n, SCRATCH + 4 * rng.randrange(0x200))
        offset = rng.getrandbits(6)
        size = rng.choice((0, 4, 5))  # word, byte, half-word
        load = (0xE850 | n, t << 12 | 0xF00 | offset) if size == 0 else (0xE8D0 | n, t << 12 | 0xF0F | size << 4)
        store = (0xE840 | n, t << 12 | u << 8 | offset) if size == 0 else (0xE8C0 | n, t << 12 | 0xF00 | size << 4 | u)
        self._emit(*load)
        self._emit(0xF100 | t, t << 8 | 1)  # ADD t, t, #1
        if rng.random() < 0.2:
            self._emit(0xF3BF, 0x8F2F)
        self._emit(*store)

    def _it_block(self) -> None:
        rng = self.rng
        condition = rng.randrange(15)
        length = rng.randrange(1, 5)
        mask = 8 >> length - 1
        bits = [condition & 1 if condition == 14 else rng.getrandbits(1) for _ in range(length - 1)]
        for place, bit in enumerate(bits):
            mask |= bit << 3 - place
        n, t = rng.sample(_LOW, 2)
        memory = rng.random() < 0.5
        if memory:
            self._load_constant(n, self._address(0x100, nowhere=False))
        self._emit(0xBF00 | condition << 4 | mask)
        inside = [one for one in self._plain if one.it]
        for place in range(length):
            draw = rng.random()
            if memory and place == 0:
                self._emit(0x6000 | rng.getrandbits(2) << 11 | rng.getrandbits(5) << 6 | n << 3 | t)
            elif draw < 0.04:
                self._emit(0xDE00 | rng.getrandbits(8))
            elif draw < 0.06:
                self._emit(0xDF00 | rng.getrandbits(8))
            elif draw < 0.12 and place == length - 1:
                skipped = rng.randrange(3)
                self._emit(0xE000 | skipped)  # B over what follows
                self._fill(skipped + 1)
            else:
                self._emit(*rng.choice(inside).draw(rng))
        self._count(f"IT {condition}")

    def _fill(self, half_words: int) -> None:
        for _ in range(half_words):
            self._emit(*self.rng.choice(NARROW[:5]).draw(self.rng))

    def _branch(self) -> None:
        rng = self.rng
        kinds = ["B cond", "B", "BL", "BLX", "BX", "POP PC"]
        if self.machine.mainline:
            kinds += ["B.W cond", "B.W", "CBZ", "TBB", "TBH", "LDR PC", "LDM PC"]
        kind = rng.choice(kinds)
        self._count(kind)
        register, other = rng.sample(_LOW, 2)
        skip = rng.randrange(1, 4)
        if kind == "B cond":
            self._emit(0xD000 | rng.randrange(14) << 8 | skip - 1)
            self._fill(skip)
        elif kind == "B":
            self._emit(0xE000 | skip - 1)
            self._fill(skip)
        elif kind == "B.W cond":
            self._emit(0xF000 | rng.randrange(14) << 6, 0x8000 | skip)
            self._fill(skip)
        elif kind == "B.W":
            self._emit(0xF000, 0xB800 | skip)
            self._fill(skip)
        elif kind == "CBZ":
            self._emit(0xB100 | rng.getrandbits(1) << 11 | (skip - 1) << 3 | register)
            self._fill(skip)
        elif kind == "BL":
            self.call(self.symbols["leaf"])
        elif kind == "BLX":
            self._load_constant(register, self.symbols["leaf"] | 1)
            self._emit(0x4780 | register << 3)
        elif kind in ("BX", "POP PC", "LDR PC", "LDM PC"):
            self._jump(kind, register, other, skip)
        else:
            wide = kind == "TBH"
            self._emit(0x2000 | register << 8 | rng.randrange(2))
            self._emit(0xE8DF, 0xF000 | wide << 4 | register)
            first, second = (2, 3) if wide else (1, 2)
            self._emit(*([first, second] if wide else [second << 8 | first]))
            self._fill(2)

    def _jump(self, kind: str, register: int, other: int, skip: int) -> None:
        """To an address in a register or on the stack: the constant's place is known, its length is fixed."""
        if kind == "LDM PC":  # PUSH puts the higher register where PC comes from
            other, register = sorted((register, other))
        bodies: dict[str, Sequence[int]] = {
            "BX": (0x4700 | register << 3,),
            "POP PC": (0xB400 | 1 << register, 0xBD00),  # POP {PC} of a word pushed before
            "LDR PC": (0xB400 | 1 << register, 0xF85D, 0xFB04),  # LDR PC, [SP], #4
            "LDM PC": (0xB400 | 1 << other | 1 << register, 0xE8BD, 0x8000 | 1 << other),
        }
        body = bodies[kind]
        start = self._here
        mark = len(self._code)
        self._load_constant(register, 0)
        constant = self._here - start
        target = start + constant + 2 * len(body) + 2 * skip
        del self._code[mark:]
        self._load_constant(register, target | 1)
        self._emit(*body)
        self._fill(skip)

    def _special(self) -> None:
        rng = self.rng
        kind = rng.choice(("MRS", "MSR APSR", "MSR PSP", "CPS", "SVC", "SEV WFE", "masks"))
        t = rng.choice(_PLAIN)
        numbers = [0, 1, 2, 3, 5, 6, 7, 8, 9, 16, 20] + ([17, 18, 19] if self.machine.mainline else [])
        if kind == "MRS":
            self._emit(0xF3EF, 0x8000 | t << 8 | rng.choice(numbers))
        elif kind == "MSR APSR":
            mask = rng.choice((0x800, 0x400, 0xC00)) if self.machine.dsp else 0x800
            self._emit(0xF380 | t, 0x8000 | mask | rng.randrange(4))
        elif kind == "MSR PSP":
            self._emit(0xF380 | self._cleared_low_bits(t), 0x8809)
        elif kind == "CPS":
            self._masked()
        elif kind == "SVC":
            self._emit(0xDF00 | rng.getrandbits(8))
        elif kind == "SEV WFE":
            self._emit(0xBF40, 0xBF20)
        elif self.machine.mainline:
            register = rng.choice((17, 18))
            t = rng.choice(_LOW)
            self._emit(0x2000 | t << 8 | rng.getrandbits(8))
            self._emit(0xF380 | t, 0x8800 | register, 0xF3EF, 0x8000 | t << 8 | 17)
            self._emit(0x2000 | t << 8, 0xF380 | t, 0x8811)
        else:
            self._emit(0xF380 | t, 0x8810)
            self._masked()
        self._count(kind)

    def _masked(self) -> None:
        """PRIMASK set for some instructions; not longer, because SVC would become a HardFault of another address."""
        self._emit(0xB672)
        self._fill(self.rng.randrange(4))
        self._emit(0xB662)

    def _cleared_low_bits(self, register: int) -> int:
        """A register whose lowest two bits have just been cleared."""
        if not self.machine.mainline:
            register &= 7
            self._load_constant(register, self._address(0x100, unaligned=False))
        else:
            self._emit(0xF020 | register, register << 8 | 3)  # BIC
        return register

    # ---- the whole ---------------------------------------------------------------------------------------------
    def build(self, half_words: int = 8000) -> bytes:
        """The program, from address 0 on."""
        pieces: list[tuple[Callable[[], None], float]] = [
            (self._any_data, 60.0), (self._narrow_memory, 10.0), (self._branch, 7.0), (self._any_missing, 2.0),
            (self._special, 2.5), (self._wide_memory, 12.0 if self.machine.mainline else 0.0),
            (self._it_block, 8.0 if self.machine.mainline else 0.0),
        ]  # fmt: skip
        return self._whole(pieces, half_words)

    def _whole(self, pieces: Sequence[tuple[Callable[[], None], float]], half_words: int) -> bytes:
        kinds, weights = zip(*pieces, strict=True)
        made = 0
        while len(self._code) < half_words:
            if made % _REFRESH_EVERY == 0:
                self.call(self.symbols["refresh"])
            self.rng.choices(kinds, weights)[0]()
            made += 1
        return self._finish()

    def exhaustive(self) -> bytes:
        """Every 16-bit encoding of 0x0000 to 0x43FF: shifts, additions, moves, comparisons, data processing."""
        for number, word in enumerate(range(0x4400)):
            if number % 16 == 0:
                self.call(self.symbols["refresh"])
            self._emit(word)
        self._count("exhaustive")
        return self._finish()

    def _finish(self) -> bytes:
        self.call(self.symbols["pass_end"])
        self._fill(1100)  # literals behind the end
        code = bytearray(self._runtime.ljust(TABLE, b"\0"))
        code += random_table(self.rng)
        code = code.ljust(STREAM, b"\0") + struct.pack(f"<{len(self._code)}H", *self._code)
        if len(code) > FLASH_SIZE:
            raise ValueError("the stream does not fit into flash")
        return bytes(code)


def symbols_of(image: str) -> dict[str, int]:
    return read_image(image)[1]
