"""The pictures of the report as SVG text: memory map, histogram of detection times, modes of a golden run.

Drawn by matplotlib with fixed settings, so that equal values give equal bytes. Text stays text (English axis titles,
the browser's fonts), ids carry a prefix, so that many pictures can stand in one HTML file.
"""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from swassess.model.evaluation import MemorySpan
from swassess.model.time import TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND, TICKS_PER_SECOND
from swassess.report.formatting import clean, format_count, format_ticks

INK, MUTED, LINE, ACCENT, BAD = "#1d2733", "#5c6b7a", "#d8dee5", "#4a7ba6", "#b3363a"
STATES = {  # state: (label, fill, hatch), the worst drawn last; the hatch keeps it visible in grey print
    "unused": ("not in use", "#edf0f3", ""),
    "tested": ("tested, not in use", "#c9e0d5", ""),
    "used": ("in use, tested", "#7db39a", ""),
    "untested": ("not tested", "#e9d9ae", ""),
    "used_untested": ("in use, not tested", "#d9737a", "////"),
}
MAX_LINES = 12
_WIDTH = 10.2  # inches at 72 dots: the column of the report
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "swassess",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.2,
    "hatch.linewidth": 0.6,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


def memory_map_svg(spans: Sequence[MemorySpan], prefix: str) -> str:
    """Address space folded into lines, each span in the colour of its state. Only lines that hold a span are drawn."""
    shown = sorted((s for s in spans if s.end > s.start), key=lambda span: (span.start, span.end))
    per_line = 64
    while len(lines := _lines(shown, per_line)) > MAX_LINES:
        per_line *= 2

    def draw(axes: Axes) -> None:
        for state, (_, fill, hatch) in STATES.items():
            least = per_line / 250 if state in ("untested", "used_untested") else 0  # one untested word must be seen
            for y, base in enumerate(lines):
                bars = [_cut(span, base, per_line) for span in shown if span.state == state]
                wide = [(start, max(length, least)) for start, length in bars if length > 0]
                if wide:
                    axes.broken_barh(wide, (y - 0.36, 0.72), facecolor=fill, hatch=hatch, edgecolor="white", lw=0.4)
        for span in shown:
            _label(axes, span, lines, per_line)
        axes.set_xlim(0, per_line)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_yticks(range(len(lines)), [f"0x{base:08X}" for base in lines])
        steps = range(0, per_line, per_line // 8)
        axes.set_xticks(list(steps), [f"+0x{step:X}" for step in steps])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)

    return _svg(draw, 0.42 + 0.25 * len(lines), prefix, left=0.085)


def _lines(spans: Sequence[MemorySpan], per_line: int) -> list[int]:
    """Base addresses of the lines that a span touches; stops counting once there are too many."""
    bases: set[int] = set()
    for span in spans:
        first, last = span.start // per_line, (span.end - 1) // per_line
        bases.update(number * per_line for number in range(first, min(last, first + MAX_LINES) + 1))
        if len(bases) > MAX_LINES:
            break
    return sorted(bases)


def _cut(span: MemorySpan, base: int, per_line: int) -> tuple[int, int]:
    """Offset and length of the part of the span inside the line; length 0 or less: none."""
    start = max(span.start, base)
    return start - base, min(span.end, base + per_line) - start


def _label(axes: Axes, span: MemorySpan, lines: Sequence[int], per_line: int) -> None:
    """Write the span's label on its longest piece, where it has room."""
    if not span.label:
        return
    pieces = [(_cut(span, base, per_line), y) for y, base in enumerate(lines)]
    (offset, length), y = max(pieces, key=lambda piece: (piece[0][1], -piece[1]))
    text = clean(span.label)
    if length * 118 >= len(text) * per_line:  # about 118 characters of this size fill a line
        axes.text(offset + length / 2, y, text, ha="center", va="center", fontsize=7.2)


