"""What a rule says."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    NONCONFORMITY = "nonconformity"
    REMARK = "remark"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a file of the submission (with line), an address of the image, or a symbol."""

    file: str = ""
    line: int | None = None
    address: int | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: id such as "R4.2-RANGE"; subject: row ("4.2"), Annex 4 item ("A4-5.2") or step ("image")."""

    rule: str
    subject: str
    severity: Severity
    message: str
    places: tuple[Place, ...] = ()
    evidence: tuple[str, ...] = ()
