"""The scanner must agree with the standard reader about the structure, whatever the notation."""

import tomllib

import pytest

from swassess.submission.toml_lines import KeyLines

TEXT = '''\
# comment with [brackets] and "quotes"
top = 1
"quoted key" = "a # no comment"

[a.b]   # header
c.d = { e = 1, f = [1, 2, {g = "}"}] }
long = """
[not.a.table]
x = "y" \\""" still in
"""
literal = \'\'\'
[[nor.this]]\'\'\'
after = 5
[[list]]
x = 1
[list.inner]
y = 2
[[list]]
x = [
  "first", # comment
  [ 1,
    2 ],
]
[[list.deep]]
z = 1979-05-27 07:32:00
[[list.deep]]
z = 3
'''


def every_path(value, path=()):
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from every_path(child, (*path, key))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("a", "b"), 5),
        (("a", "b", "c", "d", "f", 2, "g"), 6),
        (("a", "b", "long"), 7),
        (("a", "b", "after"), 13),
        (("list", 0), 14),
        (("list", 0, "inner", "y"), 17),
        (("list", 1), 18),
        (("list", 1, "x", 0), 20),
        (("list", 1, "x", 1, 1), 22),
        (("list", 1, "deep", 0, "z"), 25),
        (("list", 1, "deep", 1, "z"), 27),
        (("list", 1, "lacking"), 18),
        (("nowhere", 3), 1),
    ],
)
def test_lines(path, line):
    assert KeyLines(TEXT).line(path) == line


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n")])
def test_every_key_of_the_parsed_file_has_a_line_of_its_own(text):
    lines = KeyLines(text)
    for path in every_path(tomllib.loads(text)):
        key = path[-1]
        line = text.split("\n")[lines.line(path) - 1]
        if isinstance(key, str) and path != ("a",):
            assert key in line, path


def test_quotes_at_the_end_of_a_long_string():
    assert KeyLines('a = """x"""""\nb = 1\n').line(("b",)) == 2


def test_escapes_in_a_key():
    assert KeyLines('z = 1\n"a\\u0041\\"" = 1\n').line(('aA"',)) == 2
