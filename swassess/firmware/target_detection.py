"""Which MCU an image is for, when nobody says: register addresses in the code, the vector table, the stack, names.

Every piece of evidence is counted per line of a series (the parts of a line differ in sizes only) and told. The result
is *detected*, never *declared*: reports must keep the two apart.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from swassess.firmware.address_constants import address_constants
from swassess.firmware.core_needs import ARCHITECTURE_NAMES, CoreNeeds, can_run, core_needs
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.firmware.vector_search import VectorCandidate, VectorTables, find_vector_tables
from swassess.model.target import TargetDescription
from swassess.target_data import all_lines, generic_target
from swassess.target_data.describe import describe
from swassess.target_data.load import Line, core_files
from swassess.target_data.series_format import PartModel

_CLEAR, _LIKELY, _POSSIBLE = 0.7, 0.5, 0.29
_LEAD = 0.08  # how far the best series must be ahead of others to be called clear
_MOST = 5  # candidates told
_FEWEST = 2  # blocks of registers that have to fit
_CROWDED = 0x40100000  # nearly every maker's peripherals begin below
_ENOUGH = 100  # instructions from which the core can be told
_NAME = re.compile(
    r"(?:stm32|gd32|apm32|at32|hc32|mm32|nrf5|sam[de3]|atsam|lpc|mk|mkl|rp2|xmc|tm4c|m03|m05|nuc|r7fa|efm32|max32|"
    r"cy8c|s32k)[0-9a-z]{1,12}",
    re.IGNORECASE,
)
_TEXT = re.compile(rb"[\x20-\x7e]{6,}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line of a series that the image may be for. part: pattern of its smallest part that the image fits.

    score: 0 to 1. confidence: "clear", "likely", "possible" or "weak". reasons: sentences, strongest first.
    """

    vendor: str
    series: str
    line: str
    part: str
    score: float
    confidence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """target: what the image is run on: the best candidate's part, or the generic part of its core.

    candidates: best first, empty where nothing speaks for any described MCU. is_generic: no candidate was good enough.
    """

    target: TargetDescription
    confidence: str
    is_generic: bool
    candidates: tuple[Candidate, ...]
    needs: CoreNeeds
    vectors: VectorTables


@dataclass(frozen=True, slots=True)
class _Evidence:
    image: LoadImage
    constants: Mapping[int, int]
    names: tuple[str, ...]
    vectors: VectorCandidate
    needs: CoreNeeds


def detect_target(image: LoadImage, facts: ElfFacts | None = None) -> Detection:
    """The MCU an image is for, from the image alone. Raises ImageError where the image has no vector table."""
    vectors = find_vector_tables(image, facts)
    starts = [vectors.best.reset, *_handlers(image, vectors.best)]
    needs = core_needs(image, facts, starts)
    evidence = _Evidence(image, address_constants(image), _names(image, facts), vectors.best, needs)
    scored = [one for line in all_lines() if (one := _score(line, evidence)) is not None]
    # of equals the original comes before what resembles it, a series of many parts before one of few
    count = Counter(line.model.series for line in all_lines() for _ in line.parts)
    scored.sort(
        key=lambda one: (-one[0].score, one[1].model.resembles, -count[one[0].series], one[0].series, one[0].line)
    )
    candidates = tuple(one for one, _, _ in scored[:_MOST] if one.score > 0.1)
    if scored and scored[0][0].score >= _POSSIBLE:
        best, line, part = scored[0]
        confidence = _against_rivals(best, line, [(one, other) for one, other, _ in scored[1:]])
        return Detection(describe(_example(part), line, part), confidence, False, candidates, needs, vectors)
    ram = [(s.address, s.address + s.memory_size) for s in facts.segments] if facts is not None else []
    generic = generic_target(_generic_core(needs), image.ranges(), ram, vectors.best.initial_sp)
    return Detection(generic, "generic", True, candidates, needs, vectors)


def _against_rivals(best: Candidate, line: Line, others: list[tuple[Candidate, Line]]) -> str:
    """The confidence, less where another series fits as well: "likely" at most for one that resembles it or is close,
    "possible" at most for a stranger that fits equally."""
    order = ("clear", "likely", "possible", "weak")
    most = best.confidence
    for one, other in others:
        if one.series == best.series or best.score - one.score >= _LEAD:
            continue
        alike = other.model.resembles == best.series or line.model.resembles == one.series
        least = "likely" if alike or one.score < best.score else "possible"
        most = max(most, least, key=order.index)
    return most


