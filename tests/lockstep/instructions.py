"""Instruction encodings of Armv6-M and Armv7-M, 16 and 32 bits (Armv7-M ARM, A5 to A7), without loads and branches.

A pattern gives the bits; letters are fields. Registers: d n m t a (four bits: never SP or PC; three bits: any), e for
any register but PC. Other letters are filled at random; `fix` mends combinations that the architecture leaves open.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

V6, V7, DSP, FPU = "v6", "v7", "dsp", "fpu"
_REGISTERS = "dnmta"
_PLAIN = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14)
Fields = dict[str, int]


@dataclass(frozen=True, slots=True)
class Encoding:
    """needs: the extension that has it; on other cores it is undefined. it: allowed inside an IT block."""

    name: str
    pattern: str
    needs: str = V7
    it: bool = True
    fix: Callable[[Fields], bool] | None = None

    @property
    def bits(self) -> str:
        return self.pattern.replace(" ", "")

    def draw(self, rng: random.Random) -> list[int]:
        """Half-words of one instruction."""
        while True:
            fields = {letter: self._value(rng, letter) for letter in dict.fromkeys(self.bits) if letter not in "01"}
            if self.fix is None or self.fix(fields):
                return self.encode(fields)

    def _value(self, rng: random.Random, letter: str) -> int:
        width = self.bits.count(letter)
        if letter == "e":
            return rng.choice((*_PLAIN, 13))
        if letter in _REGISTERS and width == 4:
            return rng.choice(_PLAIN)
        if width >= 5 and rng.random() < 0.2:
            return rng.choice((0, 1, (1 << width) - 1, 1 << width - 1))
        return rng.getrandbits(width)

    def encode(self, fields: Fields) -> list[int]:
        left = {letter: self.bits.count(letter) for letter in fields}
        word = 0
        for bit in self.bits:
            if bit in "01":
                word = word << 1 | int(bit)
            else:
                left[bit] -= 1
                word = word << 1 | fields[bit] >> left[bit] & 1
        return [word] if len(self.bits) == 16 else [word >> 16, word & 0xFFFF]


def _expandable(fields: Fields) -> bool:
    """A modified immediate 00XY00XY and the like needs XY other than 0."""
    value = fields["i"]
    return not (0x100 <= value < 0x400 and value & 0xFF == 0)


def _bit_field(fields: Fields) -> bool:
    """Lowest bit i, width w + 1: within 32 bits."""
    return fields["i"] + fields["w"] < 32


def _insert(fields: Fields) -> bool:
    """Lowest bit i, highest bit w."""
    return fields["w"] >= fields["i"]


def _two_results(fields: Fields) -> bool:
    return fields["d"] != fields["a"]


def _high_add(fields: Fields) -> bool:
    return fields["d"] != 15 and fields["e"] != 13 and fields["d"] != 13


def _high_compare(fields: Fields) -> bool:
    return fields["d"] not in (13, 15) and (fields["d"] > 7 or fields["e"] > 7)


def _saturate_shift(fields: Fields) -> bool:
    """The shift ASR #0 is another instruction (SSAT16, USAT16)."""
    return not (fields["h"] and fields["i"] == 0)


def _all(*encodings: Encoding) -> tuple[Encoding, ...]:
    return encodings


NARROW = _all(
    Encoding("LSL/LSR/ASR imm", "000 hh iiiii mmm ddd", V6, fix=lambda f: f["h"] != 3),
    Encoding("ADD/SUB reg", "00011 0o mmm nnn ddd", V6),
    Encoding("ADD/SUB imm3", "00011 1o iii nnn ddd", V6),
    Encoding("MOV/CMP/ADD/SUB imm8", "001 oo ddd iiiiiiii", V6),
    Encoding("data processing", "010000 oooo mmm ddd", V6),
    Encoding("ADD high", "01000100 d eeee ddd", V6, fix=_high_add),
    Encoding("CMP high", "01000101 d eeee ddd", V6, fix=_high_compare),
    Encoding("MOV high", "01000110 d eeee ddd", V6, fix=lambda f: f["d"] not in (13, 15)),
    Encoding("ADR", "10100 ddd iiiiiiii", V6),
    Encoding("ADD SP imm", "10101 ddd iiiiiiii", V6),
    Encoding("SXTH SXTB UXTH UXTB", "10110010 oo mmm ddd", V6),
    Encoding("REV REV16 REVSH", "10111010 oo mmm ddd", V6, fix=lambda f: f["o"] != 2),
    Encoding("NOP YIELD SEV", "10111111 0o00 0000", V6),
    Encoding("YIELD", "10111111 0001 0000", V6),
)

