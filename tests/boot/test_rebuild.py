"""The committed images of fixtures/boot come from their committed sources."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "boot"
MADE_BY = "12.2.1"

pytestmark = pytest.mark.needs("arm-none-eabi-gcc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All images, built anew from a copy of the sources in another folder."""
    banner = subprocess.run(["arm-none-eabi-gcc", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"\b(\d+\.\d+\.\d+)\b", banner.splitlines()[0])
    if version is None or version[1] != MADE_BY:
        pytest.skip(f"the images were built by {MADE_BY}; here is {banner.splitlines()[0]}")
    copy = tmp_path_factory.mktemp("elsewhere") / "another-name"
    shutil.copytree(FIXTURES, copy, ignore=shutil.ignore_patterns("images", "__pycache__"))
    done = subprocess.run(
        [sys.executable, str(copy / "build.py")], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "images"


def test_images_are_equal_bit_for_bit(built: Path) -> None:
    committed = sorted((FIXTURES / "images").iterdir())
    assert {path.name for path in built.iterdir()} == {path.name for path in committed}
    assert not [path.name for path in committed if path.read_bytes() != (built / path.name).read_bytes()]
