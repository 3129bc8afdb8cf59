"""Write what is generated from the schema: `python -m mlops_ci.config.generate`, in this project's own work tree."""

import json
from pathlib import Path

from mlops_ci.config.json_schema import json_schema
from mlops_ci.config.reference import MARK, reference

SCHEMA_FILE = Path(__file__).with_name("schema.json")


def schema_text() -> str:
    """What schema.json has to hold."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def reference_text(present: str) -> str:
    """What docs/configuration.md has to hold: its introduction as it is, and the tables anew."""
    introduction = present.partition(MARK)[0]
    return f"{introduction}{MARK}\n\n{reference()}"


def write(root: Path) -> None:
    """Write both files. `root`: the folder of this project's work tree, where docs/ is."""
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    page = root / "docs" / "configuration.md"
    page.write_text(reference_text(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write(Path.cwd())
