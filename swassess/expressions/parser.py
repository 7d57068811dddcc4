"""From C text to pycparser's tree, with the limits that keep hostile text out before anything recursive sees it."""

import re

from pycparser import c_ast, c_parser

from swassess.errors import ExpressionError
from swassess.expressions.value_types import TYPEDEF_NAMES

MAX_CHARACTERS = 4000
MAX_BRACKETS = 40
MAX_WORD = 200
MAX_PREFIXES = 40
MAX_TREE_DEPTH = 80

# An expression contains none of these, so it cannot leave the function it is wrapped into. The parser itself would
# accept statements, a second function or a line directive.
_FORBIDDEN = re.compile(r"[{};#\"'\\@$`]|[^\x20-\x7e]|/\*|//")
_CHARACTER = re.compile(r"'(?:[^'\\]|\\[nrt0\\'])'")
_PREFIX_RUN = re.compile(rf"(?:[-+~!*&]\s*){{{MAX_PREFIXES + 1}}}")
_PREAMBLE = "".join(f"typedef int {name};" for name in TYPEDEF_NAMES)


def parse(source: str) -> c_ast.Node:
    """The tree of one C expression (or assignment); columns in it count from 1 in the trimmed text.

    Raises ExpressionError for anything else: empty text, statements, declarations, strings, text that is too long or
    too deeply nested.
    """
    text = re.sub(r"\s", " ", source).strip()
    _check_text(text)
    parser = c_parser.CParser()
    try:
        unit = parser.parse(f"{_PREAMBLE}\nint expression(void) {{ return\n{text}\n; }}", "")
    except c_parser.ParseError as error:
        raise ExpressionError(f"not a C expression{_where(str(error))}") from None
    except RecursionError:
        raise ExpressionError("nested too deeply, split it") from None
    tree = _only_return(unit)
    if tree is None:
        raise ExpressionError("not a single C expression")
    _check_depth(tree)
    return tree


def column(node: c_ast.Node) -> str:
    """Where a node begins, for messages; empty when unknown."""
    place = getattr(node, "coord", None)
    number = getattr(place, "column", None)
    return f" at column {number}" if number else ""


def _check_text(text: str) -> None:
    if not text:
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"longer than {MAX_CHARACTERS} characters, split it")
    # Character constants may hold a brace or a quote, so they are blanked out for the check.
    bare = _CHARACTER.sub(lambda found: "0" * len(found.group()), text)
    found = _FORBIDDEN.search(bare)
    if found:
        raise ExpressionError(
            f"{found.group()!r} at column {found.start() + 1} cannot stand in an expression "
            "(no statements, strings, comments or directives)"
        )
    if re.search(rf"[\w.]{{{MAX_WORD + 1}}}", bare):
        raise ExpressionError(f"a name or number is longer than {MAX_WORD} characters")
    depth = deepest = 0
    for character in bare:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_BRACKETS:
        raise ExpressionError(f"more than {MAX_BRACKETS} brackets inside one another, split it")
    # Prefix operators and casts nest without a closing bracket: a run of them is as deep as brackets are.
    if _PREFIX_RUN.search(re.sub(r"\([\w\s*]*\)", "-", bare)):
        raise ExpressionError(f"more than {MAX_PREFIXES} prefix operators in a row")


def _where(message: str) -> str:
    """The parser's complaint in the terms of the text alone (it stands on line 3 of what is parsed)."""
    found = re.match(r".*?:(\d+):(\d+): (before: )?(.*)", message)
    if not found:
        return ": something is missing beside an operator or bracket"
    if int(found[1]) > 3:
        return ": it ends too early"
    return f": unexpected {found[4]!r} at column {found[2]}" if found[3] else f": {found[4]} at column {found[2]}"


def _only_return(unit: c_ast.FileAST) -> c_ast.Node | None:
    if len(unit.ext) != len(TYPEDEF_NAMES) + 1 or not isinstance(unit.ext[-1], c_ast.FuncDef):
        return None
    items = unit.ext[-1].body.block_items or []
    if len(items) != 1 or not isinstance(items[0], c_ast.Return):
        return None
    return items[0].expr


def _check_depth(tree: c_ast.Node) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > MAX_TREE_DEPTH:
            raise ExpressionError(f"more than {MAX_TREE_DEPTH} operators deep, split it")
        level = [child for node in level for _, child in node.children()]
