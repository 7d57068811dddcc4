"""Evidence in, verdicts out: every row of the table for the class of the product."""

from collections.abc import Callable

from swassess.model.evaluation import RowVerdict
from swassess.rules.catalogue_rows import table_row, table_rows
from swassess.rules.evidence import Evidence
from swassess.rules.flash import judge_flash
from swassess.rules.other_rows import judge_other
from swassess.rules.program_counter import judge_program_counter
from swassess.rules.ram import judge_ram

JUDGES: dict[str, Callable[[Evidence], RowVerdict]] = {
    "1.3": judge_program_counter,
    "4.1": judge_flash,
    "4.2": judge_ram,
}


def judge_row(evidence: Evidence, row: str) -> RowVerdict:
    """The verdict of one row; CatalogueError when the table has no such row."""
    entry = table_row(row)
    judge = JUDGES.get(row)
    return judge(evidence) if judge else judge_other(evidence, entry)


def judge_all(evidence: Evidence) -> tuple[RowVerdict, ...]:
    """The verdicts of all rows, in the order of the table."""
    return tuple(judge_row(evidence, row.id) for row in table_rows())
