import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from swassess.errors import SubmissionError
from swassess.report.evaluation_json import from_json, to_json
from swassess.report.evaluation_schema import evaluation_schema, schema_text

from .sample import many_misses, sample_evaluation

SCHEMA = Path(__file__).parents[2] / "schemas" / "evaluation.schema.json"


def test_round_trip_gives_an_equal_evaluation() -> None:
    for evaluation in (sample_evaluation(), many_misses(80)):
        assert from_json(to_json(evaluation)) == evaluation


def test_text_is_the_same_twice_and_after_a_round_trip() -> None:
    text = to_json(sample_evaluation())
    assert text == to_json(sample_evaluation())
    assert text == to_json(from_json(text))


def test_times_are_integers_and_enums_are_their_values() -> None:
    document = json.loads(to_json(sample_evaluation()))
    assert document["schema_version"] == "1.0"
    ram = next(row for row in document["rows"] if row["row"] == "4.2")
    assert ram["verdict"] == "does_not_conform"
    assert ram["slowest"] == 7_214_000_000_000 and isinstance(ram["slowest"], int)
    assert ram["campaigns"][0]["misses"][0]["outcome"] == "dangerous"
    assert "滚筒洗衣机" in to_json(sample_evaluation())


def test_names_that_are_no_unicode_can_be_written_and_read() -> None:
    evaluation = replace(sample_evaluation(), product="disc \udcff")
    assert from_json(to_json(evaluation)).product == "disc ?"


def test_committed_schema_is_the_one_of_the_model() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: python -m swassess.report.evaluation_schema schemas/evaluation.schema.json"
    )


def test_sample_is_valid_and_the_schema_is_strict() -> None:
    schema = evaluation_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    document = json.loads(to_json(sample_evaluation()))
    assert list(validator.iter_errors(document)) == []
    for change in ({"schema_version": "2.0"}, {"seed": "1"}, {"extra": 1}):
        assert list(validator.iter_errors({**document, **change})), change
    del document["rows"][0]["campaigns"]
    assert list(validator.iter_errors(document))


def broken(**changes: object) -> str:
    return json.dumps({**json.loads(to_json(sample_evaluation())), **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "schema_version"),
        ("{}", "schema_version"),
        (broken(schema_version=1), "schema_version"),
        (broken(schema_version="2.0"), "'2.0'"),
        (broken(seed="7"), "at seed"),
        (broken(seed=True), "at seed"),
        (broken(rows=[{"row": "4.2"}]), "at rows.0."),
        (broken(product=None), "at product"),
        ('{"schema_version": "1.0"}', "at tool_version"),
    ],
)
def test_malformed_text_gives_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        from_json(text)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message and "swassess" in message


def test_fields_of_a_later_minor_version_are_ignored() -> None:
    assert from_json(broken(schema_version="1.1", news=[1])) == sample_evaluation()
