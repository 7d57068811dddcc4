# ruff: noqa: E501  (one fault a line reads better than wrapped)
import time
from pathlib import Path

import pytest

from swassess.errors import SubmissionError
from swassess.model.declared import AddressRange, PinLevel
from swassess.submission.manifest import read_manifest


def message(folder: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_manifest(folder)
    return str(caught.value)


def test_a_correct_manifest_becomes_the_declaration(submission_folder):
    manifest = read_manifest(submission_folder)
    declared = manifest.declaration
    assert declared.product == "Thermostat"
    assert declared.flash == AddressRange(0x08000000, 0x08010000)
    assert declared.lsi_hz == (30000, 40000, 60000)
    assert declared.linker == "arm-none-eabi-ld 2.40"
    assert declared.modes == (("idle", 0), ("heat", 1))
    assert declared.safe_state == (PinLevel("PB0", 0),)
    (hazard,) = declared.hazards
    assert hazard.unsafe == (PinLevel("PB0", 1, ("idle",)),)
    assert hazard.time_to_hazard == 30 * 10**12
    (measure,) = declared.measures
    assert (measure.detection_time, measure.reaction_time) == (5 * 10**12, 10 * 10**9)
    assert measure.ranges == (AddressRange(0x08000000, 0x0800FFFC),)
    assert [oracle.reset for oracle in declared.oracles] == ["", "iwdg"]
    assert declared.check_values[0].value == 0x12345678
    assert [scenario.id for scenario in declared.scenarios] == ["cold", "ntc-open"]
    assert declared.scenarios[1].frames[0].data == bytes.fromhex("A501093C")


def test_patterns_become_files_and_safety_goes_before_application(submission_folder):
    declared = read_manifest(submission_folder).declaration
    assert declared.safety_sources == ("src/safety/flash.c",)
    assert declared.application_sources == ("src/main.c",)


def test_documents_and_excuses_are_resolved_to_items(submission_folder):
    manifest = read_manifest(submission_folder)
    assert [(item, path) for item, path, _ in manifest.documents] == [
        ("A4-1.1", "doc/guide.md"),
        ("A4-3.1", "doc/circuit.md"),
        ("A4-3.2", "doc/circuit.md"),
    ]
    assert manifest.not_applicable == (("6.2", "no bus"), ("A4-6.4", "type test follows"))


def test_a_whole_row_may_be_named_and_6_1_is_a_row_of_its_own(submission_folder, edit):
    edit('item = "1"', 'item = "6"')
    edit('item = ["A4-3.1", "3.2"]', 'item = "6.1"')
    found = {(item, path) for item, path, _ in read_manifest(submission_folder).documents}
    assert {item for item, path in found if path == "doc/guide.md"} == {"A4-6.2", "A4-6.3", "A4-6.4"}
    assert {item for item, path in found if path == "doc/circuit.md"} == {"A4-6.1.1", "A4-6.1.2", "A4-6.1.3"}


# (what is there, what is put in its place, what the message must say; {line} is the line of the change)
WRONG = {
    "unknown key": ("technique =", "tecnique =", "submission.toml:{line}: unknown key \"tecnique\" in [[measure]] \"M4.1\"; did you mean 'technique'?"),
    "unknown table": ("[[hazard]]", "[[hazzard]]", "{line}: unknown key \"hazzard\"; did you mean 'hazard'?"),
    "unknown key of an inline table": ("size = 65536", "lenght = 1, size = 65536", '{line}: unknown key "lenght" in [mcu]: flash; known here: size, start'),
    "key of another table": ('[samples]', 'technique = "x"\n[samples]', "it belongs in the table 'measure'"),
    "missing key": ('technique = "CRC"\n', "", "[[measure]] \"M4.1\" lacks the key 'technique'"),
    "missing table": ('[program]\nmain_loop = "main_loop_step"\n', "", "submission.toml:1: the file lacks the key 'program'"),
    "text for integer": ("clock_hz = 8000000", 'clock_hz = "8 MHz"', '{line}: [mcu]: clock_hz must be an integer, not a text ("8 MHz")'),
    "integer for text": ('name = "Thermostat"', "name = 7", "{line}: [product]: name must be a text that says something, not 7"),
    "boolean for integer": ("clock_hz = 8000000", "clock_hz = true", "{line}: [mcu]: clock_hz must be an integer, not true or false (true)"),
    "text for list": ('switches = ["-O2", "-mcpu=cortex-m3"]', 'switches = "-O2"', '{line}: [build]: switches must be a list, not a text ("-O2")'),
    "table for array of tables": ("[[oracle]]\nid = \"fail-safe\"", "[oracle]\nid = \"fail-safe\"", "submission.toml:"),
    "element of a list": ('"-mcpu=cortex-m3"', "3", "{line}: [build]: switches number 2 must be a text in quotes, not an integer (3)"),
    "choice": ('phase = "periodic"', 'phase = "sometimes"', '{line}: [[measure]] "M4.1": phase must be "startup", "periodic" or "concurrent", not a text ("sometimes")'),
    "class": ('software_class = "R.1"', 'software_class = "B"', '{line}: [product]: software_class must be "R.1" or "R.2", not a text ("B")'),
    "format": ("format = 1", "format = 2", "{line}: format must be 1, not an integer (2)"),
    "time without unit": ('detection_time = "5s"', 'detection_time = "5"', '{line}: [[measure]] "M4.1": detection_time must be a time with its unit such as "10ms" or "2s" (h, min, s, ms, us, ns), not "5"'),
    "time as number": ('detection_time = "5s"', "detection_time = 5", '{line}: [[measure]] "M4.1": detection_time must be a time with its unit such as "10ms" or "2s", not 5'),
    "no time at all": ('time_to_hazard = "30s"', 'time_to_hazard = "0ms"', "must be longer than nothing"),
    "negative time": ('reaction_time = "10ms"', 'reaction_time = "-1ms"', "reaction_time must be a time"),
    "endless time": ('reaction_time = "10ms"', 'reaction_time = "800h"', "is longer than 30 days"),
    "pin": ('pin = "PB0"', 'pin = "PB16"', '{line}: [[hazard]] "H1": unsafe number 1.pin must be a pin such as "PB0" (port A to K, number 0 to 15), not "PB16"'),
    "pin as key": ("pins = { PB0 = 0 }", "pins = { B0 = 0 }", '{line}: [safe_state]: pins has the key "B0": must be a pin such as "PB0"'),
    "level": ("level = 1", "level = 2", "unsafe number 1.level must be 0 or 1, not an integer (2)"),
    "address": ("ram = { start = 0x20000000", "ram = { start = -4", "ram.start must be 0 or more, not an integer (-4)"),
    "range upside down": ("ranges = [{ start = 0x08000000, end = 0x0800FFFC }]", "ranges = [{ start = 0x08000010, end = 0x08000000 }]", "{line}: [[measure]] \"M4.1\": ranges number 1 ends at 0x8000000, which is not above its start 0x8000010"),
    "oscillator": ("lsi_hz = [30000, 40000, 60000]", "lsi_hz = [40000, 30000]", "{line}: [mcu]: lsi_hz needs at least 3 entries, not 2"),
    "oscillator order": ("lsi_hz = [30000, 40000, 60000]", "lsi_hz = [40000, 30000, 60000]", "[mcu] gives lsi_hz out of order"),
    "check value too large": ('algorithm = "crc-32"', 'algorithm = "sum-16"', "does not fit sum-16"),
    "check value outside flash": ("end = 0x0800FFFC\nvalue", "end = 0x08010004\nvalue", 'check_value]] "flash" covers 0x8000000 to 0x8010004, not inside the flash'),
    "path upwards": ('path = "doc/guide.md"', 'path = "../guide.md"', "{line}: [[document]] \"../guide.md\": path names the path \"../guide.md\", which leaves the submission's folder"),
    "absolute path": ('path = "images/t1.bin"', 'path = "/etc/passwd"', "is absolute"),
    "drive": ('path = "images/t1.bin"', 'path = "C:/t1.bin"', "is absolute"),
    "backslash": ('path = "images/t1.bin"', "path = 'images\\t1.bin'", "write forward slashes"),
    "pattern upwards": ('"src/**/*.c"', '"../**/*.c"', "{line}: [sources]: application number 1 names the path"),
    "scenario upwards": ('path = "scenarios/cold.toml"', 'path = "../../cold.toml"', "leaves the submission's folder"),
    "scenario absent": ('path = "scenarios/cold.toml"', 'path = "scenarios/warm.toml"', '{line}: [[scenario]] "cold": there is no file scenarios/warm.toml'),
    "repeated id": ('id = "reset"', 'id = "fail-safe"', '{line}: [[oracle]] has the id "fail-safe" twice, first on line '),
    "repeated scenario": ('id = "cold"', 'id = "ntc-open"', '[[scenario]] has the id "ntc-open" twice'),
    "repeated image role": ("[[check_value]]", '[[image]]\nrole = "bin"\npath = "b.bin"\n[[check_value]]', '[[image]] has the role "bin" twice'),
    "unknown oracle": ('oracles = ["fail-safe", "reset"]', 'oracles = ["fail-saf", "reset"]', "{line}: [[measure]] \"M4.1\": oracles names the oracle \"fail-saf\", which is not declared; did you mean 'fail-safe'?"),
    "unknown measure": ('measures = ["M4.1"]', 'measures = ["M4.2"]', "{line}: [[hazard]] \"H1\": measures names the measure \"M4.2\", which is not declared; did you mean 'M4.1'?"),
    "unknown scenario": ('demanded_by = ["ntc-open"]', 'demanded_by = ["welded"]', 'demanded_by names the scenario "welded", which is not declared; known here: cold, ntc-open'),
    "demand by a normal mode": ('demanded_by = ["ntc-open"]', 'demanded_by = ["cold"]', 'names "cold", whose kind is not "abnormal"'),
    "unknown mode": ('modes = ["idle"]', 'modes = ["idel"]', "{line}: [[hazard]] \"H1\": unsafe number 1.modes names the mode \"idel\", which is not declared; did you mean 'idle'?"),
    "unknown row": ('row = "4.1"', 'row = "4.7"', '{line}: [[measure]] "M4.1": row: "4.7" is no row of Table R.1/R.2'),
    "unknown item": ('item = "1"', 'item = "5.22"', "\"5.22\" is no item of Annex 4; did you mean 'A4-5.2'?"),
    "unknown item in a list": ('item = ["A4-3.1", "3.2"]', 'item = ["A4-3.1", "9"]', '"9" is no item of Annex 4'),
    "two subjects": ('row = "6.2"', 'row = "6.2"\nitem = "1"', "needs exactly one of item (Annex 4) and row (Table R.1/R.2)"),
    "no reason": ('reason = "no bus"', 'reason = " "', "reason must be a text that says something"),
    "oracle of two kinds": ('reset = "iwdg"', 'reset = "iwdg"\nfunction = "f"', '[[oracle]] "reset" needs exactly one of function, expression and reset'),
    "hazard without a danger": ('unsafe = [\n  { pin = "PB0", level = 1, modes = ["idle"] },\n]\nunsafe_when = "temperature > 95"', "", "says neither unsafe"),
    "constant": ("HEATER = 1", "HEATER = 1.5", "{line}: [constants]: HEATER must be an integer, not a number (1.5)"),
    "constant's name": ("HEATER = 1", '"HEA TER" = 1', '[constants] has the key "HEA TER": must be a C identifier'),
    "sample": ("boards = 7", "boards = [7]", "{line}: [samples]: boards must be an integer or a text, not a list"),
    "date": ('name = "Thermostat"', "name = 2026-01-01", "not a date or time"),
    "huge integer": ("clock_hz = 8000000", "clock_hz = " + "9" * 400, "must be 10000000000 or less, not an integer (an integer of more than 64 bits)"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_told_with_file_and_line(submission_folder, edit, name):
    old, new, expected = WRONG[name]
    line = edit(old, new)
    text = message(submission_folder)
    assert expected.replace("{line}", str(line)) in text
    assert "submission.toml:" in text


def test_lines_count_through_arrays_of_tables_and_lists_over_several_lines(submission_folder, edit):
    line = edit(
        '{ pin = "PB0", level = 1, modes = ["idle"] },', '{ pin = "PB0", level = 1 },\n  { pin = "Q", level = 0 },'
    )
    assert f'submission.toml:{line + 1}: [[hazard]] "H1": unsafe number 2.pin' in message(submission_folder)


def test_all_problems_come_in_one_message_in_the_order_of_the_file(submission_folder, edit):
    edit('phase = "periodic"', "phase = 3")
    edit("clock_hz = 8000000", "clock_hz = 0")
    edit('measures = ["M4.1"]', 'measures = ["M9"]')
    edit('duration = "600ms"', 'duration = "long"', "scenarios/cold.toml")
    lines = message(submission_folder).splitlines()
    assert lines[0] == "the submission's description has 4 problems:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["submission.toml"] * 3 + ["scenarios/cold.toml"]
    numbers = [int(line.split(":")[1]) for line in lines[1:4]]
    assert numbers == sorted(numbers)


def test_no_more_than_ten_problems_are_printed(submission_folder, edit):
    edit("[constants]", "[constants]\n" + "\n".join(f'C{n} = "x"' for n in range(14)))
    lines = message(submission_folder).splitlines()
    assert lines[0].endswith("14 problems:")
    assert len(lines) == 12
    assert lines[-1] == "  and 4 more"


# (bytes of the manifest, what the message must say)
UNREADABLE = {
    "syntax": (b"format = 1\n[product\n", "submission.toml:2: not valid TOML: "),
    "end": (b"format = 1\nx = [1,\n", "submission.toml:2: not valid TOML: "),
    "twice": (b"format = 1\nformat = 2\n", "submission.toml:2: not valid TOML: cannot overwrite a value"),
    "gb 18030": ('format = 1\nname = "洗衣机"\n'.encode("gb18030"), "submission.toml:2: the file is not UTF-8 text"),
    "binary": (bytes(range(256)), "submission.toml:"),
    "utf-16": ("format = 1".encode("utf-16"), "is not UTF-8 text"),
    "nested": (b"x = " + b"[\n" * 5000, "tables are nested too deeply"),
    "nested and closed": (b"x = " + b"[" * 900 + b"]" * 900, "submission.toml"),
    "one line": (b"x." * 20_000 + b"y = 1", "submission.toml:1: the line has more than 4000 characters"),
    "too large": (b"#" * 79 * 1 + b"\n" + (b"#" * 79 + b"\n") * 3500, "too large for a description"),
    "empty": (b"", "lacks the key 'format'"),
    "invalid time": (b"x = 2026-13-45\n", "not valid TOML"),
}


def test_a_misspelt_key_is_one_problem_and_not_two(submission_folder, edit):
    line = edit("compiler_version =", "compiler_versoin =")
    text = message(submission_folder)
    assert (
        text == f"submission.toml:{line}: unknown key \"compiler_versoin\" in [build]; did you mean 'compiler_version'?"
    )


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_toml_is_refused_in_a_sentence(submission_folder, name):
    raw, expected = UNREADABLE[name]
    (submission_folder / "submission.toml").write_bytes(raw)
    assert expected in message(submission_folder)


def test_a_mark_of_utf_8_and_windows_line_ends_are_accepted(submission_folder, edit):
    path = submission_folder / "submission.toml"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_manifest(submission_folder).declaration.product == "Thermostat"
    path.write_bytes(path.read_bytes().replace(b"clock_hz = 8000000", b"clock_hz = 0"))
    line = text[: text.index("clock_hz")].count("\n") + 1
    assert f"submission.toml:{line}: [mcu]: clock_hz" in message(submission_folder)


def test_keys_of_very_many_parts_do_not_stall_the_reader(submission_folder):
    key = ".".join(["a"] * 1990)
    (submission_folder / "submission.toml").write_text("".join(f"{key}.b{n} = 1\n" for n in range(15)))
    start = time.process_time()
    assert "lacks the key 'format'" in message(submission_folder)
    assert time.process_time() - start < 5


def test_sources_without_a_file_are_kept_apart(submission_folder, edit):
    edit('safety = ["src/safety/*.c"]', 'safety = ["src/safety/*.c", "src/safety/*.S", "src/gone.c"]')
    manifest = read_manifest(submission_folder)
    assert manifest.unmatched == ("src/gone.c", "src/safety/*.S")
    assert manifest.declaration.safety_sources == ("src/safety/flash.c",)
