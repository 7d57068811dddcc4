# ruff: noqa: E501  (one fault a line reads better than wrapped)
import pytest

from swassess.errors import SubmissionError
from swassess.model.declared import ScenarioEvent, Signal
from swassess.submission.problems import Problems
from swassess.submission.scenario import read_scenario

NAME = "scenarios/ntc-open.toml"


def read(folder):
    problems = Problems()
    scenario = read_scenario(folder, NAME, "ntc-open", "Sensor open", "abnormal", problems)
    problems.raise_if_any()
    return scenario


def test_a_correct_scenario(submission_folder):
    scenario = read(submission_folder)
    assert (scenario.duration, scenario.step) == (3 * 10**12, 10**9)
    assert scenario.variables == (("temperature", 25.0), ("ntc_open", 0.0))
    assert all(type(value) is float for _, value in scenario.variables)
    assert scenario.equations == ("temperature += PB0 ? 0.01 : 0",)
    assert scenario.digital == (("PB12", "PB0"),)
    assert scenario.analog == ((1, "ntc_open > 0 ? 4095 : 3000"),)
    assert scenario.signals == (Signal("PA0", "100"),)
    assert scenario.frames[0].data == b"\xa5\x01\x09\x3c"
    assert scenario.frames[0].baud == 9600
    assert scenario.events == (ScenarioEvent(2200 * 10**9, ("ntc_open = 1",)),)
    assert scenario.expected == "g_state == ST_FAULT"


def test_events_come_in_the_order_of_time(submission_folder, edit):
    edit("[[event]]", '[[event]]\nat = "2500ms"\nset = ["ntc_open = 0"]\n[[event]]', NAME)
    assert [event.ticks for event in read(submission_folder).events] == [2200 * 10**9, 2500 * 10**9]


WRONG = {
    "unknown key": ("duration =", "durations =", "{line}: unknown key \"durations\"; did you mean 'duration'?"),
    "key in the wrong table": ('[variables]', '[variables]\nstep = "1ms"', '[variables]: step must be a number, not a text ("1ms")'),
    "time": ('step = "1ms"', 'step = "1 tick"', "{line}: step must be a time with its unit"),
    "step zero": ('step = "1ms"', 'step = "0s"', "{line}: step must be longer than nothing"),
    "step too long": ('step = "1ms"', 'step = "4s"', "{line}: step is longer than duration"),
    "variable": ("temperature = 25.0", 'temperature = "warm"', '{line}: [variables]: temperature must be a number, not a text ("warm")'),
    "infinite": ("temperature = 25.0", "temperature = inf", "{line}: [variables]: temperature must be a finite number"),
    "variable named like a pin": ("ntc_open = 0", "ntc_open = 0\nPB0 = 1", '[variables] has the key "PB0": the name "PB0" already has a meaning'),
    "variable named like the time": ("ntc_open = 0", "ntc_open = 0\nt = 1", 'the name "t" already has a meaning'),
    "pin": ('PB12 = "PB0"', 'P12 = "PB0"', '[digital] has the key "P12": must be a pin'),
    "expression": ('PB12 = "PB0"', "PB12 = 1", "{line}: [digital]: PB12 must be a C expression written as a text, not 1"),
    "channel": ('"1" =', '"PA1" =', '[analog] has the key "PA1": must be an ADC channel from 0 to 31'),
    "channel twice": ('"1" =', '"01" = "5"\n"1" =', "the ADC channel 1 is given twice"),
    "bytes": ('"A5 01 09 3C"', '"A5 1 9"', '{line}: [[frame]] number 1: bytes must be bytes as pairs of hexadecimal digits'),
    "baud rate": ('port = "USART1"', 'port = "USART1"\nbaud = 9', "[[frame]] number 1: baud must be 50 or more"),
    "late frame": ('at = "200ms"', 'at = "4s"', "{line}: [[frame]] number 1 comes after the scenario's end"),
    "late event": ('at = "2200ms"', 'at = "1h"', "{line}: [[event]] number 1 comes after the scenario's end"),
    "event without assignments": ('set = ["ntc_open = 1"]', "set = []", "{line}: [[event]] number 1: set needs at least 1 entries, not 0"),
    "no assignment": ('set = ["ntc_open = 1"]', 'set = ["ntc_open == 1"]', "{line}: [[event]] number 1: set number 1 must be an assignment"),
    "unknown variable": ('set = ["ntc_open = 1"]', 'set = ["ntc_opne = 1"]', "sets \"ntc_opne\", which is not under [variables]; did you mean 'ntc_open'?"),
    "equation of an unknown variable": ('["temperature +=', '["temp +=', "{line}: equations number 1 sets \"temp\""),
    "pin driven twice": ('pin = "PA0"', 'pin = "PB12"', "{line}: [[signal]] number 1: the pin PB12 is driven twice"),
    "syntax": ("[variables]", "[variables", NAME + ":{line}: not valid TOML"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_told_with_file_and_line(submission_folder, edit, name):
    old, new, expected = WRONG[name]
    line = edit(old, new, NAME)
    with pytest.raises(SubmissionError) as caught:
        read(submission_folder)
    assert expected.replace("{line}", str(line)) in str(caught.value)
    assert f"{NAME}:" in str(caught.value)


def test_a_file_that_is_a_link_out_of_the_folder_is_not_read(submission_folder, tmp_path):
    (tmp_path / "secret.toml").write_text("secret = 1\n")
    (submission_folder / NAME).unlink()
    (submission_folder / NAME).symlink_to(tmp_path / "secret.toml")
    with pytest.raises(SubmissionError, match=r"is a link that leaves the submission's folder"):
        read(submission_folder)
