import hashlib
import os
import shutil
import sys

import pytest

from swassess.errors import SubmissionError
from swassess.submission.intake import open_submission

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def refused(path, workspace):
    with pytest.raises(SubmissionError) as caught, open_submission(path, workspace):
        pass
    return str(caught.value)


def test_the_catalogue_lists_and_hashes_every_file(submission_folder, tmp_path):
    with open_submission(submission_folder, tmp_path / "work") as submission:
        rows = {row.path: row for row in submission.catalogue}
    on_disc = {p.relative_to(submission_folder).as_posix() for p in submission_folder.rglob("*") if p.is_file()}
    assert set(rows) == on_disc
    assert [row.path for row in submission.catalogue] == sorted(rows)
    for path, row in rows.items():
        raw = (submission_folder / path).read_bytes()
        assert (row.size, row.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert {path for path, row in rows.items() if row.status == "extra"} == {"src/safety/flash.h"}
    assert not (tmp_path / "work").exists()  # a folder is read where it is


def test_missing_extra_and_duplicate_files(submission_folder, tmp_path, edit):
    edit('path = "doc/circuit.md"', 'path = "doc/lost.md"')
    edit('"src/safety/*.c"', '"src/safety/*.c", "src/asm/*.S"')
    shutil.copy(submission_folder / "doc" / "guide.md", submission_folder / "doc" / "guide copy.md")
    (submission_folder / "a.txt").write_bytes(b"")
    (submission_folder / "b.txt").write_bytes(b"")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        rows = {row.path: row for row in submission.catalogue}
    assert (rows["doc/lost.md"].status, rows["doc/lost.md"].sha256) == ("missing", "")
    assert rows["src/asm/*.S"].status == "missing"
    assert rows["doc/circuit.md"].status == "extra"
    assert rows["doc/guide copy.md"].status == "duplicate"
    assert "same content as doc/guide.md" in rows["doc/guide copy.md"].note
    assert rows["doc/guide.md"].status == "declared"
    assert rows["a.txt"].status == rows["b.txt"].status == "extra"  # nothing equals nothing, but says nothing


def test_two_declared_files_with_the_same_content(submission_folder, tmp_path):
    shutil.copy(submission_folder / "doc" / "guide.md", submission_folder / "doc" / "circuit.md")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        rows = {row.path: row for row in submission.catalogue}
    assert rows["doc/circuit.md"].status == "declared"
    assert rows["doc/guide.md"].status == "duplicate"
    assert rows["doc/guide.md"].note == "document for item 1; same content as doc/circuit.md"


def test_the_digest_changes_with_content_and_with_names_only(submission_folder, tmp_path):
    def digest():
        with open_submission(submission_folder, tmp_path / "work") as submission:
            return submission.digest

    first = digest()
    os.utime(submission_folder / "doc" / "guide.md", (1, 1))
    assert digest() == first
    (submission_folder / "src" / "safety" / "flash.h").rename(submission_folder / "src" / "safety" / "f.h")
    renamed = digest()
    (submission_folder / "doc" / "guide.md").write_text("other")
    assert len({first, renamed, digest()}) == 3


def test_version_control_is_skipped_and_counted(submission_folder, tmp_path):
    (submission_folder / ".git" / "objects").mkdir(parents=True)
    (submission_folder / ".git" / "HEAD").write_text("x")
    (submission_folder / ".git" / "objects" / "ab").write_text("y")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        assert not [row for row in submission.catalogue if ".git" in row.path]
        assert submission.notes == ("2 files of version control were not read",)


def test_the_output_folder_inside_is_not_part_of_the_submission(submission_folder, tmp_path):
    with open_submission(submission_folder, tmp_path / "work") as submission:
        before = submission.digest
    (submission_folder / "out").mkdir()
    (submission_folder / "out" / "report.html").write_text("x")
    with open_submission(submission_folder, submission_folder / "out") as submission:
        assert submission.digest == before
        assert submission.notes == ("out is the output folder and is not part of the submission",)


def test_names_that_differ_in_case_are_noted(submission_folder, tmp_path):
    (submission_folder / "doc" / "GUIDE.md").write_text("other")
    if len(list((submission_folder / "doc").iterdir())) < 3:
        pytest.skip("this file system takes both names for one")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        rows = {row.path: row for row in submission.catalogue}
    assert "differs only in case from doc/GUIDE.md" in rows["doc/guide.md"].note


def test_path_of(submission_folder, tmp_path):
    with open_submission(submission_folder, tmp_path / "work") as submission:
        assert submission.path_of("doc/guide.md").read_text().startswith("# Guide")
        for path in ("../t1/doc/guide.md", "/etc/passwd", "doc/none.md", "doc", "", "doc\\guide.md", "a\0b"):
            with pytest.raises(SubmissionError):
                submission.path_of(path)


@needs_links
def test_path_of_does_not_follow_a_link_made_later(submission_folder, tmp_path):
    (tmp_path / "secret").write_text("x")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        (submission_folder / "late").symlink_to(tmp_path / "secret")
        with pytest.raises(SubmissionError, match="is a link that leaves"):
            submission.path_of("late")


@needs_links
@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("../outside.txt", "leaves the submission's folder"),
        ("/etc", "leaves the submission's folder"),
        ("..", "leaves the submission's folder"),
        ("gone.txt", "leads nowhere"),
        ("link", "leads nowhere"),
    ],
)
def test_links_that_leave_or_lead_nowhere_are_refused(submission_folder, tmp_path, goal, expected):
    (tmp_path / "outside.txt").write_text("x")
    (submission_folder / "link").symlink_to(goal)
    assert expected in refused(submission_folder, tmp_path / "work")


