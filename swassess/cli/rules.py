"""`swassess rules`: lists the table and its rules, or explains one of them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from swassess.rules.catalogue_rows import TableRow
    from swassess.rules.registry import RuleInfo


def rules(
    identity: Annotated[
        str, typer.Argument(metavar="[ID]", help="A row such as 4.2 or a rule such as R4.2-RANGE.", show_default=False)
    ] = "",
) -> int:
    """List the rows of the table and the rules, or explain one of them."""
    from swassess.errors import UsageError
    from swassess.report.console import make_console
    from swassess.rules.catalogue_rows import table_rows
    from swassess.rules.registry import rules as all_rules

    rows, infos = table_rows(), all_rules()
    console = make_console()
    wanted = identity.strip()
    if not wanted:
        _list(rows, infos, console)
        return 0
    row = next((row for row in rows if row.id.lower() == wanted.lower()), None)
    info = next((info for info in infos if info.id.lower() == wanted.lower()), None)
    if row is not None:
        _explain_row(row, [info for info in infos if info.row == row.id], console)
    elif info is not None:
        _explain_rule(info, console)
    else:
        raise UsageError(_unknown(wanted, [*(row.id for row in rows), *(info.id for info in infos)]))
    return 0


def _unknown(wanted: str, known: list[str]) -> str:
    from swassess.report.formatting import clean
    from swassess.submission.problems import nearest

    close = nearest(wanted, known)
    hint = f"did you mean '{close}'?" if close else "`swassess rules` lists them"
    return f"there is no row or rule {clean(wanted)[:60]!r}; {hint}"


def _list(rows: "tuple[TableRow, ...]", infos: "tuple[RuleInfo, ...]", console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("row", no_wrap=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    for row in rows:
        state = "" if row.evaluated else "  (not evaluated yet)"
        title = f"{row.component.en} {row.component.zh}{state}"
        table.add_row(Text(row.id, style="bold"), "", "", Text(title, style="bold" if row.evaluated else "dim"))
        for info in infos:
            if info.row == row.id:
                table.add_row("", Text(info.id), Text(info.severity), Text(info.title.en))
    console.print(table)
    console.print()
    console.print(Text("`swassess rules ID` explains a row or a rule: what it proves, what not, how to mend."))


def _explain_row(row: "TableRow", infos: "list[RuleInfo]", console: "Console") -> None:
    from rich.text import Text

    console.print(Text(f"Row {row.id}  {row.component.en}  {row.component.zh}", style="bold"))
    if not row.evaluated:
        _paragraph(console, "Not shown", f"this version gives no verdict: {row.missing}")
    for name, entry in sorted(row.classes.items()):
        console.print()
        _paragraph(console, f"Table {name}", entry.fault)
        for measure in entry.measures:
            _paragraph(console, "  accepted", f"{measure.technique} ({', '.join(measure.clauses)})")
        _paragraph(console, "  conforms if", entry.criteria)
    notes = (("Practice", row.practice), ("Disagreement", row.disagreement), ("Note", row.note))
    for label, text in notes:
        if text:
            console.print()
            _paragraph(console, label, text)
    if infos:
        console.print()
        for info in infos:
            _paragraph(console, "Rule", f"{info.id}: {info.title.en}")


def _explain_rule(info: "RuleInfo", console: "Console") -> None:
    from rich.text import Text

    console.print(Text(f"{info.id}  {info.title.en}  {info.title.zh}", style="bold"))
    severity = info.severity + (" (nonconformity under the profile strict)" if info.strict else "")
    _paragraph(console, "Row", info.row)
    _paragraph(console, "Severity", severity)
    _paragraph(console, "Proves", info.proves)
    _paragraph(console, "Proves not", info.does_not_prove)
    _paragraph(console, "Remedy", info.remedy)


def _paragraph(console: "Console", label: str, text: str) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=13)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style="dim"), Text(" ".join(text.split())))
    console.print(grid)
