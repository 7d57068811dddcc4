"""Rules: a question (checks/annex_r/rules.yaml) and the function that answers it, held together by the rule's id."""

from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import Literal

from pydantic import Field

from swassess.catalogue import CatalogueModel, Title, data_folder, load_model
from swassess.errors import CatalogueError
from swassess.model.finding import Finding, Place, Severity
from swassess.rules.evidence import Evidence

RuleFunction = Callable[[Evidence], Iterable[Finding]]


class RuleInfo(CatalogueModel):
    """What a rule asks. strict: a remark that the profile "strict" makes a nonconformity."""

    id: str = Field(pattern=r"^R[0-9.]+[ab]?-[A-Z0-9-]+$")
    row: str = Field(min_length=1)
    severity: Literal["nonconformity", "remark", "note"]
    title: Title
    proves: str = Field(min_length=1)
    does_not_prove: str = Field(min_length=1)
    remedy: str = Field(min_length=1)
    strict: bool = False


class _RuleFile(CatalogueModel):
    rules: list[RuleInfo]


_FUNCTIONS: dict[str, RuleFunction] = {}


def rule(identity: str) -> Callable[[RuleFunction], RuleFunction]:
    """Registers the function that answers a rule. CatalogueError when the rule is unknown or answered twice."""

    def register(function: RuleFunction) -> RuleFunction:
        rule_info(identity)
        if identity in _FUNCTIONS:
            raise CatalogueError(f"the rule {identity} is answered by two functions")
        _FUNCTIONS[identity] = function
        return function

    return register


@cache
def rules() -> tuple[RuleInfo, ...]:
    """All rules, in the order of the file."""
    return tuple(load_model(data_folder("checks") / "annex_r" / "rules.yaml", _RuleFile).rules)


def rule_info(identity: str) -> RuleInfo:
    """Metadata of a rule; CatalogueError when unknown."""
    for info in rules():
        if info.id == identity:
            return info
    raise CatalogueError(f"there is no rule '{identity}'")


def answered() -> frozenset[str]:
    """Ids of the rules that have a function (after the rule modules were imported)."""
    return frozenset(_FUNCTIONS)


def load_plugins() -> None:
    """Imports the modules that other packages offer under the entry-point group `swassess.rules`."""
    for point in sorted(entry_points(group="swassess.rules"), key=lambda p: p.name):
        point.load()


def run_rules(row: str, evidence: Evidence) -> tuple[Finding, ...]:
    """Findings of all rules of a row, in the order of the catalogue."""
    found: list[Finding] = []
    for info in rules():
        if info.row == row and info.id in _FUNCTIONS:
            found.extend(_FUNCTIONS[info.id](evidence))
    return tuple(found)


def finding(
    identity: str,
    evidence: Evidence,
    message: str,
    places: Iterable[Place] = (),
    details: Iterable[str] = (),
) -> Finding:
    """A finding with the severity of its rule under the evidence's profile."""
    info = rule_info(identity)
    severity = Severity(info.severity)
    if info.strict and evidence.profile == "strict":
        severity = Severity.NONCONFORMITY
    return Finding(identity, info.row, severity, message, tuple(places), tuple(details))
