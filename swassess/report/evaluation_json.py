"""evaluation.json: the evaluation as text, the same bytes for the same evaluation, and back again."""

import dataclasses
import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from swassess.errors import SubmissionError
from swassess.model.evaluation import Evaluation

SCHEMA_VERSION = "1.0"


@cache
def adapter() -> TypeAdapter[Evaluation]:
    """The validator derived from the dataclasses; built once, on first use."""
    return TypeAdapter(Evaluation)


def to_json(evaluation: Evaluation) -> str:
    """The evaluation as JSON: fields in the order of the dataclasses, times as integer ticks, enums as their values.

    Names that are not Unicode (lone surrogates from a file system) are written with "?" in place of the bad character.
    """
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(evaluation)}
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def from_json(text: str) -> Evaluation:
    """The evaluation written by `to_json`. Fields that a later 1.x version added are ignored.

    Raises SubmissionError, naming the place, where the text is no evaluation of schema version 1.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            f"The evaluation is not JSON ({error}); write it anew with `swassess evaluate`."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("schema_version"), str):
        raise SubmissionError(
            'The text is no evaluation: it has no "schema_version"; use an evaluation.json of swassess.'
        )
    version = document["schema_version"]
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise SubmissionError(
            f"The evaluation has schema version {version!r}, this version of swassess reads {SCHEMA_VERSION}; "
            "write it anew with `swassess evaluate`."
        )
    try:
        return adapter().validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole text"
        raise SubmissionError(
            f"The evaluation is malformed at {place}: {first['msg']}; write it anew with `swassess evaluate`."
        ) from None
