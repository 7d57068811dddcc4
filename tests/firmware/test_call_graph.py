"""The call graph of the test firmware, whose C text says what it must be; direct calls also against objdump."""

import re
from collections.abc import Callable
from pathlib import Path

from swassess.firmware.call_graph import CallGraph
from swassess.firmware.elf_facts import ElfFacts


def test_direct_calls_are_those_of_objdump(data: Path, graph: CallGraph, oracle: Callable[..., str]) -> None:
    theirs: set[tuple[int, str]] = set()
    function = ""
    for line in oracle("objdump", "-d", data / "tiny.elf").splitlines():
        if head := re.match(r"^\w+ <([^>]+)>:$", line):
            function = head.group(1)
        elif found := re.match(r"^ (\w+):\t[0-9a-f ]+\t(?:bl|b\.w|b\.n|b\w\w\.w|b\w\w\.n)\t\w+ <([\w.]+)>", line):
            theirs |= {(int(found.group(1), 16), found.group(2))} if found.group(2) != function else set()
    assert {(site.address, site.target) for site in graph.sites if site.target} == theirs
    assert len(theirs) >= 13


def test_calls_tail_calls_and_lines(graph: CallGraph, data: Path) -> None:
    (tail,) = graph.sites_in("first_words")
    assert (tail.kind, tail.target, tail.file) == ("tail", "flash_sum", "main.c")
    assert "return flash_sum(" in (data / "main.c").read_text().splitlines()[tail.line - 1]
    assert set(graph.callees("dispatch")) == {"delay_rounds", "pid_step", "fail_safe"}
    assert graph.callers("fail_safe") == ("SysTick_Handler", "dispatch", "main", "pid_step")
    assert {site.kind for site in graph.sites_of("clamp")} == {"call"}


def test_pointers_are_honestly_unknown(graph: CallGraph) -> None:
    assert {site.kind for site in graph.sites_in("pid_step") if not site.target} == {"indirect tail"}
    assert {site.caller for site in graph.unknown_calls("main")} == {"pid_step"}
    assert graph.unknown_calls("first_words") == ()
    assert "on_event" not in graph.reachable("main")
    assert "on_event" in graph.reachable("main", through_pointers=True)


def test_reachability(graph: CallGraph) -> None:
    assert graph.reachable("first_words") == {"first_words", "flash_sum"}
    assert graph.reachable("SysTick_Handler") == {"SysTick_Handler", "fail_safe"}
    assert graph.reachable("Reset_Handler") >= {"main", "dispatch", "delay_rounds", "clamp"}
    assert graph.reachable("no such function") == frozenset()


def test_taken_addresses(graph: CallGraph, tiny: ElfFacts) -> None:
    (event,) = graph.address_taken("on_event")
    first = tiny.variable("g_first")
    assert first is not None and (event.kind, event.place) == ("data", first.address + 8)
    assert {taken.kind for taken in graph.address_taken("SysTick_Handler")} == {"vector"}
    assert graph.address_taken("main") == ()