def _example(part: PartModel) -> str:
    """The pattern itself stands for the part: nothing tells the package."""
    return part.pattern.upper()


def _generic_core(needs: CoreNeeds) -> str:
    """The plainest core that can run the image."""
    if needs.cpu and core_files()[needs.cpu].architecture == needs.architecture:
        return "cortex-m4f" if needs.cpu == "cortex-m4" and needs.fpu else needs.cpu
    if needs.fpu or needs.architecture == "armv7e-m":
        return "cortex-m33" if needs.architecture == "armv8-m.main" else "cortex-m4f" if needs.fpu else "cortex-m4"
    plain = {"armv6-m": "cortex-m0plus", "armv7-m": "cortex-m3", "armv8-m.base": "cortex-m23"}
    return plain.get(needs.architecture, "cortex-m33")


def _handlers(image: LoadImage, table: VectorCandidate) -> list[int]:
    words = (image.bytes_at(table.address + 4 * n, table.address + 4 * n + 4) for n in range(2, table.entries))
    values = {int.from_bytes(word, "little") for word in words}
    return sorted(value for value in values if value & 1 and image.covers(value & ~1, (value & ~1) + 2))


def _names(image: LoadImage, facts: ElfFacts | None) -> tuple[str, ...]:
    """Names of parts and series in source paths, symbols and texts, lower case."""
    texts: list[str] = []
    if facts is not None:
        texts += [unit.name for unit in facts.units] + [symbol.file for symbol in facts.functions] + list(facts.labels)
        texts += [symbol.name for symbol in (*facts.functions, *facts.objects)]
    for _, data in image.segments:
        texts += [found.group().decode("ascii") for found in _TEXT.finditer(data)]
    return tuple(sorted({name.lower() for text in texts for name in _NAME.findall(text)}))


@cache
def _blocks(file: str, name: str) -> tuple[tuple[int, int, str], ...]:
    line = next(one for one in all_lines() if (one.file, one.name) == (file, name))
    return tuple(
        sorted((block.base, block.base + block.size, which) for which, block in line.model.peripherals.items())
    )


@cache
def _known_pages() -> frozenset[int]:
    """The KiB of peripheral space in which any described MCU has a block."""
    return frozenset(
        page for line in all_lines() for low, high, _ in _blocks(line.file, line.name)
        for page in range(low >> 10, ((min(high, low + (1 << 16)) - 1) >> 10) + 1)
    )  # fmt: skip


def _score(line: Line, evidence: _Evidence) -> tuple[Candidate, Line, PartModel] | None:
    """None where the line cannot run the image or hold it."""
    core = core_files()[line.model.core.name]
    if not can_run(evidence.needs, core.architecture, line.model.core.fpu):
        return None
    part = _fitting(line, evidence)
    if part is None:
        return None
    hits, misses = _addresses(line, evidence.constants)
    reasons: list[str] = []
    total = len(hits) + misses
    share = len(hits) / total if total else 0.0
    # three blocks by chance are not rare: makers share the address map's rough layout
    weight = min(len(hits) / 6, 1.0)
    score = 0.55 * share * weight
    if hits:
        reasons.append(
            f"{len(hits)} of {total} blocks of registers that the code addresses are {line.model.series}'s "
            f"({', '.join(hits[:6])}{', ...' if len(hits) > 6 else ''})"
        )
    table, told = _table(line, evidence.vectors)
    score += 0.2 * table
    if told:
        reasons.append(told)
    named, told = _named(line, part, evidence.names)
    score += 0.25 * named
    if told:
        reasons.insert(0, told)
    stack, told = _stack(part, line, evidence.vectors)
    score += stack
    if told:
        reasons.append(told)
    if evidence.needs.architecture == core.architecture or evidence.needs.cpu == core.name:
        score += 0.03
        reasons.append(f"the code is of {ARCHITECTURE_NAMES[core.architecture]}")
    else:
        score *= _other_core(evidence.needs, core.architecture)
    if line.model.memories.flash.start > max(low for low, _ in evidence.image.ranges()):
        score *= 0.6  # linked for the place where the flash only shows
    if len(hits) < _FEWEST:
        score *= 0.3
    score = min(score / 0.95, 1.0)
    words = ((_CLEAR, "clear"), (_LIKELY, "likely"), (_POSSIBLE, "possible"))
    confidence = next((word for least, word in words if score >= least), "weak")
    model = line.model
    candidate = Candidate(
        model.vendor, model.series, line.title, part.pattern, round(score, 3), confidence, tuple(reasons)
    )
    return candidate, line, part


