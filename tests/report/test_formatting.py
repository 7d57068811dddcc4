import pytest

from swassess.model.declared import AddressRange
from swassess.model.finding import Place
from swassess.report.formatting import clean, format_command, format_place, format_range, format_slowest, format_ticks


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (1, "1 ps"),
        (999, "999 ps"),
        (1_000, "1 ns"),
        (41_000_000, "41 µs"),
        (12_345_678, "12.35 µs"),
        (212_000_000_000, "212 ms"),
        (999_960_000_000, "1 s"),
        (999_940_000_000, "999.9 ms"),
        (3_900_000_000_000, "3.9 s"),
        (10_000_000_000_000, "10 s"),
        (5_400_000_000_000_000, "5,400 s"),
        (-2_500_000_000, "-2.5 ms"),
    ],
)
def test_ticks(ticks: int | None, text: str) -> None:
    assert format_ticks(ticks) == text


def test_slowest_against_declared() -> None:
    assert format_slowest(None, None) == "–"
    assert format_slowest(None, 2_000_000_000_000) == "– / 2 s"


def test_ranges_show_the_last_address() -> None:
    assert format_range(AddressRange(0x20002300, 0x20002400)) == "0x20002300–0x200023FF"


def test_places() -> None:
    assert format_place(Place(file="a.c", line=3, address=0x10, symbol="f")) == "a.c:3 · f · 0x00000010"
    assert format_place(Place()) == ""


def test_a_quote_in_an_identity_cannot_leave_the_command() -> None:
    assert format_command("a'; rm -rf /") == "swassess inject SUBMISSION --fault 'a'\\''; rm -rf /'"


def test_controls_and_bidirectional_overrides_become_visible() -> None:
    assert clean("a\x1b[31m\u202egpj.exe\udcff") == "a\ufffd[31m\ufffdgpj.exe\ufffd"
    assert clean("two\nlines\t滚筒") == "two\nlines\t滚筒"