@needs_links
def test_links_that_stay_inside_are_read_and_folders_are_not_followed(submission_folder, tmp_path):
    (submission_folder / "manual.md").symlink_to("doc/guide.md")
    (submission_folder / "papers").symlink_to("doc")
    with open_submission(submission_folder, tmp_path / "work") as submission:
        rows = {row.path: row.status for row in submission.catalogue}
    assert rows["manual.md"] == "duplicate"
    assert not [path for path in rows if path.startswith("papers")]
    assert submission.notes == ("papers is a link to a folder and is not followed",)


@needs_links
def test_the_manifest_itself_may_not_be_a_link_out(submission_folder, tmp_path):
    (submission_folder / "submission.toml").rename(tmp_path / "elsewhere.toml")
    (submission_folder / "submission.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert "submission.toml is a link that leaves" in refused(submission_folder, tmp_path / "work")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_special_files_are_refused(submission_folder, tmp_path):
    os.mkfifo(submission_folder / "pipe")
    assert "pipe is neither a file nor a folder" in refused(submission_folder, tmp_path / "work")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
@pytest.mark.parametrize("name", [b"bad\xff.c", b"two\nlines.c"])
def test_names_that_cannot_be_printed_are_refused(submission_folder, tmp_path, name):
    with open(os.fsencode(submission_folder) + b"/" + name, "wb"):
        pass
    text = refused(submission_folder, tmp_path / "work")
    assert "cannot be printed; rename it" in text
    assert text.isprintable()


def test_limits_hold_for_folders_too(submission_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("swassess.submission.inventory.MOST_FILES", 5)
    assert "more than 5 files" in refused(submission_folder, tmp_path / "work")
    monkeypatch.undo()
    monkeypatch.setattr("swassess.submission.inventory.MOST_UNPACKED", 100)
    assert "is larger than" in refused(submission_folder, tmp_path / "work")


@pytest.mark.parametrize("name", ["Submission.toml", "submisson.toml", "submission.toml.txt", "manifest.toml"])
def test_a_manifest_with_nearly_the_right_name_is_suggested(submission_folder, tmp_path, name):
    (submission_folder / "submission.toml").rename(submission_folder / name)
    text = refused(submission_folder, tmp_path / "work")
    assert text == f"t1 has no submission.toml at its top; rename {name!r} if that is the manifest"


def test_a_manifest_further_down_is_pointed_out(submission_folder, tmp_path):
    text = refused(tmp_path, tmp_path / "work")
    assert text.endswith("there is one at t1/submission.toml, name that folder instead")


def test_no_manifest_at_all(tmp_path):
    (tmp_path / "empty").mkdir()
    expected = "empty has no submission.toml at its top; write one that describes the submission"
    assert refused(tmp_path / "empty", tmp_path / "work") == expected


def test_what_is_not_a_submission(submission_folder, tmp_path):
    assert "there is no submission at" in refused(tmp_path / "nothing", tmp_path / "work")
    (tmp_path / "disc.zip").write_bytes(b"no archive")
    assert "neither a folder nor a usable .zip" in refused(tmp_path / "disc.zip", tmp_path / "work")
    assert "name the folder it stands in" in refused(submission_folder / "submission.toml", tmp_path / "work")
    assert not (tmp_path / "work").exists()
