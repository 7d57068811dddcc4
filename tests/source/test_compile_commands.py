"""Compilation databases: good ones, moved ones, hostile ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swassess.errors import SubmissionError
from swassess.source.compile_commands import Unit, read_compile_commands, read_units

Write = Callable[..., Path]


def database(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"cc.json": list(entries), "src/a.c": "int a;", "src/b.c": "int b;", "inc/a.h": ""}


def test_arguments_and_commands(submission: Write) -> None:
    root = submission(
        database(
            {"directory": "src", "file": "b.c", "command": 'gcc -I../inc -DTEXT="a b" -U X -std=c99 -O2 -c b.c'},
            {"directory": ".", "file": "src/a.c", "arguments": ["gcc", "-I", "inc", "-D", "N=1", "-isystem", "src"]},
            {"directory": ".", "file": "src/a.c", "arguments": ["gcc", "-DLATER"]},
        )
    )
    assert read_units(root, "cc.json", ()) == (
        Unit("src/a.c", ("inc", "src"), (("D", "N=1"),)),
        Unit("src/b.c", ("inc",), (("D", "TEXT=a b"), ("U", "X")), "c99"),
    )


def test_windows_command(submission: Write) -> None:
    root = submission(database({"directory": ".", "file": "src\\a.c", "command": "armcc.exe -Iinc -DX -c src\\a.c"}))
    assert read_units(root, "cc.json", ()) == (Unit("src/a.c", ("inc",), (("D", "X"),)),)


def test_include_folders_outside_are_dropped(submission: Write) -> None:
    entry = {"directory": ".", "file": "src/a.c", "arguments": ["gcc", "-I/usr/include", "-I../..", "-Iinc"]}
    assert read_units(submission(database(entry)), "cc.json", ())[0].includes == ("inc",)


def test_switches_that_could_load_or_write_something_are_not_taken(submission: Write) -> None:
    entry = {
        "directory": ".",
        "file": "src/a.c",
        "arguments": ["gcc", "-fplugin=/tmp/x.so", "@args", "-Xclang", "-load", "-include", "/etc/passwd", "-o", "x"],
    }
    assert read_units(submission(database(entry)), "cc.json", ()) == (Unit("src/a.c"),)


def test_a_database_that_was_moved_beside_the_images(submission: Write) -> None:
    root = submission(
        {
            "firmware/images/cc.json": [{"directory": ".", "file": "app/a.c", "arguments": ["gcc", "-I."]}],
            "firmware/app/a.c": "int a;",
        }
    )
    assert read_compile_commands(root, "firmware/images/cc.json") == (Unit("firmware/app/a.c", ("firmware",)),)


@pytest.mark.parametrize(
    "entry",
    [
        {"directory": ".", "file": "../outside.c"},
        {"directory": "/tmp", "file": "a.c"},
        {"directory": ".", "file": "/etc/passwd"},
        {"directory": "../..", "file": "src/a.c"},
    ],
)
def test_files_outside_are_refused(submission: Write, entry: dict[str, str]) -> None:
    root = submission(database({"directory": ".", "file": "src/a.c"}, entry))
    with pytest.raises(SubmissionError, match=r"cc.json: entry 2 names .* outside the submission"):
        read_units(root, "cc.json", ())


def test_a_link_that_leads_out_is_refused(submission: Write, tmp_path: Path) -> None:
    root = submission(database({"directory": ".", "file": "src/link.c"}))
    (tmp_path / "secret.c").write_text("int secret;")
    try:
        (root / "src/link.c").symlink_to(tmp_path / "secret.c")
    except OSError:
        pytest.skip("this account may not create symbolic links")
    with pytest.raises(SubmissionError, match="outside the submission"):
        read_units(root, "cc.json", ())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[\n{,}]", "not JSON at line 2"),
        ("{}", "a list of compile commands"),
        ("[3]", "entry 1 names no file"),
        ('[{"file": 3}]', "entry 1 names no file"),
        ('[{"file": "a.c", "directory": 3}]', "entry 1 has a directory that is no text"),
        ('[{"file": "a.c", "command": 3}]', "entry 1 has neither"),
        ('[{"file": "a.c", "command": "gcc \\"a"}]', "entry 1 has a command with an unmatched quote"),
        ("[" * 100_000, "cc.json: this is"),
    ],
)
def test_bad_databases(submission: Write, content: str, text: str) -> None:
    with pytest.raises(SubmissionError, match=text) as caught:
        read_units(submission({"cc.json": content}), "cc.json", ())
    assert str(caught.value).startswith("cc.json") and "\n" not in str(caught.value)


def test_a_missing_database(submission: Write) -> None:
    root = submission({"a.c": ""})
    for path in ("none.json", "../x.json"):
        with pytest.raises(SubmissionError, match="no such file"):
            read_units(root, path, ())


def test_without_a_database_the_patterns_decide(submission: Write) -> None:
    root = submission({"src/a.c": "", "src/start.S": "", "inc/a.h": "", "docs/x.md": "", "old/b.c": ""})
    assert read_units(root, "", ("src",)) == (Unit("src/a.c", ("inc",)), Unit("src/start.S", ("inc",)))
    assert [unit.file for unit in read_units(root, "", ())] == ["old/b.c", "src/a.c", "src/start.S"]
