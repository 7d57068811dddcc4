"""The JSON Schema of evaluation.json, derived from the dataclasses; committed as schemas/evaluation.schema.json.

Write it anew after a change of the model: python -m swassess.report.evaluation_schema schemas/evaluation.schema.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from swassess.report.evaluation_json import SCHEMA_VERSION, adapter


def evaluation_schema() -> dict[str, Any]:
    """The schema as a dictionary. Every field is required and no other is allowed: it describes what is written."""
    schema = adapter().json_schema(mode="serialization")
    for definition in (schema, *schema.get("$defs", {}).values()):
        if definition.get("type") == "object":
            for name in definition["properties"].values():
                name.pop("default", None)
            definition["required"] = list(definition["properties"])
            definition["additionalProperties"] = False
    schema["properties"] = {"schema_version": {"const": SCHEMA_VERSION, "type": "string"}, **schema["properties"]}
    schema["required"] = list(schema["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"swassess evaluation, version {SCHEMA_VERSION}",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def schema_text() -> str:
    """The schema as committed: sorted keys, two spaces, a final newline."""
    return json.dumps(evaluation_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8", newline="\n")
