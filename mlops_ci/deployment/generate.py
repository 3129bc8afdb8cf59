"""Write the JSON Schema of a ledger's entry: `python -m mlops_ci.deployment.generate`.

It comes from the class that reads entries, and is in the wheel, for programs that read ledgers without us.
"""

import json
from pathlib import Path

from mlops_ci.deployment.ledger import Entry

PATH = Path(__file__).resolve().with_name("entry.schema.json")


def text() -> str:
    """The file's text."""
    schema = Entry.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


def main() -> None:
    """Write it."""
    PATH.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
