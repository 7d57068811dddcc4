"""Producer strings of the common compilers, and how they are held against the declaration."""

from dataclasses import replace

import pytest

from swassess.firmware.elf_facts import CompileUnit, ElfFacts
from swassess.firmware.producer import Difference, compare_producer, image_producers, parse_producer

GCC = (
    "GNU C11 12.2.1 20221205 -mcpu=cortex-m3 -mthumb -mfloat-abi=soft -march=armv7-m -g -gdwarf-5 -O2 -std=c11 "
    "-ffreestanding -ffunction-sections"
)
SWITCHES = ("-mcpu=cortex-m3", "-mthumb", "-O2", "-std=c11", "-ffreestanding", "-ffunction-sections")


@pytest.mark.parametrize(
    ("text", "compiler", "version"),
    [
        (GCC, "gcc", "12.2.1"),
        ("GNU C17 (Arm GNU Toolchain 13.2.rel1) 13.2.1 20231009 -O2", "gcc", "13.2.1"),
        ("clang version 17.0.6", "clang", "17.0.6"),
        ("Component: ARM Compiler 5.06 update 6 (build 750) Tool: armcc [4d3637]", "armcc", "5.06 update 6"),
        ("Component: ARM Compiler 6.6.1 Tool: armclang [5c0100]", "armclang", "6.6.1"),
        ("Component: Arm Compiler for Embedded 6.18 Tool: armclang [5e4cff00]", "armclang", "6.18"),
        ("ARM/Thumb C/C++ Compiler, RVCT4.0 [Build 902]", "armcc", "4.0"),
        ("IAR ANSI C/C++ Compiler V8.32.1.169/W32 for ARM", "iar", "8.32.1.169"),
        ("something else", "unknown", ""),
    ],
)
def test_compilers(text: str, compiler: str, version: str) -> None:
    producer = parse_producer(text)
    assert (producer.compiler, producer.version) == (compiler, version)


def differences(*switches: str, compiler: str = "arm-none-eabi-gcc", version: str = "12.2.1") -> set[Difference]:
    return set(compare_producer(parse_producer(GCC), compiler, version, switches))


def test_a_true_declaration_has_no_difference_in_any_order() -> None:
    assert differences(*SWITCHES) == set()
    assert differences(*reversed(SWITCHES), "-g", "-Wall", "-DNDEBUG", "-Iinclude", version="12.2") == set()
    assert differences(*SWITCHES, "-ffile-prefix-map=/home/someone=.", "-MMD", version="GCC 12.2.1") == set()


def test_differences() -> None:
    assert differences(*SWITCHES, version="10.3.1") == {Difference("version", "12.2.1", "10.3.1")}
    assert differences(*SWITCHES, version="12.2.10") == {Difference("version", "12.2.1", "12.2.10")}
    assert differences(*SWITCHES, compiler="IAR") == {Difference("compiler", "gcc", "IAR")}
    changed = ("-Os" if switch == "-O2" else switch for switch in SWITCHES)
    assert differences(*changed) == {Difference("switch", "-O2", ""), Difference("switch", "", "-Os")}
    assert differences(*SWITCHES[:-1]) == {Difference("switch", "-ffunction-sections", "")}
    assert differences(*SWITCHES, "-fno-common") == {Difference("switch", "", "-fno-common")}


def test_the_last_of_several_optimisations_holds() -> None:
    assert differences("-O0", *SWITCHES) == set()
    assert differences("-fno-freestanding", *SWITCHES) == set()
    assert differences(*SWITCHES, "-O3") == {Difference("switch", "-O2", ""), Difference("switch", "", "-O3")}


def test_producers_of_the_image(tiny: ElfFacts) -> None:
    ((producer, units),) = image_producers(tiny)
    assert (producer.compiler, producer.version) == ("gcc", "12.2.1")
    assert units == ("control.c", "main.c"), "the assembly unit has no say"


def test_armcc_keeps_its_switches_in_the_comment_section(tiny: ElfFacts) -> None:
    text = "Component: ARM Compiler 5.06 update 6 (build 750) Tool: armcc [4d3637]"
    unit = CompileUnit("main.c", "", text, 1, 3)
    facts = replace(tiny, units=(unit,), comments=(text + " ArmCC --c99 -c -O2 --cpu=Cortex-M3",))
    ((producer, _),) = image_producers(facts)
    assert producer.switches == ("--c99", "-c", "-O2", "--cpu=Cortex-M3")
    assert compare_producer(producer, "ARMCC", "5.05", ("-O2",)) == (Difference("version", "5.06 update 6", "5.05"),)
    assert compare_producer(producer, "armcc", "5.06", ("-O2",)) == ()