_MODIFIED = ("AND", "BIC", "ORR", "ORN", "EOR", "", "", "", "ADD", "", "ADC", "SBC", "", "SUB", "RSB", "")
_COMPARES = {0: "TST", 4: "TEQ", 8: "CMN", 13: "CMP"}


def _data_processing() -> list[Encoding]:
    made = []
    for number, name in enumerate(_MODIFIED):
        if not name:
            continue
        op = format(number, "04b")
        made.append(Encoding(f"{name} modified imm", f"11110 i 0 {op} s nnnn 0 iii dddd iiiiiiii", fix=_expandable))
        made.append(Encoding(f"{name} shifted reg", f"1110101 {op} s nnnn 0 iii dddd ii hh mmmm"))
        if number in _COMPARES:
            name = _COMPARES[number]
            made.append(Encoding(f"{name} modified imm", f"11110 i 0 {op} 1 nnnn 0 iii 1111 iiiiiiii", fix=_expandable))
            made.append(Encoding(f"{name} shifted reg", f"1110101 {op} 1 nnnn 0 iii 1111 ii hh mmmm"))
    for op, name in (("0010", "MOV"), ("0011", "MVN")):
        made.append(Encoding(f"{name} modified imm", f"11110 i 0 {op} s 1111 0 iii dddd iiiiiiii", fix=_expandable))
        made.append(Encoding(f"{name} shifted reg", f"1110101 {op} s 1111 0 iii dddd ii hh mmmm"))
    return made


WIDE = _all(
    *_data_processing(),
    Encoding("ADDW", "11110 i 100000 nnnn 0 iii dddd iiiiiiii"),
    Encoding("SUBW", "11110 i 101010 nnnn 0 iii dddd iiiiiiii"),
    Encoding("ADR after", "11110 i 100000 1111 0 iii dddd iiiiiiii"),
    Encoding("ADR before", "11110 i 101010 1111 0 iii dddd iiiiiiii"),
    Encoding("ADDW SP", "11110 i 100000 1101 0 iii dddd iiiiiiii"),
    Encoding("SUBW SP", "11110 i 101010 1101 0 iii dddd iiiiiiii"),
    Encoding("MOVW", "11110 i 100100 iiii 0 iii dddd iiiiiiii"),
    Encoding("MOVT", "11110 i 101100 iiii 0 iii dddd iiiiiiii"),
    Encoding("SSAT", "11110 0 1100 h 0 nnnn 0 iii dddd ii 0 sssss", fix=_saturate_shift),
    Encoding("USAT", "11110 0 1110 h 0 nnnn 0 iii dddd ii 0 sssss", fix=_saturate_shift),
    Encoding("SBFX", "11110 0 110100 nnnn 0 iii dddd ii 0 wwwww", fix=_bit_field),
    Encoding("UBFX", "11110 0 111100 nnnn 0 iii dddd ii 0 wwwww", fix=_bit_field),
    Encoding("BFI", "11110 0 110110 nnnn 0 iii dddd ii 0 wwwww", fix=_insert),
    Encoding("BFC", "11110 0 110110 1111 0 iii dddd ii 0 wwwww", fix=_insert),
    Encoding("LSL LSR ASR ROR reg", "11111010 0 hh s nnnn 1111 dddd 0000 mmmm"),
    Encoding("SXTH UXTH", "11111010 000 u 1111 1111 dddd 10 rr mmmm"),
    Encoding("SXTB UXTB", "11111010 010 u 1111 1111 dddd 10 rr mmmm"),
    Encoding("REV REV16 RBIT REVSH", "11111010 1001 mmmm 1111 dddd 10 oo mmmm"),
    Encoding("CLZ", "11111010 1011 mmmm 1111 dddd 1000 mmmm"),
    Encoding("MLA", "11111011 0000 nnnn aaaa dddd 0000 mmmm"),
    Encoding("MLS", "11111011 0000 nnnn aaaa dddd 0001 mmmm"),
    Encoding("MUL", "11111011 0000 nnnn 1111 dddd 0000 mmmm"),
    Encoding("SMULL UMULL", "11111011 10 u 0 nnnn aaaa dddd 0000 mmmm", fix=_two_results),
    Encoding("SMLAL UMLAL", "11111011 11 u 0 nnnn aaaa dddd 0000 mmmm", fix=_two_results),
    Encoding("SDIV UDIV", "11111011 10 u 1 nnnn 1111 dddd 1111 mmmm"),
    Encoding("NOP.W SEV.W", "11110011 1010 1111 10000000 00000 o 00"),
    Encoding("YIELD.W", "11110011 1010 1111 10000000 00000001"),
    Encoding("CLREX", "11110011 1011 1111 10001111 00101111"),
)