def _other_core(needs: CoreNeeds, architecture: str) -> float:
    """How likely an image is for a core that can do more than the image needs."""
    if needs.declared:
        return 0.3 if needs.architecture == "armv6-m" else 0.6
    if needs.followed < _ENOUGH:
        return 0.9
    return 0.3 if needs.architecture == "armv6-m" else 0.7 if architecture.startswith("armv8") else 1.0


def _fitting(line: Line, evidence: _Evidence) -> PartModel | None:
    """The part whose flash the image fits and whose RAM ends where the stack begins, else the smallest that fits."""
    start = line.model.memories.flash.start
    high = max((end for low, end in evidence.image.ranges() if start <= low < start + (64 << 20)), default=None)
    aliases = [alias.start for alias in line.model.memories.aliases if alias.of == "flash"]
    if high is None:
        linked = [end for low, end in evidence.image.ranges() if any(at <= low < at + (1 << 20) for at in aliases)]
        if not linked:
            return None
        high = max(linked) - aliases[0] + start
    ram = line.model.memories.ram.start
    rams = line.model.memories.rams
    places = [(memory.start, memory.start + memory.size) for memory in rams.values()]
    places += [(at.start, at.start + rams[at.of].size) for at in line.model.memories.aliases if at.of in rams]
    sp = evidence.vectors.initial_sp
    fitting = [
        part
        for part in sorted(line.parts, key=lambda one: (one.flash_size, one.ram_size))
        if high <= start + part.flash_size
        and (ram < sp <= ram + part.ram_size or any(low < sp <= end for low, end in places))
    ]
    exact = [part for part in fitting if sp == ram + part.ram_size]
    return next(iter(exact or fitting), None)


def _addresses(line: Line, constants: Mapping[int, int]) -> tuple[list[str], int]:
    """Blocks that the constants address, most often first, and how many KiB of registers it does not have."""
    counts: dict[str, int] = {}
    strangers: set[int] = set()
    blocks = _blocks(line.file, line.name)
    for address, times in constants.items():
        name = next((which for low, high, which in blocks if low <= address < high), None)
        if name is None:
            # an address, not a floating-point number, if some MCU has registers there or it is about 2.0
            if address < _CROWDED or address >> 10 in _known_pages():
                strangers.add(address >> 10)
        else:
            counts[name] = counts.get(name, 0) + times
    return sorted(counts, key=lambda one: (-counts[one], one)), len(strangers)


def _table(line: Line, table: VectorCandidate) -> tuple[float, str]:
    """How well the vectors that have a handler are the interrupts of the line."""
    ours = {16 + number for number in line.model.interrupts.values()}
    used = set(table.used)
    if not ours or not used:
        return 0.0, ""
    both, extra = len(ours & used), len(used - ours)
    share = both / len(ours | used)
    if share == 1.0:
        return 1.0, f"the vector table has exactly the {both} interrupts of this line"
    covered = 1.0 if extra == 0 else max(0.6 - 0.2 * extra, 0.0)
    told = f"{both} of {len(used)} vectors are interrupts of this line" if share > 0.8 else ""
    return 0.5 * share + 0.5 * covered, told


def _named(line: Line, part: PartModel, names: tuple[str, ...]) -> tuple[float, str]:
    """Names of the series ("stm32f1xx") or of the line's parts ("stm32f103xb") in the image."""
    series = line.model.series.lower()
    patterns = [one.pattern.lower() for one in line.parts]
    best, told = 0.0, ""
    for name in names:
        for pattern in patterns:
            common = _common(pattern, name)
            if common >= len(pattern) - 2 and common > len(series):
                value = 1.0 if pattern == part.pattern.lower() or common == len(pattern) else 0.9
                if value > best:
                    best, told = value, f"the image names {name}"
        if name.startswith(series) and best < 0.7:
            best, told = 0.7, f"the image names {name}"
    return best, told


def _common(pattern: str, name: str) -> int:
    """Length of the common start; "x" stands for any character, on both sides."""
    length = 0
    for ours, theirs in zip(pattern, name, strict=False):
        if ours != theirs and "x" not in (ours, theirs):
            break
        length += 1
    return length


def _stack(part: PartModel, line: Line, table: VectorCandidate) -> tuple[float, str]:
    if table.initial_sp == line.model.memories.ram.start + part.ram_size:
        return 0.07, f"the stack begins at the end of {part.ram_size // 1024} KiB of RAM"
    return 0.0, ""
