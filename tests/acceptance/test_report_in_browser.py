"""The HTML report as a browser understands it."""

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs("chromium")


class _Texts(HTMLParser):
    """Visible text, headings, and everything that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.headings, self.fetched = "", [""], list[str]()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append("")
        if tag in ("script", "img", "link", "iframe", "object", "embed", "source"):
            self.fetched += [value or "" for name, value in attributes if name in ("src", "href", "data", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        while tag in self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside or "script" in self._inside:
            return
        self.text += data
        if any(re.fullmatch("h[1-6]", tag) for tag in self._inside):
            self.headings[-1] += data


def browse(chromium: str, page: Path, profile: Path, *arguments: str) -> str:
    """What chromium prints. No sandbox: containers do not allow it one, and the page is our own."""
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         f"--user-data-dir={profile}", *arguments, page.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def page(washer: Any, tool: Any, tmp_path_factory: pytest.TempPathFactory) -> _Texts:
    """The washer's report after a browser has read it and written it out again."""
    profile = tmp_path_factory.mktemp("profile")
    texts = _Texts()
    texts.feed(browse(tool("chromium"), washer.out / "report.html", profile, "--dump-dom"))
    return texts


def test_sections_are_there(page: _Texts) -> None:
    headings = " / ".join(page.headings).lower()
    for part in ("hazard", "verdict", "golden run", "memory", "detection", "annex 4", "assum"):
        assert part in headings or part in page.text.lower(), part
    for row in ("1.3", "4.1", "4.2"):
        assert any(heading.startswith(row) for heading in page.headings), row


def test_every_verdict_is_shown(page: _Texts, washer: Any) -> None:
    for row in washer.evaluation.rows:
        assert row.component_en.lower() in page.text.lower()
        assert row.component_zh in page.text
    for word in ("conforms", "not shown", "符合", "未证明"):
        assert word in page.text


def test_pictures_are_inside(page: _Texts, washer: Any) -> None:
    assert (washer.out / "report.html").read_text(encoding="utf-8").count("<svg") >= 3


def test_nothing_is_fetched(page: _Texts) -> None:
    assert all(not target or target.startswith(("data:", "#")) for target in page.fetched)


def test_it_is_drawn(washer: Any, tool: Any, tmp_path: Path) -> None:
    picture = tmp_path / "report.png"
    browse(tool("chromium"), washer.out / "report.html", tmp_path / "profile", f"--screenshot={picture}",
           "--window-size=1280,1600", "--hide-scrollbars")  # fmt: skip
    assert picture.stat().st_size > 30_000, "an empty page is smaller"
