import tomllib
from pathlib import Path

import jsonschema
import pytest

from swassess.submission.manifest_models import json_schema
from swassess.submission.schema import schema_text

COMMITTED = Path(__file__).resolve().parents[2] / "schemas" / "submission.schema.json"


def test_the_committed_schema_is_the_models_own():
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: python -m swassess.submission.schema > schemas/submission.schema.json"
    )


def test_the_schema_accepts_a_correct_manifest(submission_folder):
    manifest = tomllib.loads((submission_folder / "submission.toml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(manifest, json_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("technique =", "tecnique ="),
        ('detection_time = "5s"', 'detection_time = "5"'),
        ('pin = "PB0"', 'pin = "PB16"'),
        ("clock_hz = 8000000", 'clock_hz = "8 MHz"'),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(submission_folder, edit, old, new):
    edit(old, new)
    manifest = tomllib.loads((submission_folder / "submission.toml").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest, json_schema(), jsonschema.Draft202012Validator)
