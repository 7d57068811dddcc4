"""What cannot be evaluated: exit 2, one sentence, no traceback, nothing written outside --out, the old report kept."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Spoil = Callable[[Path], Path | None]  # spoils the folder; may give another path to hand in

EARLIER = {"report.html": b"<p>earlier</p>", "evaluation.json": b"{}", "campaigns.sqlite": b"earlier"}
ELF = "firmware/images/washer.elf"
HEX = "firmware/images/washer.hex"


def _edit(old: str, new: str, file: str = "submission.toml") -> Spoil:
    def spoil(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")

    return spoil


def _remove(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def _patch(name: str, at: int, data: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        raw = bytearray((folder / name).read_bytes())
        raw[at : at + len(data)] = data
        (folder / name).write_bytes(raw)

    return spoil


def _cut(name: str, keep: int) -> Spoil:
    return lambda folder: os.truncate(folder / name, keep)


def _bad_checksum(folder: Path) -> None:
    lines = (folder / HEX).read_text().splitlines()
    digit = lines[3][-1]
    lines[3] = lines[3][:-1] + ("0" if digit != "0" else "1")
    (folder / HEX).write_text("\n".join(lines) + "\n")


def _link_out(folder: Path) -> None:
    (folder / "docs" / "secret.md").symlink_to(folder.parent / "outside.txt")


def _zip(folder: Path, *entries: tuple[str, bytes]) -> Path:
    archive = folder.parent / "disc.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            packed.write(path, path.relative_to(folder).as_posix())
        for name, data in entries:
            packed.writestr(name, data)
    return archive


def _zip_that_escapes(folder: Path) -> Path:
    return _zip(folder, ("../escaped.txt", b"x"))


def _zip_bomb(folder: Path) -> Path:
    return _zip(folder, ("zeros.bin", b"\0" * 200_000_000))


def _no_zip(folder: Path) -> Path:
    archive = folder.parent / "disc.zip"
    archive.write_bytes(b"PK\3\4 this is no archive")
    return archive


CASES: dict[str, tuple[Spoil, str]] = {
    "no such path": (lambda folder: folder.parent / "nowhere", "nowhere"),
    "missing manifest": (_remove("submission.toml"), "submission.toml"),
    "no TOML": (_edit("[product]", "[product"), "submission.toml:4"),
    "wrong type": (_edit("clock_hz = 8000000", 'clock_hz = "fast"'), "clock_hz"),
    "unknown key": (_edit("compiler_version =", "compiler_verison ="), "compiler_version"),
    "file outside": (_edit('path = "docs/hazards.md"', 'path = "../outside.txt"'), "../outside.txt"),
    "absolute path": (_edit(f'path = "{ELF}"', 'path = "/etc/passwd"'), "/etc/passwd"),
    "unknown MCU": (_edit('part = "STM32F103C8T6"', 'part = "STM32F999"'), "STM32F999"),
    "measure's oracle unknown": (_edit('oracles = ["fail-safe", "watchdog"]', 'oracles = ["fail-saef"]'), "fail-safe"),
    "scenario missing": (_remove("scenarios/wash.toml"), "wash.toml"),
    "image missing": (_remove(ELF), "washer.elf"),
    "ELF truncated": (_cut(ELF, 3000), "washer.elf"),
    "ELF cut in the header": (_cut(ELF, 20), "washer.elf"),
    "ELF of another machine": (_patch(ELF, 18, b"\x3e\x00"), "washer.elf"),
    "no ELF": (_patch(ELF, 0, b"MZ\x90\x00"), "washer.elf"),
    "HEX with a bad checksum": (_bad_checksum, "washer.hex"),
    "zip entry that escapes": (_zip_that_escapes, "escaped.txt"),
    "zip bomb": (_zip_bomb, "zeros.bin"),
    "no zip": (_no_zip, "disc.zip"),
}
if sys.platform != "win32":
    CASES["link that leads out"] = (_link_out, "secret.md")


@pytest.fixture(scope="module")
def template(assemble: Callable[[str, Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The washer as it is handed in, without what lies beside it in the repository."""
    target = tmp_path_factory.mktemp("template") / "washer"
    assemble("washer", target)
    return target


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "washer")
    (tmp_path / "outside.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    (tmp_path / "out").mkdir()
    for name, data in EARLIER.items():
        (tmp_path / "out" / name).write_bytes(data)
    return tmp_path / "washer"


def _state(root: Path) -> dict[str, str]:
    """Every file and folder below root, with its content's digest."""
    found = {}
    for path in sorted(root.rglob("*")):
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[path.relative_to(root).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def _ask(swassess: Run, command: str, folder: Path, handed_in: Path) -> "subprocess.CompletedProcess[str]":
    root = folder.parent
    scratch = str(root / "temporary")
    before = _state(root)
    result = swassess(command, handed_in, "--out", root / "out", TMPDIR=scratch, TEMP=scratch, TMP=scratch)
    assert _state(root) == before, "files appeared, changed or went"
    return result


@pytest.mark.parametrize("case", CASES)
def test_refused_with_one_sentence(case: str, folder: Path, swassess: Run) -> None:
    spoil, named = CASES[case]
    handed_in = spoil(folder) or folder
    result = _ask(swassess, "evaluate", folder, handed_in)
    told = result.stderr
    assert result.returncode == 2, result.stdout + told
    assert told.startswith("swassess: ")
    assert told.count("\n") == 1, told
    assert named in told
    assert "internal error" not in told
    assert "Traceback" not in result.stdout + told
    assert "secret" not in told.replace("secret.md", "")


@pytest.mark.parametrize("case", ["missing manifest", "unknown key", "ELF truncated"])
def test_check_refuses_in_the_same_way(case: str, folder: Path, swassess: Run) -> None:
    spoil, named = CASES[case]
    result = _ask(swassess, "check", folder, spoil(folder) or folder)
    assert result.returncode == 2
    assert named in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_key_names_the_nearest(folder: Path, swassess: Run) -> None:
    _edit("compiler_version =", "compiler_verison =")(folder)
    told = _ask(swassess, "evaluate", folder, folder).stderr
    assert "did you mean 'compiler_version'?" in told
    assert "submission.toml:22" in told


def test_an_oracle_without_meaning_shows_no_row(folder: Path, swassess: Run) -> None:
    """The papers can still be judged, so this is a nonconformity, told with the nearest name, and no verdict."""
    _edit("g_state == ST_FAULT &&", "g_stat == ST_FAULT &&")(folder)
    result = swassess("evaluate", folder, "--out", folder.parent / "new", "--row", "4.1")
    assert (result.returncode, result.stderr) == (1, "")
    told = " ".join(result.stdout.split())
    assert "did you mean 'g_state'" in told
    row = next(line for line in result.stdout.splitlines() if line.startswith("4.1 "))
    assert "not shown" in row


def test_a_program_that_never_reaches_its_main_loop_shows_no_row(folder: Path, swassess: Run) -> None:
    """An endless loop as the first instruction of the reset handler, in every image alike."""
    elf, binary = folder / ELF, folder / "firmware" / "images" / "washer.bin"
    content = binary.read_bytes()
    reset = (int.from_bytes(content[4:8], "little") & ~1) - 0x08000000
    code, loop = content[reset : reset + 64], b"\xfe\xe7"
    assert elf.read_bytes().count(code) == 1
    elf.write_bytes(elf.read_bytes().replace(code, loop + code[2:]))
    binary.write_bytes(content[:reset] + loop + content[reset + 2 :])
    text = (folder / "submission.toml").read_text(encoding="utf-8")
    start = text.index('[[image]]\nrole = "hex"')
    following = text.index("[[", start + 2)
    (folder / "submission.toml").write_text(text[:start] + text[following:], encoding="utf-8", newline="\n")
    result = swassess("evaluate", folder, "--out", folder.parent / "new")
    assert result.returncode in (1, 2), result.stdout
    assert "main loop" in " ".join((result.stdout + result.stderr).split())
    assert "Traceback" not in result.stderr
    rows = [line for line in result.stdout.splitlines() if line.startswith(("1.3 ", "4.1 ", "4.2 "))]
    assert len(rows) == (3 if result.returncode == 1 else 0)
    assert not [row for row in rows if " conforms " in row]


def test_an_out_that_is_a_file(folder: Path, swassess: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    result = swassess("check", folder, "--out", tmp_path / "taken")
    assert result.returncode == 2
    assert result.stderr.startswith("swassess: ")
    assert result.stderr.count("\n") == 1
    assert "internal error" not in result.stderr
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_an_unknown_row(folder: Path, swassess: Run) -> None:
    result = swassess("evaluate", folder, "--out", folder.parent / "out", "--row", "4.22")
    assert result.returncode == 2
    assert "4.22" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "identity", ["nonsense", "stuck-at-1@ram:0x20004F10.3#reset?wsah", "stuck-at-1@ram:0x0.3#reset"]
)
def test_a_fault_that_does_not_exist(identity: str, folder: Path, swassess: Run) -> None:
    result = swassess("inject", folder, "--fault", identity)
    assert result.returncode == 2, result.stdout
    assert result.stderr.startswith("swassess: ")
    assert result.stderr.count("\n") == 1
    assert "internal error" not in result.stderr
