"""A YAML file of DVC's, read strictly and within bounds, before DVC sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from mlops_ci.config.yaml import Document, read_yaml, read_yaml_texts
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.pipelines.preflight.worktree import WorkTree, placed

Key = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that parsed; an empty one holds no keys. `size`: bytes.

    Of dvc.yaml values have their types and places; of dvc.lock and .dvc files all is text, since a digest is no number.
    """

    path: PurePosixPath
    value: Mapping[str, object]
    size: int
    document: Document | None = None

    def place(self, *keys: Key) -> Place:
        """Where `keys` lead, or the nearest place above that is known."""
        if self.document is None:
            return placed(self.path)
        return replace(self.document.place(keys), path=placed(self.path).path)


def read_source(tree: WorkTree, path: PurePosixPath, *, texts: bool = False) -> Source | Finding:
    """The file as a mapping, or the finding that says why it is none. `texts`: all scalars as they are written."""
    content = tree.read(path, subject=shown(path))
    return content if isinstance(content, Finding) else parse(path, content, texts=texts)


def parse(path: PurePosixPath, content: bytes, *, texts: bool = False) -> Source | Finding:
    """The same for bytes that were read already."""
    try:
        if texts:
            return Source(path=path, value=read_yaml_texts(content, path), size=len(content))
        document = read_yaml(content, path)
    except UsageError as error:
        first, *more = error.findings
        others = f" (and {len(more)} more)" if more else ""
        place = replace(first.place, path=placed(path).path) if first.place else placed(path)
        return replace(first, subject=shown(path), found=first.found + others, place=place)
    return Source(path=path, value=document.value, size=len(content), document=document)


def mapping(value: object) -> Mapping[str, object]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """`value` if it is a sequence, else an empty one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
