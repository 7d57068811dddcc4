"""The C front end: what it finds, and what it must never see."""

from collections.abc import Callable
from pathlib import Path

import pytest

from swassess.source.compile_commands import Unit
from swassess.source.files import submission_files
from swassess.source.front_end import CFrontEnd
from swassess.source.model import SourceCall, SourceFunction

Write = Callable[..., Path]

MAIN = """#include <stdint.h>
#include "pid.h"
static uint32_t count;
static void step(uint32_t n)
{
    count += twice(n);
    pid_step(
        (int16_t)count);
}
void (*pointer)(uint32_t) = step;
int main(void)
{
    step(1);
    pointer(2);
    return 0;
}
"""


def parse(root: Path, unit: Unit, core: str = "cortex-m3") -> tuple[tuple[SourceFunction, ...], str]:
    with CFrontEnd(root, submission_files(root), core) as front_end:
        return front_end.parse(unit)


def test_functions_extents_and_calls(submission: Write) -> None:
    header = (
        "#include <stdint.h>\nvoid pid_step(int16_t x);\nstatic inline uint32_t twice(uint32_t n)\n{ return 2 * n; }\n"
    )
    root = submission({"src/main.c": MAIN, "inc/pid.h": header})
    functions, reason = parse(root, Unit("src/main.c", ("inc",)))
    assert reason == ""
    found = {f.name: f for f in functions}
    assert set(found) == {"step", "main", "twice"}
    assert (found["step"].line, found["step"].end, found["step"].static) == (4, 9, True)
    assert found["step"].calls == (SourceCall("twice", 6), SourceCall("pid_step", 7))
    assert found["main"].calls == (SourceCall("step", 13), SourceCall("", 14)) and not found["main"].static
    assert (found["twice"].file, found["twice"].unit) == ("inc/pid.h", "src/main.c")


def test_every_stub_header_parses(submission: Write) -> None:
    import swassess.source.front_end as front_end

    names = sorted(path.name for path in (Path(front_end.__file__).parent / "stub_headers").glob("*.h"))
    assert {"stdint.h", "stdbool.h", "stddef.h", "string.h"} <= set(names)
    text = "".join(f"#include <{name}>\n" for name in names)
    text += '_Static_assert(sizeof(int32_t) == 4 && sizeof(size_t) == 4 && UINT32_MAX == 0xFFFFFFFF, "widths");\n'
    text += "struct s { int a, b; };\n"
    text += (
        "bool f(void *to) { va_list l; memset(to, 0, sizeof l); return INT32_MIN < 0 && offsetof(struct s, b) == 4; }"
    )
    functions, reason = parse(submission({"a.c": text}), Unit("a.c", standard="c99"))
    assert reason == "" and [f.name for f in functions] == ["f"]


def test_macros_and_core(submission: Write) -> None:
    text = (
        "#if defined(__ARM_ARCH_6M__) && N == 3\nint f(void) { return 0; }\n#else\nint g(void) { return 0; }\n#endif\n"
    )
    root = submission({"a.c": text})
    assert [f.name for f in parse(root, Unit("a.c", macros=(("D", "N=3"),)), "cortex-m0")[0]] == ["f"]
    assert [f.name for f in parse(root, Unit("a.c", macros=(("D", "N=3"),)), "cortex-m3")[0]] == ["g"]
    assert [f.name for f in parse(root, Unit("a.c"), "cortex-m0")[0]] == ["g"]


def test_arm_assembly_and_attributes(submission: Write) -> None:
    text = (
        '__attribute__((naked, noinline, section(".ramfunc"))) void f(void)\n'
        '{ __asm volatile("mrs r0, msp\\n cpsid i\\n bx lr" ::: "r0", "memory"); }\n'
    )
    functions, reason = parse(submission({"a.c": text}), Unit("a.c"))
    assert reason == "" and [f.name for f in functions] == ["f"]


def test_errors_are_told(submission: Write) -> None:
    functions, reason = parse(submission({"a.c": "int f(void) { return }\n"}), Unit("a.c"))
    assert functions == () and reason.startswith("line 1: ") and "\n" not in reason
    functions, reason = parse(submission({"a.c": '#include "none.h"\n'}), Unit("a.c"))
    assert "none.h" in reason


@pytest.mark.parametrize("form", ['"{path}"', "<{path}>"])
def test_nothing_outside_the_submission_is_read(submission: Write, tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret.h"
    secret.write_text("#define LEAK 1\nstatic inline int leak(void) { return 42; }\n")
    for path in (secret.as_posix(), "../secret.h", "../../" + tmp_path.name + "/secret.h"):
        text = f"#include {form.format(path=path)}\nint f(void) {{ return leak(); }}\n"
        root = submission({"a.c": text})
        functions, reason = parse(root, Unit("a.c", (".",)))
        assert functions == () and "file not found" in reason, path
    root = submission({"a.c": f'#define NAME "{secret.as_posix()}"\n#include NAME\n'})
    assert "file not found" in parse(root, Unit("a.c"))[1]
    text = f'#if __has_include("{secret.as_posix()}")\nint there(void) {{ return 0; }}\n#endif\n'
    assert parse(submission({"a.c": text}), Unit("a.c")) == ((), "")


def test_a_link_in_the_submission_does_not_help(submission: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.h").write_text("static inline int leak(void) { return 42; }\n")
    root = submission({"a.c": '#include "link.h"\nint f(void) { return leak(); }\n'})
    try:
        (root / "link.h").symlink_to(tmp_path / "secret.h")
    except OSError:
        pytest.skip("this account may not create symbolic links")
    assert "file not found" in parse(root, Unit("a.c", (".",)))[1]


def test_the_hosts_own_headers_are_not_used(submission: Write) -> None:
    assert "file not found" in parse(submission({"a.c": "#include <unistd.h>\n"}), Unit("a.c"))[1]
