import pytest

from swassess.errors import SubmissionError
from swassess.model.declared import BusPeer
from swassess.submission.problems import Problems
from swassess.submission.scenario import read_scenario

NAME = "scenarios/ntc-open.toml"

SENSOR = """
[[peer]]
bus = "I2C1"
address = 0x48
registers = { 0x00 = [0x19, 0x80], 1 = "00" }
"""
FLASH = """
[[peer]]
bus = "SPI1"
select = "PA4"
[[peer.reply]]
request = "9f"
bytes = "EF 40 18"
"""


def read(folder):
    problems = Problems()
    scenario = read_scenario(folder, NAME, "ntc-open", "Sensor open", "abnormal", problems)
    problems.raise_if_any()
    return scenario


@pytest.fixture
def with_peers(submission_folder, edit):
    def add(text: str):
        edit("[[event]]", text + "[[event]]", NAME)
        return read(submission_folder)

    return add


def test_devices_are_read(with_peers) -> None:
    assert with_peers(SENSOR + FLASH).peers == (
        BusPeer("I2C1", 0x48, registers=((0, b"\x19\x80"), (1, b"\0"))),
        BusPeer("SPI1", select="PA4", replies=((b"\x9f", b"\xef\x40\x18"),)),
    )


def test_no_devices_is_the_rule(submission_folder) -> None:
    assert read(submission_folder).peers == ()


WRONG = {
    "address": ("0x48", "0x80", "address must be 127 or less"),
    "unknown key": ("address =", "adress =", "unknown key \"adress\" in [[peer]] number 1; did you mean 'address'?"),
    "register": ("0x00 =", "first =", 'must be a register\'s number from 0 to 0xFFFF, not "first"'),
    "bytes": ("[0x19, 0x80]", "[0x19, 0x180]", "must be bytes as pairs of hexadecimal digits"),
    "text of bytes": ('"00"', '"0"', "must be bytes as pairs of hexadecimal digits"),
    "empty register": ('"00"', '""', "at least 2"),
    "no address": ("address = 0x48", "", "[[peer]] number 1 is on an I2C bus and needs an address"),
    "address on SPI": ('"I2C1"', '"SPI1"', "is on an SPI bus, which has no addresses; name its select pin"),
    "address and pin": (
        "address = 0x48",
        'address = 0x48\nselect = "PA4"',
        "has both an address (I2C) and a select pin (SPI)",
    ),
    "register twice": ('1 = "00"', '0 = "00"', "gives a register twice"),
    "nothing to say": ('registers = { 0x00 = [0x19, 0x80], 1 = "00" }', "", "needs registers or a reply"),
    "no select": ('select = "PA4"', "", "needs a select pin: without one nothing tells where a request begins"),
    "select": ('"PA4"', '"CS"', 'must be a pin such as "PB0"'),
    "long request": ('"9f"', '"' + "00 " * 17 + '"', "has a request of more than 16 bytes"),
    "clash": ("[[event]]", SENSOR + "[[event]]", "another device on I2C1 has that address or select pin too"),
    "crowd": (
        "[[event]]",
        "".join(SENSOR.replace("0x48", str(n)) for n in range(8)) + "[[event]]",
        "I2C1 has more than 8 devices",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_each_fault_is_told(submission_folder, edit, kind: str) -> None:
    old, new, message = WRONG[kind]
    edit("[[event]]", SENSOR + FLASH + "[[event]]", NAME)
    edit(old, new, NAME)
    with pytest.raises(SubmissionError) as error:
        read(submission_folder)
    assert message in str(error.value) and "[[peer" in str(error.value)
