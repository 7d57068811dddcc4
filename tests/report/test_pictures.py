import re
import xml.etree.ElementTree as ElementTree

import matplotlib

from swassess.model.evaluation import MemorySpan
from swassess.model.time import TICKS_PER_MILLISECOND, TICKS_PER_SECOND
from swassess.report.pictures import MAX_LINES, histogram_svg, memory_map_svg, timeline_svg

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def lines(picture: str) -> list[str]:
    return [text for text in texts(picture) if text.startswith("0x")]


def widths(picture: str, fill: str) -> list[float]:
    """Widths of the paths with this fill, in points."""
    found = []
    for element in ElementTree.fromstring(picture).iter(f"{SVG}path"):
        if fill in element.get("style", ""):
            xs = [float(x) for x, _ in re.findall(r"(-?[\d.]+) (-?[\d.]+)", element.get("d", ""))]
            found.append(max(xs) - min(xs))
    return found


def test_memory_is_folded_into_a_few_lines() -> None:
    picture = memory_map_svg([MemorySpan(0x20000000, 0x20005000, "used", "all")], "a")
    assert lines(picture)[0] == "0x20000000" and lines(picture)[-1] == "0x20004800"
    assert len(lines(picture)) <= MAX_LINES
    assert "all" in texts(picture)


def test_gaps_between_memories_take_no_lines() -> None:
    spans = [MemorySpan(0x08000000, 0x08001000, "used"), MemorySpan(0x20000000, 0x20001000, "tested")]
    assert {text[:6] for text in lines(memory_map_svg(spans, "a"))} == {"0x0800", "0x2000"}


def test_the_whole_address_space_and_no_address_are_drawn() -> None:
    assert lines(memory_map_svg([MemorySpan(0, 1 << 32, "unused")], "a"))[0] == "0x00000000"
    assert lines(memory_map_svg([], "a")) == []
    assert lines(memory_map_svg([MemorySpan(16, 16, "used")], "a")) == []


def test_one_untested_word_can_be_seen() -> None:
    spans = [MemorySpan(0x20000000, 0x20005000, "used"), MemorySpan(0x20002000, 0x20002004, "used_untested")]
    (narrow,) = widths(memory_map_svg(spans, "a"), "fill: url(#")
    assert narrow > 2


def test_histogram_shows_counts_and_the_declared_time() -> None:
    bins = [(500 * TICKS_PER_MILLISECOND, 12_000), (TICKS_PER_SECOND, 3)]
    shown = texts(histogram_svg(bins, 2 * TICKS_PER_SECOND, "a"))
    assert {"12,000", "3", "declared 2 s", "detection time [s]"} <= set(shown)
    assert not any("declared" in text for text in texts(histogram_svg(bins, None, "a")))


def test_histogram_of_one_empty_bin_is_drawn() -> None:
    assert "detection time [µs]" in texts(histogram_svg([(0, 0)], None, "a"))


def test_modes_keep_their_names_and_their_order() -> None:
    modes = [("idle", 0, TICKS_PER_SECOND), ("wash 洗涤", TICKS_PER_SECOND, 2 * TICKS_PER_SECOND), ("$a$", 1, 2)]
    shown = texts(timeline_svg(modes, 2 * TICKS_PER_SECOND, "a"))
    assert [text for text in shown if text in ("idle", "wash 洗涤", "$a$")] == ["idle", "wash 洗涤", "$a$"]


def test_a_users_matplotlib_settings_change_nothing() -> None:
    modes = [("idle", 0, TICKS_PER_SECOND)]
    before = timeline_svg(modes, TICKS_PER_SECOND, "a")
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path", "savefig.dpi": 300}):
        assert timeline_svg(modes, TICKS_PER_SECOND, "a") == before
        assert matplotlib.rcParams["font.size"] == 30
