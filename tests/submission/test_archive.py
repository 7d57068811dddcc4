"""Every way a .zip can be hostile or broken, and the ways it may be unusual."""

import os
import random
import stat
import struct
import zipfile

import pytest

from swassess.errors import SubmissionError
from swassess.submission.intake import open_submission


@pytest.fixture
def pack(submission_folder, tmp_path):
    """Packs the correct submission, with what a test adds; returns the archive."""

    def make(*extra, prefix="", only_extra=False):
        archive = tmp_path / "t1.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(submission_folder.rglob("*")):
                if path.is_file() and not only_extra:
                    packed.write(path, prefix + path.relative_to(submission_folder).as_posix())
            for entry, content in extra:
                packed.writestr(entry, content)
        return archive

    return make


def refused(archive, workspace):
    before = {path for path in workspace.parent.rglob("*") if workspace not in path.parents and path != workspace}
    with pytest.raises(SubmissionError) as caught, open_submission(archive, workspace):
        pass
    assert not workspace.exists() or not list(workspace.iterdir()), "unpacked files were left behind"
    after = {path for path in workspace.parent.rglob("*") if workspace not in path.parents and path != workspace}
    assert after == before, "something was written outside the workspace"
    return str(caught.value)


def info(name, **values):
    entry = zipfile.ZipInfo(name)
    for key, value in values.items():
        setattr(entry, key, value)
    return entry


def test_an_archive_equals_its_folder_and_leaves_nothing(submission_folder, pack, tmp_path):
    with open_submission(submission_folder, tmp_path / "work") as folder:
        pass
    with open_submission(pack(), tmp_path / "work") as packed:
        assert packed.root.is_relative_to((tmp_path / "work").resolve())
        assert packed.path_of("doc/guide.md").read_bytes() == (submission_folder / "doc/guide.md").read_bytes()
    assert packed.digest == folder.digest
    assert packed.catalogue == folder.catalogue
    assert not list((tmp_path / "work").iterdir())


def test_a_single_top_folder_is_entered_and_the_archivers_own_files_are_left_out(submission_folder, pack, tmp_path):
    with open_submission(submission_folder, tmp_path / "work") as folder:
        pass
    archive = pack(("__MACOSX/._t1", "x"), prefix="t1/")
    with open_submission(archive, tmp_path / "work") as packed:
        assert packed.root.name == "t1"
    assert packed.digest == folder.digest
    assert packed.notes == ("1 files under __MACOSX belong to the archiver and were left out",)


def test_two_top_folders_are_not_guessed_between(pack, tmp_path):
    text = refused(pack(("other/readme.md", "x"), prefix="t1/"), tmp_path / "work")
    assert "there is one at t1/submission.toml" in text


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_chinese_names_without_the_utf_8_mark(pack, tmp_path, encoding):
    name = "资料/说明书.md"
    stand_in = "".join(chr(ord("a") + n % 26) for n in range(len(name.encode(encoding))))
    archive = pack((stand_in, "text"))
    archive.write_bytes(archive.read_bytes().replace(stand_in.encode(), name.encode(encoding)))
    with open_submission(archive, tmp_path / "work") as packed:
        assert [row.path for row in packed.catalogue if row.path.endswith("说明书.md")] == [name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../escape.txt", "leaves the folder"),
        ("doc/../../escape.txt", "leaves the folder"),
        ("/tmp/escape.txt", "has an absolute path"),
        ("C:/escape.txt", "has an absolute path"),
        ("doc/aux.txt", "not every system can hold"),
        ("doc/guide.md ", "not every system can hold"),
        ("doc/guide.md:stream", "not every system can hold"),
        ("doc/a\nb", "not every system can hold"),
        ("DOC/Guide.MD", "which are one file on many systems"),
        ("doc/guide.md/inner.txt", "both as a file and as a folder"),
        ("./doc/guide.md", "twice"),
    ],
)
def test_names_that_are_refused(pack, tmp_path, name, expected):
    text = refused(pack((name, "x")), tmp_path / "work")
    assert text.startswith("t1.zip")
    assert expected in text
    assert not (tmp_path / "escape.txt").exists()


def test_a_backslash_in_a_name(pack, tmp_path):
    archive = pack(("doc_escape.txt", "x"))
    archive.write_bytes(archive.read_bytes().replace(b"doc_escape.txt", b"doc\\escape.txt"))
    assert "has a backslash in its name" in refused(archive, tmp_path / "work")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice(pack, tmp_path):
    assert "'doc/guide.md' twice" in refused(pack(("doc/guide.md", "x")), tmp_path / "work")


