import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from swassess.model.evaluation import Evaluation, MemorySpan
from swassess.model.finding import Finding, Place, Severity
from swassess.report.html import render_html

from .sample import many_misses, sample_evaluation

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects text, tags and ids, and checks that every element is closed in order."""

    VOID = ("meta", "br", "col", "img", "link", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th", "br", "dt", "dd", "p", "li", "h3"):
            self.texts.append(" ")
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "xlink:href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


@pytest.fixture(scope="module")
def page() -> str:
    return render_html(sample_evaluation())


def hostile_evaluation() -> Evaluation:
    sample = sample_evaluation()
    finding = Finding("X", HOSTILE, Severity.REMARK, HOSTILE, (Place(HOSTILE, 1, 2, HOSTILE),), (HOSTILE,))
    row = next(row for row in sample.rows if row.row == "4.2")
    campaign = replace(row.campaigns[0], title=HOSTILE, basis=HOSTILE, key=HOSTILE)
    miss = replace(campaign.misses[0], fault=HOSTILE, mode=HOSTILE, reason=HOSTILE, detected_at=HOSTILE)
    span = MemorySpan(0x20000000, 0x20000800, "used", HOSTILE + " $x^2$")
    row = replace(
        row,
        reasons=(HOSTILE,),
        declared=(HOSTILE,),
        findings=(finding,),
        campaigns=(replace(campaign, misses=(miss,)),),
        memory_map=(span,),
    )
    run = sample.golden_runs[0]
    run = replace(run, scenario=HOSTILE, modes=((HOSTILE, 0, run.duration),), served=((HOSTILE, HOSTILE, 1, 1),))
    return replace(
        sample,
        product=HOSTILE,
        product_model=HOSTILE,
        manufacturer="\u202e" + HOSTILE,
        rows=(row,),
        findings=(finding,),
        golden_runs=(run,),
        catalogue=tuple(replace(entry, path=HOSTILE, note=HOSTILE) for entry in sample.catalogue),
        documents=tuple(replace(item, files=(HOSTILE,), reason=HOSTILE) for item in sample.documents),
        hazards=tuple(replace(hazard, title=HOSTILE, unsafe_when=HOSTILE) for hazard in sample.hazards),
        safety_functions=((HOSTILE, HOSTILE),),
        assumptions=(HOSTILE,),
    )


def test_hostile_names_stay_text() -> None:
    text = render_html(hostile_evaluation())
    reader = Reader(text)
    assert not {"script", "img", "iframe", "object"} & reader.tags
    assert not any(name.startswith("on") for name in reader.attributes)
    assert "<script" not in text and "\u202e" not in text
    assert reader.text.count("<script>alert('x')</script>") > 20


def test_same_evaluation_gives_the_same_bytes(page: str) -> None:
    assert render_html(sample_evaluation()).encode() == page.encode()


def test_nothing_comes_from_outside(page: str) -> None:
    reader = Reader(page)
    assert reader.links and all(link.startswith("#") for link in reader.links)
    assert "script" not in reader.tags and "@import" not in page
    assert "url(" not in page.replace("url(#", "")
    assert "default-src 'none'" in page


def test_ids_are_unique_and_links_lead_somewhere(page: str) -> None:
    reader = Reader(page)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links} <= set(reader.ids)


def test_sections_stand_in_order(page: str) -> None:
    wanted = ["hazards", "verdicts", "findings", "rows", "runs", "coverage", "documents", "files", "image", "sources"]
    found = re.findall(r'<section id="(\w+)">', page)
    assert found == [*wanted, "assumptions", "seeds"]


def test_rows_stand_in_the_order_of_the_table(page: str) -> None:
    anchors = re.findall(r'<section class="row[ a-z]*" id="row-([0-9.a]+)-R.1">', page)
    assert anchors == ["1.1", "1.3", "2", "3", "4.1", "4.2", "6.1", "6.3a", "7.1", "7.2.1"]


def test_what_an_assessor_looks_for_is_there(page: str) -> None:
    text = Reader(page).text
    for words in (
        "2 rows do not conform, 6 not shown, 1 conforms, 1 not applicable. 1 nonconformity of the submission itself.",
        "1b" * 32,
        "STM32F103C8",
        "可变存储器",
        "不符合",
        "未证明",
        "不适用",
        "符合",
        "safety/ram_test.c:118",
        "0x080012F4",
        "7.214 s / 10 s",
        "March C- (transparent",
        "0x20000000–0x200022FF, 0x20002400–0x20004FFF",
        "seeded sample: with 95 % confidence",
        "Missing 缺少 No campaign for row 7.1 exists in this version.",
        "swassess inject SUBMISSION --fault 'stuck-at-1@ram:0x20002310.3#reset?wash'",
        "1 of 4 peripheral registers is not modelled by hand: AFIO.MAPR",
        "not in compile_commands.json",
        "M-LOST is not declared",
        "no abnormal condition demands it",
        "uncertain by -33 % to +33 %",
        "docs/1-操作指南.md",
        "20260114",
        "first difference at 0x08004120",
    ):
        assert words in text, words


def test_coverage_tells_unreached_from_unknown(page: str) -> None:
    text = Reader(page).text
    assert "relay_check 0/9 0/9 7/9" in text
    assert "ram_step – – –" in text  # no run says anything about it: no claim either


def test_misses_up_to_fifty_are_all_listed() -> None:
    text = render_html(many_misses(50))
    assert text.count("--fault &#39;stuck-at-1@ram") == 50
    assert "misses are shown" not in text


def test_of_more_than_fifty_misses_the_rest_is_named() -> None:
    text = render_html(many_misses(53))
    assert text.count("--fault &#39;stuck-at-1@ram") == 50
    assert "50 of 53 misses are shown; all are in the store under" in text


def test_pictures_are_valid_svg(page: str) -> None:
    for text in (page, render_html(hostile_evaluation())):
        pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
        assert len(pictures) >= 3
        for picture in pictures:
            root = ElementTree.fromstring(picture)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert "<metadata" not in picture


def test_an_evaluation_of_nothing_says_so() -> None:
    empty = replace(
        sample_evaluation(),
        rows=(), hazards=(), golden_runs=(), image=None, sources=None, catalogue=(), documents=(), findings=(),
        assumptions=(), safety_functions=(),
    )  # fmt: skip
    text = Reader(render_html(empty)).text
    for words in (
        "0 rows do not conform, 0 not shown, 0 conform.",
        "No row was evaluated.",
        "The submission names no hazard.",
        "No golden run was made",
        "No image was read.",
        "No source was analysed.",
    ):
        assert words in text, words
