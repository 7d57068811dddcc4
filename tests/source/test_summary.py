"""All sources of a submission together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from swassess.model.declared import AddressRange, Declaration
from swassess.model.finding import Severity
from swassess.source.summary import summarise_sources

FILES: dict[str, Any] = {
    "fw/cc.json": [
        {"directory": ".", "file": "app/main.c", "arguments": ["gcc", "-I."]},
        {"directory": ".", "file": "safety/ram.c", "arguments": ["gcc", "-I."]},
        {"directory": ".", "file": "safety/start.S", "arguments": ["gcc"]},
        {"directory": ".", "file": "app/odd.c", "arguments": ["gcc"]},
        {"directory": ".", "file": "app/gone.c", "arguments": ["gcc"]},
    ],
    "fw/app/main.c": '#include "safety/ram.h"\nstatic int limit(void)\n{\n    return 3;\n}\n'
    "int main(void)\n{\n    ram_test();\n    return limit() + low();\n}\n",
    "fw/safety/ram.c": '#include "safety/ram.h"\nstatic int limit(void) { return low(); }\nvoid ram_test(void)\n{\n'
    "    limit();\n}\n",
    "fw/safety/ram.h": "void ram_test(void);\nstatic inline int low(void) { return 1; }\n",
    "fw/safety/start.S": ".global Reset\n.type Reset, %function\nReset:\n bl main\n",
    "fw/app/odd.c": "__irq void tick(void)\n{\n    if (1) { }\n}\n",
    "fw/app/unused.c": "void unused(void) { }\n",
}


def declaration(compile_commands: str = "fw/cc.json") -> Declaration:
    nothing = AddressRange(0, 1)
    return Declaration(
        *("", "", "", "", "", "cortex-m3", 8_000_000, (1, 2, 3), nothing, nothing, "", "", (), "", ()),
        images=(),
        check_values=(),
        constants=(),
        mode_expression="",
        modes=(),
        main_loop="main",
        hazards=(),
        safe_state=(),
        measures=(),
        oracles=(),
        scenarios=(),
        safety_sources=("fw/safety",),
        application_sources=("fw/app/*.c",),
        compile_commands=compile_commands,
    )


def test_everything_is_read_or_listed(submission: Callable[..., Path]) -> None:
    summary, model, findings = summarise_sources(submission(FILES), declaration())
    assert summary.parsed == ("fw/app/main.c", "fw/app/unused.c", "fw/safety/ram.c")
    assert [path for path, _ in summary.not_analysed] == ["fw/app/odd.c", "fw/safety/start.S"]
    assert dict(summary.not_analysed)["fw/safety/start.S"] == "assembly: labels only"
    assert "lizard" in dict(summary.not_analysed)["fw/app/odd.c"]
    assert {(finding.rule, finding.severity) for finding in findings} == {
        ("SRC-MISSING", Severity.NONCONFORMITY),
        ("SRC-NOT-COMPILED", Severity.REMARK),
        ("SRC-NOT-ANALYSED", Severity.REMARK),
        ("SRC-NOT-ANALYSED", Severity.NOTE),
    }
    assert any("fw/app/gone.c" in finding.message for finding in findings)
    assert summary.functions == len(model.functions) == 8
    assert summary.lines == 10 + 6 + 4 + 4 + 1


def test_the_model(submission: Callable[..., Path]) -> None:
    summary, model, _ = summarise_sources(submission(FILES), declaration())
    assert summary.safety_functions == ("Reset", "limit", "low", "ram_test")
    assert model.place("main") == ("fw/app/main.c", 6, 10)
    assert model.place("tick") == ("fw/app/odd.c", 1, 4) and model.functions_named("tick")[0].front_end == "lizard"
    assert model.place("limit") is None and len(model.functions_named("limit")) == 2
    assert model.place("low") == ("fw/safety/ram.h", 2, 2) and len(model.functions_named("low")) == 1
    assert model.place("nothing") is None
    assert [(call.target, call.line) for call in model.calls("main")] == [("ram_test", 8), ("limit", 9), ("low", 9)]
    assert [f.name for f in model.callers("main")] == ["Reset"]
    assert sorted(f.name for f in model.callers("low")) == ["limit", "main"]
    at = model.function_at("fw/app/main.c", 8)
    assert at is not None and at.name == "main" and model.function_at("fw/app/main.c", 1) is None


def test_without_a_compilation_database(submission: Callable[..., Path]) -> None:
    files = {path: content for path, content in FILES.items() if not path.endswith(".json")}
    summary, model, findings = summarise_sources(submission(files), declaration(""))
    assert model.place("ram_test") == ("fw/safety/ram.c", 3, 6) or dict(summary.not_analysed)
    assert {finding.rule for finding in findings} == {"SRC-NOT-ANALYSED"}


def test_two_readings_are_equal(submission: Callable[..., Path]) -> None:
    root = submission(FILES)
    assert summarise_sources(root, declaration()) == summarise_sources(root, declaration())
