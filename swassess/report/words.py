"""The words of the report in both languages, verdicts, outcomes, severities and states; English leads."""

from dataclasses import dataclass

from swassess.model.evaluation import Verdict
from swassess.model.finding import Severity
from swassess.model.outcome import Outcome, Resolution


@dataclass(frozen=True, slots=True)
class Word:
    """English and Chinese text, and the style class of the chip that carries it."""

    en: str
    zh: str
    style: str


VERDICTS = {
    Verdict.CONFORMS: Word("conforms", "符合", "good"),
    Verdict.DOES_NOT_CONFORM: Word("does not conform", "不符合", "bad"),
    Verdict.NOT_SHOWN: Word("not shown", "未证明", "open"),
    Verdict.NOT_APPLICABLE: Word("not applicable", "不适用", "none"),
}

SEVERITIES = {
    Severity.NONCONFORMITY: Word("nonconformity", "不符合项", "bad"),
    Severity.REMARK: Word("remark", "备注", "open"),
    Severity.NOTE: Word("note", "说明", "none"),
}

# Worst first: the order in which a campaign's outcomes are listed.
OUTCOMES = {
    Outcome.DANGEROUS: Word("dangerous", "危险", "bad"),
    Outcome.DETECTED_LATE: Word("detected late", "发现过迟", "late"),
    Outcome.SAFE_UNDETECTED: Word("safe, undetected", "安全但未发现", "safe"),
    Outcome.MASKED: Word("masked", "被掩盖", "masked"),
    Outcome.NOT_ACTIVATED: Word("not activated", "未激活", "idle"),
    Outcome.DETECTED: Word("detected", "已发现", "good"),
    Outcome.UNSUPPORTED: Word("unsupported", "不支持", "none"),
    Outcome.ERROR: Word("error", "错误", "open"),
}

RESOLUTIONS = {
    Resolution.RUN: Word("run", "实际运行", ""),
    Resolution.PROOF: Word("proven from the trace", "由轨迹证明", ""),
    Resolution.EQUIVALENCE: Word("equal to a fault that was run", "与已运行的故障等效", ""),
}

CATALOGUE_STATES = {
    "declared": Word("declared", "已声明", "good"),
    "extra": Word("not declared", "未声明", "open"),
    "missing": Word("missing", "缺失", "bad"),
    "duplicate": Word("duplicate", "重复", "open"),
}

DOCUMENT_STATES = {
    "present": Word("present", "已提供", "good"),
    "absent": Word("absent", "缺失", "bad"),
    "not_applicable": Word("not applicable", "不适用", "none"),
}


def word(table: dict[str, Word], key: str) -> Word:
    """The word for a state, or the state itself where the table does not know it."""
    return table.get(key) or Word(key.replace("_", " "), "", "none")
