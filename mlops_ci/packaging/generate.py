"""Write the JSON Schemas of a package's manifest.json and archive.json: `python -m mlops_ci.packaging.generate`.

They come from the classes that read these files, and are in the wheel, for programs that read packages without us.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from mlops_ci.packaging.manifest import Manifest
from mlops_ci.packaging.records import Archive

_ROOM = Path(__file__).resolve().parent


def schemas() -> Mapping[Path, str]:
    """Each file with its text."""
    kinds: Mapping[str, type[BaseModel]] = {"manifest": Manifest, "archive": Archive}
    return {_ROOM / f"{name}.schema.json": _text(kind.model_json_schema(mode="serialization"))
            for name, kind in kinds.items()}  # fmt: skip


def main() -> None:
    """Write them."""
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")


def _text(schema: Mapping[str, object]) -> str:
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    main()