def histogram_svg(bins: Sequence[tuple[int, int]], declared: int | None, prefix: str) -> str:
    """Bars from each upper edge to the next (ticks), the number of faults above, the declared time as a line."""
    ordered = sorted(bins)
    largest = max([edge for edge, _ in ordered] + [declared or 0, 1])
    factor, unit = _unit(largest)
    edges = [0, *(edge for edge, _ in ordered)]
    weights = [weight for _, weight in ordered]

    def draw(axes: Axes) -> None:
        starts = [edge / factor for edge in edges[:-1]]
        thinnest = largest / factor / 150  # faults of one same time make a bin without width
        widths = [max((after - before) / factor, thinnest) for before, after in pairwise(edges)]
        axes.bar(starts, weights, widths, align="edge", color=ACCENT, edgecolor="white", linewidth=0.8)
        top = max(weights, default=0) or 1
        if len(weights) <= 25:
            for start, width, weight in zip(starts, widths, weights, strict=True):
                if weight:
                    middle = start + width / 2
                    axes.text(middle, weight + top * 0.03, format_count(weight), ha="center", fontsize=7.2, color=MUTED)
        if declared is not None:
            axes.axvline(declared / factor, color=BAD, linewidth=1.2, linestyle=(0, (4, 3)))
            label = f"declared {format_ticks(declared)}"
            place = (declared / factor, top * 1.17)
            axes.annotate(
                label, place, (-5, 0), textcoords="offset points", ha="right", va="center", fontsize=7.5, color=BAD
            )
        axes.set_xlim(0, largest / factor * 1.02)
        axes.set_ylim(0, top * 1.28)
        axes.set_xlabel(f"detection time [{unit}]")
        axes.set_ylabel("faults")
        axes.yaxis.set_major_formatter(lambda value, _: format_count(round(value)))
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4, integer=True))
        axes.tick_params(length=3)
        axes.spines[["top", "right"]].set_visible(False)

    return _svg(draw, 2.3, prefix, left=0.085, bottom_inches=0.5)


def timeline_svg(modes: Sequence[tuple[str, int, int]], duration: int, prefix: str) -> str:
    """Operating modes of a run over simulated time, one line a mode in order of first appearance (mode, from, to)."""
    names = list(dict.fromkeys(mode for mode, _, _ in modes))
    factor, unit = _unit(max([duration, 1, *(to for _, _, to in modes)]))
    shortest = duration / factor / 400  # a mode of a few milliseconds stays visible

    def draw(axes: Axes) -> None:
        for y, name in enumerate(names):
            bars = [(a / factor, max((b - a) / factor, shortest)) for mode, a, b in modes if mode == name]
            axes.broken_barh(bars, (y - 0.3, 0.6), facecolor=ACCENT, edgecolor="white", lw=0.4)
        axes.set_xlim(0, (duration or 1) / factor * 1.005)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_yticks(range(len(names)), [clean(name)[:18] for name in names])
        axes.set_xlabel(f"simulated time [{unit}]")
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)

    return _svg(draw, 0.65 + 0.24 * len(names), prefix, left=0.12, bottom_inches=0.5)


def _unit(ticks: int) -> tuple[int, str]:
    if ticks >= TICKS_PER_SECOND:
        return TICKS_PER_SECOND, "s"
    return (TICKS_PER_MILLISECOND, "ms") if ticks >= TICKS_PER_MILLISECOND else (TICKS_PER_MICROSECOND, "µs")


def _svg(draw: Callable[[Axes], None], height: float, prefix: str, *, left: float, bottom_inches: float = 0.28) -> str:
    """The drawing as an <svg> element without prologue, date or colliding ids. height in inches."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        # Names may be Chinese; the browser has the glyphs even where matplotlib's own font has not.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(_WIDTH, height))
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        axes = figure.add_axes((left, bottom_inches / height, 0.99 - left, 1 - (bottom_inches + 0.06) / height))
        axes.patch.set_alpha(0)
        draw(axes)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r' id="', f' id="{prefix}-', text)
    return re.sub(r'(url\(#|xlink:href="#)', rf"\g<1>{prefix}-", text).rstrip()