def test_composed_and_decomposed_spellings_are_one_name(pack, tmp_path):
    text = refused(pack(("doc/\u00e9.md", "x"), ("doc/e\u0301.md", "y")), tmp_path / "work")
    assert "one file on many systems" in text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(stat.S_IFLNK, "is a symbolic link"), (stat.S_IFIFO, "neither a file nor a folder"), (stat.S_IFCHR, "neither")],
)
def test_links_and_special_files(pack, tmp_path, kind, expected):
    entry = info("doc/link", create_system=3, external_attr=(kind | 0o777) << 16)
    assert expected in refused(pack((entry, "/etc/passwd")), tmp_path / "work")


def test_an_encrypted_entry(pack, tmp_path):
    archive = pack()
    raw = bytearray(archive.read_bytes())
    at = raw.index(b"PK\1\2") + 8
    raw[at] |= 1
    archive.write_bytes(raw)
    assert "is encrypted" in refused(archive, tmp_path / "work")


def test_a_bomb_by_ratio(pack, tmp_path):
    text = refused(pack(("zeros.bin", b"\0" * (2 * 1024 * 1024))), tmp_path / "work")
    assert "'zeros.bin' is packed more than 200 to 1" in text


def test_small_entries_may_be_packed_as_well_as_they_like(pack, tmp_path):
    with open_submission(pack(("erased.bin", b"\xff" * 65536)), tmp_path / "work") as packed:
        assert packed.path_of("erased.bin").stat().st_size == 65536


def test_a_bomb_by_sum(pack, tmp_path, monkeypatch):
    monkeypatch.setattr("swassess.submission.archive.MOST_UNPACKED", 10_000)
    noise = random.Random(1).randbytes(6000)
    text = refused(pack(("a.bin", noise), ("b.bin", noise)), tmp_path / "work")
    assert "unpacks to more than" in text


def test_a_bomb_that_lies_about_its_size(pack, tmp_path):
    archive = pack(("zeros.bin", b"\0" * (2 * 1024 * 1024)))
    size = struct.pack("<I", 2 * 1024 * 1024)
    archive.write_bytes(archive.read_bytes().replace(size, struct.pack("<I", 1000)))
    assert "is not a usable zip archive" in refused(archive, tmp_path / "work")


def test_too_many_entries(pack, tmp_path, monkeypatch):
    monkeypatch.setattr("swassess.submission.archive.MOST_FILES", 5)
    assert "at most 5 are read" in refused(pack(), tmp_path / "work")


def test_a_directory_too_large_to_be_read(pack, tmp_path, monkeypatch):
    monkeypatch.setattr("swassess.submission.archive.MOST_DIRECTORY", 300)
    assert "has a directory of" in refused(pack(), tmp_path / "work")


def test_the_larger_directory_record_is_looked_at_too(pack, tmp_path):
    archive = pack()
    raw = archive.read_bytes()
    at = raw.rindex(b"PK\5\6")
    record = b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    locator = b"PK\6\7" + struct.pack("<LQL", 0, at, 1)
    archive.write_bytes(raw[:at] + record + locator + raw[at:])
    assert f"has a directory of {1 << 40} bytes" in refused(archive, tmp_path / "work")


def test_rare_packing_methods(submission_folder, tmp_path):
    archive = tmp_path / "t1.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_BZIP2) as packed:
        packed.write(submission_folder / "submission.toml", "submission.toml")
    assert "pack it with plain deflate" in refused(archive, tmp_path / "work")


def test_archives_cut_or_changed_anywhere_never_end_in_a_traceback(pack, tmp_path):
    whole = pack().read_bytes()
    chance = random.Random(7)
    for turn in range(120):
        raw = bytearray(whole)
        if turn % 2:
            del raw[chance.randrange(len(raw)) :]
        else:
            for _ in range(3):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        archive = tmp_path / "broken.zip"
        archive.write_bytes(raw)
        try:
            with open_submission(archive, tmp_path / "work"):
                pass  # the change hit nothing that matters
        except SubmissionError as error:
            assert str(error)
        assert not (tmp_path / "work").exists() or not os.listdir(tmp_path / "work")


def test_no_manifest_in_the_archive(pack, tmp_path):
    text = refused(pack(("readme.md", "x"), only_extra=True), tmp_path / "work")
    assert text == "t1.zip has no submission.toml at its top; write one that describes the submission"
