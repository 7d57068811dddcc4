"""Small submissions written on the spot."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def submission(tmp_path: Path) -> Callable[..., Path]:
    """Writes files (relative path -> text, or JSON where it is not text) and returns the submission's folder."""

    def write(files: dict[str, Any]) -> Path:
        root = tmp_path / "submission"
        for relative, content in files.items():
            path = root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            path.write_text(text, encoding="utf-8")
        return root

    return write