BARRIERS = Encoding("DSB DMB ISB", "11110011 1011 1111 10001111 0 1oo 1111", V6, it=False, fix=lambda f: f["o"] != 3)

SIGNAL = _all(
    Encoding("PKHBT PKHTB", "1110101 0110 0 nnnn 0 iii dddd ii h 0 mmmm", DSP),
    Encoding("SXTAH UXTAH", "11111010 000 u nnnn 1111 dddd 10 rr mmmm", DSP),
    Encoding("SXTAB16 UXTAB16", "11111010 001 u nnnn 1111 dddd 10 rr mmmm", DSP),
    Encoding("SXTB16 UXTB16", "11111010 001 u 1111 1111 dddd 10 rr mmmm", DSP),
    Encoding("SXTAB UXTAB", "11111010 010 u nnnn 1111 dddd 10 rr mmmm", DSP),
    *(
        Encoding(f"parallel add and subtract {op}", f"11111010 1 {op} nnnn 1111 dddd 0 ppp mmmm", DSP,
                 fix=lambda f: f["p"] in (0, 1, 2, 4, 5, 6))
        for op in ("000", "001", "010", "100", "101", "110")
    ),
    Encoding("QADD QDADD QSUB QDSUB", "11111010 1000 nnnn 1111 dddd 10 oo mmmm", DSP),
    Encoding("SEL", "11111010 1010 nnnn 1111 dddd 1000 mmmm", DSP),
    Encoding("SSAT16", "11110 0 110010 nnnn 0 000 dddd 00 00 ssss", DSP),
    Encoding("USAT16", "11110 0 111010 nnnn 0 000 dddd 00 00 ssss", DSP),
    Encoding("SMLAxy", "11111011 0001 nnnn aaaa dddd 00 xy mmmm", DSP),
    Encoding("SMULxy", "11111011 0001 nnnn 1111 dddd 00 xy mmmm", DSP),
    Encoding("SMLAD SMLADX", "11111011 0010 nnnn aaaa dddd 000 x mmmm", DSP),
    Encoding("SMUAD SMUADX", "11111011 0010 nnnn 1111 dddd 000 x mmmm", DSP),
    Encoding("SMLAWy", "11111011 0011 nnnn aaaa dddd 000 y mmmm", DSP),
    Encoding("SMULWy", "11111011 0011 nnnn 1111 dddd 000 y mmmm", DSP),
    Encoding("SMLSD SMLSDX", "11111011 0100 nnnn aaaa dddd 000 x mmmm", DSP),
    Encoding("SMUSD SMUSDX", "11111011 0100 nnnn 1111 dddd 000 x mmmm", DSP),
    Encoding("SMMLA SMMLAR", "11111011 0101 nnnn aaaa dddd 000 x mmmm", DSP),
    Encoding("SMMUL SMMULR", "11111011 0101 nnnn 1111 dddd 000 x mmmm", DSP),
    Encoding("SMMLS SMMLSR", "11111011 0110 nnnn aaaa dddd 000 x mmmm", DSP),
    Encoding("USADA8", "11111011 0111 nnnn aaaa dddd 0000 mmmm", DSP),
    Encoding("USAD8", "11111011 0111 nnnn 1111 dddd 0000 mmmm", DSP),
    Encoding("SMLALxy", "11111011 1100 nnnn aaaa dddd 10 xy mmmm", DSP, fix=_two_results),
    Encoding("SMLALD SMLALDX", "11111011 1100 nnnn aaaa dddd 110 x mmmm", DSP, fix=_two_results),
    Encoding("SMLSLD SMLSLDX", "11111011 1101 nnnn aaaa dddd 110 x mmmm", DSP, fix=_two_results),
    Encoding("UMAAL", "11111011 1110 nnnn aaaa dddd 0110 mmmm", DSP, fix=_two_results),
)  # fmt: skip

