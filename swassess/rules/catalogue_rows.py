"""The rows of Tables R.1 and R.2 as data: checks/annex_r/<row>-<slug>.yaml."""

from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from swassess.catalogue import CatalogueModel, Title, data_folder, load_models
from swassess.errors import CatalogueError

SoftwareClass = Literal["R.1", "R.2"]


class AcceptedMeasure(CatalogueModel):
    """One alternative of a row."""

    technique: str = Field(min_length=1)
    clauses: list[str] = Field(min_length=1)


class RowClass(CatalogueModel):
    """What a row asks for one class. criteria: when it conforms, as printed beside the verdict."""

    fault: str = Field(min_length=1)
    measures: list[AcceptedMeasure] = Field(min_length=1)
    criteria: str = Field(min_length=1)
    source: str = Field(min_length=1)


class TableRow(CatalogueModel):
    """One row. evaluated: whether this version can give a verdict; if not, `missing` says what it would need."""

    id: str = Field(pattern=r"^[1-9](\.[1-9])*[ab]?$")
    component: Title
    evaluated: bool
    missing: str = ""
    classes: dict[SoftwareClass, RowClass]
    practice: str = ""
    disagreement: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _says_what_is_missing(self) -> "TableRow":
        if self.evaluated == bool(self.missing):
            raise ValueError("give `missing` exactly for rows that are not evaluated")
        return self


@cache
def table_rows() -> tuple[TableRow, ...]:
    """All rows in the order of the table. CatalogueError for a malformed file or a name that differs from its id."""
    found: dict[str, TableRow] = {}
    for path, row in load_models(data_folder("checks") / "annex_r", TableRow, "[0-9]*.yaml"):
        if path.name.partition("-")[0] != row.id:
            raise CatalogueError(f"{path}: the file's name does not begin with its row {row.id}")
        if row.id in found:
            raise CatalogueError(f"{path}: row {row.id} is defined twice")
        found[row.id] = row
    return tuple(found[key] for key in sorted(found))


def table_row(identity: str) -> TableRow:
    """The row of that id; CatalogueError when the table has none."""
    for row in table_rows():
        if row.id == identity:
            return row
    raise CatalogueError(f"the table has no row '{identity}'; known are {', '.join(row.id for row in table_rows())}")
