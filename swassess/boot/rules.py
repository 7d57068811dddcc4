"""What can be learned of a register: rules as the engine wants them, and registers that are never learned."""

import re
from dataclasses import dataclass, field, replace

from swassess.emulator import layout as at

KINDS = {
    at.RULE_FIELD: "field",
    at.RULE_LEAVE: "left alone",
    at.RULE_COUNT: "counts up",
    at.RULE_COUNT_DOWN: "counts down",
    at.RULE_PULSE: "one read only",
}
ANY = -1
# registers whose invented contents would make a safety mechanism pass: watchdogs, reset cause, CRC units, clock failure
# and ADC results
_NEVER = re.compile(
    r"^(IWDG|WWDG|FWDGT|WWDGT|WDT|WWDT|WDOG|WDG|SWDT|RTWDOG|COP|WATCHDOG)\w*\."
    r"|^CRC\w*\."
    r"|RESETREAS|RSTSTS|RSTSCK|RSTSR|SRS[01]?$|RCAUSE|RESET_CAUSE|RSTSTAT|RSTF|RESC|^RSTC?\.SR"
    r"|\.(CSSF|CLKFAIL|CFDS|CKMST|OSTDSR|CLKDSTS|CLKDCTL)\b"
    r"|^(ADC|SARADC|SAADC)\w*\.(DR|DR[A-D]|JDR\d|RDATA|LDATA|IDATA\d?|R[AB]?|R\[\d+\]|RESULT|DAT\d*|DATA\d*|ADDAT|ADDR\d*)$",
    re.IGNORECASE,
)


def never_learned(name: str) -> bool:
    """Whether a register ("IWDG.SR", or "RCC.CIR.CSSF" with its field) must not be learned."""
    return _NEVER.search(name) is not None


@dataclass(frozen=True, slots=True)
class Poll:
    """Equal reads of one register from one block. size: bytes of the read; value: of the whole word."""

    address: int
    block: int
    value: int
    size: int


@dataclass(frozen=True, slots=True)
class Rule:
    """At a poll of `address` from `block` (0: any) that shows `seen` (ANY: any value), show `bits` under `mask`."""

    address: int
    block: int
    kind: int
    mask: int = 0
    bits: int = 0
    period: int = 0
    seen: int = ANY

    def row(self) -> tuple[int, ...]:
        """The rule as a row of the engine's table."""
        return (self.address, self.block, self.kind, self.mask, self.bits, self.period, 0, self.seen)

    def for_any_value(self) -> "Rule":
        return replace(self, seen=ANY)

    def describe(self) -> str:
        """In words, such as "bits 17 = 1"."""
        if self.kind in (at.RULE_COUNT, at.RULE_COUNT_DOWN):
            return f"{KINDS[self.kind]}, once every {self.period / 1_000_000:g} us"
        if self.kind == at.RULE_LEAVE:
            return KINDS[self.kind]
        if self.mask == 0xFFFFFFFF:
            return f"0x{self.bits:08X}"
        ones = [bit for bit in range(32) if self.mask >> bit & 1 and self.bits >> bit & 1]
        zeros = [bit for bit in range(32) if self.mask >> bit & 1 and not self.bits >> bit & 1]
        parts = [f"{_bits(found)} = {value}" for found, value in ((ones, 1), (zeros, 0)) if found]
        return ", ".join(parts)


def _bits(positions: list[int]) -> str:
    """ "bit 3", "bits 4, 7-9"."""
    pieces: list[str] = []
    start = previous = positions[0]
    for bit in [*positions[1:], -1]:
        if bit == previous + 1:
            previous = bit
            continue
        pieces.append(str(start) if start == previous else f"{start}-{previous}")
        start = previous = bit
    return ("bit " if len(positions) == 1 else "bits ") + ", ".join(pieces)


@dataclass(slots=True)
class Entry:
    """A learned rule with its evidence. poll: that made it; rejected: (candidate, why); tried: candidates in all."""

    rule: Rule
    poll: Poll
    tried: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)
    new_blocks: int = 0
    applied: int = 0
    sensitivity: str = ""
