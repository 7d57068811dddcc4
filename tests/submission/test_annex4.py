import pytest

from swassess.catalogue import annex4_items
from swassess.model.finding import Severity
from swassess.submission.annex4 import judge_documents
from swassess.submission.intake import open_submission


@pytest.fixture
def judge(submission_folder, tmp_path):
    def run():
        with open_submission(submission_folder, tmp_path / "work") as submission:
            items, findings = judge_documents(submission)
        return {item.id: item for item in items}, findings

    return run


def about(findings, item_id):
    return [finding for finding in findings if finding.rule == item_id]


def test_every_item_is_judged_in_the_order_of_the_annex(judge):
    items, _ = judge()
    assert list(items) == [item.id for item in annex4_items()]
    assert all(item.title_zh and item.title_en and item.for_the_assessor for item in items.values())


def test_present_absent_and_not_applicable(judge):
    items, findings = judge()
    assert (items["A4-1.1"].status, items["A4-1.1"].files) == ("present", ("doc/guide.md",))
    assert items["A4-3.1"].files == items["A4-3.2"].files == ("doc/circuit.md",)
    assert items["A4-3.3"].status == "absent"
    assert (items["A4-6.4"].status, items["A4-6.4"].reason) == ("not_applicable", "type test follows")
    (finding,) = about(findings, "A4-3.3")
    assert (finding.severity, finding.subject) == (Severity.NONCONFORMITY, "A4-3.3")
    assert '[[document]] with item = "A4-3.3"' in finding.message
    assert not about(findings, "A4-6.4")
    assert not about(findings, "A4-1.1")
    absent = {item.id for item in items.values() if item.status == "absent"}
    assert absent == {finding.rule for finding in findings if "is missing" in finding.message}


def test_what_the_manifest_and_the_sources_show_by_themselves(judge):
    items, findings = judge()
    assert items["A4-2.5"].files == items["A4-2.6"].files == items["A4-5.2"].files == ("submission.toml",)
    assert items["A4-5.3"].files == ("src/main.c",)
    assert items["A4-5.4"].files == ("src/safety/flash.c",)
    assert items["A4-5.5"].files == ("src/safety/flash.h",)
    assert items["A4-6.1.3"].files == ("submission.toml",)
    assert not [finding for finding in findings if finding.rule in ("A4-5.3", "A4-5.4")]


@pytest.mark.parametrize(
    ("item_id", "old", "new"),
    [
        ("A4-2.5", 'switches = ["-O2", "-mcpu=cortex-m3"]', "switches = []"),
        ("A4-2.6", 'linker_switches = ["-T", "device.ld"]', ""),
        ("A4-5.2", 'safety = ["src/safety/*.c"]\napplication = ["src/**/*.c"]', ""),
        ("A4-5.3", 'application = ["src/**/*.c"]', ""),
        ("A4-5.4", 'safety = ["src/safety/*.c"]', ""),
        ("A4-6.1.3", 'emulator = "1 unit"', "emulator = 0"),
    ],
)
def test_what_is_not_declared_is_absent(judge, edit, item_id, old, new):
    edit(old, new)
    items, findings = judge()
    assert items[item_id].status == "absent"
    assert [finding.severity for finding in about(findings, item_id)] == [Severity.NONCONFORMITY]


def test_no_header_files(judge, submission_folder):
    (submission_folder / "src/safety/flash.h").unlink()
    assert judge()[0]["A4-5.5"].status == "absent"


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", "is empty"), (b"a\0", "is not readable"), (None, "is not in the submission")]
)
def test_a_paper_that_does_not_open_is_a_nonconformity(judge, submission_folder, content, expected):
    paper = submission_folder / "doc" / "guide.md"
    if content is None:
        paper.unlink()
    else:
        paper.write_bytes(content)
    items, findings = judge()
    assert items["A4-1.1"].status == "absent"
    broken = about(findings, "A4-1.1")
    assert expected in broken[0].message
    assert broken[0].places[0].file == "doc/guide.md"
    assert {finding.severity for finding in broken} == {Severity.NONCONFORMITY}


def test_an_item_excused_and_handed_in_is_a_remark(judge, edit):
    edit('item = "1"', 'item = ["1", "6.4"]')
    items, findings = judge()
    assert items["A4-6.4"].status == "present"
    assert [finding.severity for finding in about(findings, "A4-6.4")] == [Severity.REMARK]


def test_headers_without_fields_are_one_finding_with_the_files_as_evidence(judge, edit):
    edit(" * Version: 1.0\n", "", "src/safety/flash.c")
    edit(" * 编程员: Chen\n", "", "src/safety/flash.c")
    _, findings = judge()
    (finding,) = about(findings, "A4-5.4")
    assert finding.severity is Severity.NONCONFORMITY
    assert finding.evidence == ("src/safety/flash.c: no version, author",)
    assert (finding.places[0].file, finding.places[0].line) == ("src/safety/flash.c", 1)
    assert not about(findings, "A4-5.3")


def test_the_main_program_needs_its_header_too(judge, edit):
    edit(" * Company: Example Controls\n", "", "src/main.c")
    _, findings = judge()
    assert about(findings, "A4-5.3")[0].evidence == ("src/main.c: no company",)


def test_a_function_without_a_comment_is_a_remark(judge, edit):
    edit("/* Tests. */\n", "", "src/safety/flash.c")
    _, findings = judge()
    (finding,) = about(findings, "A4-5.4")
    assert finding.severity is Severity.REMARK
    assert finding.evidence == ("src/safety/flash.c:11: flash_test",)


def test_sources_in_the_common_chinese_encoding_are_read(judge, submission_folder):
    path = submission_folder / "src/safety/flash.c"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert not about(judge()[1], "A4-5.4")
    path.write_bytes(b"\0" + path.read_bytes())
    (finding,) = about(judge()[1], "A4-5.4")
    assert "cannot be read as text" in finding.message
