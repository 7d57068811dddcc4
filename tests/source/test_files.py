"""Which files count, how patterns and foreign paths find them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from swassess.source.files import is_assembly, is_c, match_source, matching, read_text, submission_files

FILES = ("app/main.c", "app/deep/pid.c", "safety/ram.c", "safety/ram.h", "safety/start.S")


def test_patterns() -> None:
    assert matching(["app/*.c"], FILES) == ("app/main.c",)
    assert matching(["app/**/*.c"], FILES) == ("app/deep/pid.c", "app/main.c")
    assert matching(["safety"], FILES) == ("safety/ram.c", "safety/ram.h", "safety/start.S")
    assert matching(["safety/ram.?", "app/main.c"], FILES) == ("app/main.c", "safety/ram.c", "safety/ram.h")
    assert matching(["./safety/start.S"], FILES) == ("safety/start.S",)
    assert matching(["main.c", "safe"], FILES) == ()


def test_kinds() -> None:
    assert [path for path in FILES if is_c(path)] == ["app/main.c", "app/deep/pid.c", "safety/ram.c"]
    assert [path for path in FILES if is_assembly(path)] == ["safety/start.S"]


def test_paths_of_another_machine() -> None:
    assert match_source("C:\\work\\Washer\\Safety\\ram.c", FILES) == "safety/ram.c"
    assert match_source("../app/main.c", FILES) == "app/main.c"
    assert match_source("pid.c", FILES) == "app/deep/pid.c"
    assert match_source("/usr/lib/none.c", FILES) == ""
    assert match_source("main.c", ("a/main.c", "b/main.c")) == ""
    assert match_source("x/b/main.c", ("a/main.c", "b/main.c")) == "b/main.c"


def test_links_that_lead_out_do_not_count(submission: Callable[..., Path], tmp_path: Path) -> None:
    root = submission({"a.c": "int a;"})
    (tmp_path / "secret.c").write_text("int secret;")
    try:
        (root / "link.c").symlink_to(tmp_path / "secret.c")
        (root / "inner.c").symlink_to(root / "a.c")
    except OSError:
        pytest.skip("this account may not create symbolic links")
    assert submission_files(root) == ("a.c", "inner.c")


def test_texts_of_older_editors(tmp_path: Path) -> None:
    path = tmp_path / "x.c"
    path.write_bytes("/* 作者 */".encode("gb18030"))
    assert read_text(path) == "/* 作者 */"
    path.write_bytes(b"\xef\xbb\xbf/* \xe4\xbd\x9c */")
    assert read_text(path) == "/* 作 */"
    path.write_bytes(b"\xff\xff\x80")
    assert len(read_text(path)) == 3
