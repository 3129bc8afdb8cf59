"""A model as a skops file whose bytes depend on nothing but the model.

skops names arrays after addresses in memory and lets the archive carry the time of day. Both are taken out here: what
an object is called in the file follows from where it first appears, and every date is the oldest that zip knows.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import skops.io

SCHEMA = "schema.json"
OLDEST = (1980, 1, 1, 0, 0, 0)
UNIX = 3  # as the system that made the archive, wherever it is made
TRUSTED = [  # what the candidates need beyond the types that skops trusts by itself
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",  # follows the file's indices without a check
    "sklearn.utils.validation.check_array",
    "functools.partial",
]


def save(model: object, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(normalised(skops.io.dumps(model)))


def load(path: Path) -> Any:
    """The model. No code of the file runs, and one with types beyond those of the candidates is refused; still, read
    only models of this pipeline: a forged tree can crash the process."""
    return skops.io.load(path, trusted=TRUSTED)


def normalised(content: bytes) -> bytes:
    """The same skops archive with names by order of appearance, fixed dates and no compression."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read(SCHEMA))
        renamed: dict[str, str] = {}
        members = {SCHEMA: json.dumps(renumbered(schema, {}, renamed), indent=1).encode()}
        members |= {new: archive.read(old) for old, new in renamed.items()}
    return archived(members)


def renumbered(node: Any, ids: dict[int, int], files: dict[str, str]) -> Any:
    """A copy of the schema with small ids. `ids` and `files` (old to new) are filled on the way."""
    if isinstance(node, list):
        return [renumbered(item, ids, files) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: renumbered(value, ids, files) for key, value in node.items()}
    if "__id__" in node:
        copy["__id__"] = ids.setdefault(node["__id__"], len(ids))
    if "__loader__" in node and isinstance(node.get("file"), str):
        copy["file"] = files.setdefault(node["file"], f"{len(files)}{Path(node['file']).suffix}")
    return copy


def archived(members: dict[str, bytes]) -> bytes:
    """A zip archive of the members in their order, stored as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, OLDEST)
            entry.create_system = UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()
