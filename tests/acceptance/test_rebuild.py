"""The committed images of the washer come from the committed sources, bit for bit."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs("arm-none-eabi-gcc"), pytest.mark.needs("make")]

PARTS = ("app", "device", "safety", "tools")


@pytest.fixture(scope="module")
def built(washer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `images` made anew from a copy of the sources, in a folder with another name."""
    declared = tomllib.loads((washer_folder / "submission.toml").read_text(encoding="utf-8"))["build"]
    banner = subprocess.run(["arm-none-eabi-gcc", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"\b(\d+\.\d+\.\d+)\b", banner.splitlines()[0])
    if version is None or version[1] != declared["compiler_version"]:
        pytest.skip(f"the images were built by {declared['compiler_version']}; here is {banner.splitlines()[0]}")
    copy = tmp_path_factory.mktemp("elsewhere") / "another-name"
    copy.mkdir()
    for part in PARTS:
        shutil.copytree(
            washer_folder / "firmware" / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "build")
        )
    shutil.copy(washer_folder / "firmware" / "Makefile", copy)
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "CC", "CFLAGS")}
    done = subprocess.run(
        ["make", "-j2", "images"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=300,
        env={**environment, "LC_ALL": "C"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return copy / "images"


def test_the_same_files_are_made(built: Path, washer_folder: Path) -> None:
    committed = {path.name for path in (washer_folder / "firmware" / "images").iterdir()}
    assert {"washer.elf", "washer.hex", "washer.bin"} <= committed
    assert {path.name for path in built.iterdir()} == committed


def test_images_are_equal_bit_for_bit(built: Path, washer_folder: Path) -> None:
    committed = sorted((washer_folder / "firmware" / "images").iterdir())
    different = [path.name for path in committed if path.read_bytes() != (built / path.name).read_bytes()]
    assert not different
