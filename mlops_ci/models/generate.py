"""Write the JSON Schemas of run.json and model.json: `python -m mlops_ci.models.generate`.

They come from the classes that read these files, and are in the wheel, for programs that read records without us.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from mlops_ci.core.digests import Json
from mlops_ci.metadata.run_record import json_schema
from mlops_ci.models.model_record import ModelRecord

_ROOMS = Path(__file__).resolve().parents[1]


def schemas() -> Mapping[Path, str]:
    """Each file with its text."""
    return {
        _ROOMS / "metadata" / "run.schema.json": _text(json_schema()),
        _ROOMS / "models" / "model.schema.json": _text(ModelRecord.model_json_schema(mode="serialization")),
    }


def main() -> None:
    """Write them."""
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")


def _text(schema: Mapping[str, Json]) -> str:
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"


if __name__ == "__main__":
    main()