FLOAT = _all(
    Encoding("VMLA VMLS", "11101110 0 D 00 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VNMLA VNMLS", "11101110 0 D 01 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VMUL VNMUL", "11101110 0 D 10 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VADD VSUB", "11101110 0 D 11 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VDIV", "11101110 1 D 00 vvvv wwww 1010 N 0 M 0 xxxx", FPU),
    Encoding("VFMA VFMS", "11101110 1 D 10 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VFNMA VFNMS", "11101110 1 D 01 vvvv wwww 1010 N x M 0 xxxx", FPU),
    Encoding("VMOV imm", "11101110 1 D 11 iiii wwww 1010 0000 xxxx", FPU),
    Encoding("VMOV VABS", "11101110 1 D 11 0000 wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VNEG VSQRT", "11101110 1 D 11 0001 wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VCVTB VCVTT", "11101110 1 D 11 001 o wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VCMP VCMPE", "11101110 1 D 11 0100 wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VCMP VCMPE zero", "11101110 1 D 11 0101 wwww 1010 x1 0 0 0000", FPU),
    Encoding("VCVT from integer", "11101110 1 D 11 1000 wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VCVT to integer", "11101110 1 D 11 110 o wwww 1010 x1 M 0 yyyy", FPU),
    Encoding("VMOV core to single", "11101110 000 0 vvvv tttt 1010 N 00 1 0000", FPU),
    Encoding("VMOV single to core", "11101110 000 1 vvvv tttt 1010 N 00 1 0000", FPU),
    Encoding("VMOV two to core", "11101100 0101 aaaa tttt 1010 00 M 1 vvvv", FPU,
             fix=lambda f: f["a"] != f["t"] and not (f["M"] and f["v"] == 15)),
    Encoding("VMOV core to two", "11101100 0100 aaaa tttt 1010 00 M 1 vvvv", FPU,
             fix=lambda f: f["a"] != f["t"] and not (f["M"] and f["v"] == 15)),
    Encoding("VMRS flags", "11101110 1111 0001 1111 1010 0001 0000", FPU),
    Encoding("VMRS", "11101110 1111 0001 tttt 1010 0001 0000", FPU),
    Encoding("VMSR", "11101110 1110 0001 tttt 1010 0001 0000", FPU),
)  # fmt: skip

UNDEFINED = _all(
    Encoding("UDF", "11011110 iiiiiiii", V6, it=False),
    Encoding("UDF.W", "11110111 1111 iiii 1010 iiiiiiiiiiii", V6, it=False),
    Encoding("undefined B6xx", "10110110 000 iiiii", V6, it=False),
    Encoding("undefined B8xx", "10111000 iiiiiiii", V6, it=False),
    Encoding("undefined BA8x", "10111010 10 iiiiii", V6, it=False),
    Encoding("undefined FA", "11111010 1 111 nnnn 1111 dddd 0iii mmmm", V6, it=False),
    Encoding("coprocessor CDP", "11101110 iiii nnnn dddd 0ccc iii 0 mmmm", V6, it=False),
    Encoding("coprocessor MCR", "11101110 iiii nnnn tttt 0ccc iii 1 mmmm", V6, it=False),
    Encoding("coprocessor MCRR", "11101100 010 o aaaa tttt 0ccc iiii mmmm", V6, it=False),
    Encoding("coprocessor CDP2", "11111110 iiii nnnn dddd 0ccc iii 0 mmmm", V6, it=False),
)
