"""The JSON Schema of submission.toml for editors.

Written anew by `python -m swassess.submission.schema > schemas/submission.schema.json`.
"""

import json
import sys

from swassess.submission.manifest_models import json_schema


def schema_text() -> str:
    """The schema as it is committed: indented, keys in the models' order, one newline at the end."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(schema_text())
