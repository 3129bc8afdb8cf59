"""What an image is built from: a folder of its own, with nothing in it but inputs, and the digest of them.

Dockerfile
lock/...      the lock, and what it includes, by their paths in the repository
wheels/       the component and those that it requires
<path>/...    the component's own folder; only for a Dockerfile of its own
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from mlops_ci.components.dockerfile import LOCK_FOLDER, dockerfile
from mlops_ci.components.find import Component
from mlops_ci.core.digests import Digest, digest_of_bytes, digest_of_json
from mlops_ci.core.findings import Place
from mlops_ci.core.paths import shown
from mlops_ci.errors import UsageError
from mlops_ci.runtime.copies import copy_files
from mlops_ci.runtime.pip_lock import PipLock
from mlops_ci.runtime.surroundings import Site

_RECIPE = 1  # raised when the same inputs would be built into something else
_NAMED_BY = 32
_TESTS = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedWheel:
    """A wheel whose bytes depend on what is in it only."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What images begin with. name: for FROM. pinned: the same as it is now, by the digest that could be had.

    platform: that it is for, like `linux/amd64`.
    """

    name: str
    pinned: str
    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All inputs of a component's image. wheels: its own first. own: whether the Dockerfile's text is its own."""

    component: Component
    text: str
    wheels: Sequence[PackedWheel]
    lock: PipLock
    base: Base
    own: bool = False

    @property
    def inputs(self) -> Digest:
        """The digest of them, of the component's tests too: an image is only pushed if they pass in it."""
        return digest_of_json(
            {
                "recipe": _RECIPE,
                "component": self.component.name,
                "dockerfile": str(digest_of_bytes(self.text.encode())),
                "tree": str(self.component.tree),
                "wheels": {one.name: str(digest_of_bytes(one.content)) for one in self.wheels},
                "lock": {shown(path): str(digest_of_bytes(text.encode())) for path, text in self.lock.files.items()},
                "base": self.base.pinned,
                "platform": self.base.platform,
            }
        )

    def image_name(self, registry: str) -> str:
        """`<registry>/<component>:<the digest's first 32 signs>`."""
        # A repository's name has no two separators in a row; the tag tells such components apart.
        repository = re.sub(r"[_-]{2,}", "-", self.component.name)
        return f"{registry}/{repository}:{self.inputs.value[:_NAMED_BY]}"

    def write(self, folder: Path, site: Site) -> None:
        """Lay it out. Raises ServiceError where files can't be copied."""
        texts = {PurePosixPath("Dockerfile"): self.text, **{LOCK_FOLDER / p: t for p, t in self.lock.files.items()}}
        contents = {path: text.encode() for path, text in texts.items()}
        contents |= {PurePosixPath("wheels", one.name): one.content for one in self.wheels}
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        if self.own:
            copy_files(site.root, self.component.files, folder)


def context_of(
    component: Component, *, own: PurePosixPath | None, wheels: Sequence[PackedWheel], lock: PipLock, base: Base,
    site: Site,
) -> Context:  # fmt: skip
    """The inputs of a component's image. own: its own Dockerfile, where it has one. Raises UsageError without it."""
    text = dockerfile(base=base.name, lock=lock) if own is None else _text_of(own, component, site)
    return Context(
        component=component, text=text, wheels=tuple(wheels), lock=lock, base=base, own=own is not None
    )  # fmt: skip


def _text_of(path: PurePosixPath, component: Component, site: Site) -> str:
    content = site.read(path)
    try:
        if content:
            return content.decode("utf-8")
        found = "an empty file" if content == b"" else "nothing"
    except UnicodeDecodeError as error:
        found = str(error)
    raise UsageError.at(
        "MC-COMP-041", component.name, "its own Dockerfile can't be read", place=Place(path=path), found=found,
        expected="a Dockerfile in UTF-8", do=f"mend it, or take `components.{component.name}.dockerfile` away",
    )  # fmt: skip


def without_shipped(component: Component, wheel: Mapping[str, bytes], site: Site) -> tuple[PurePosixPath, ...]:
    """A component's tests, and all else that its wheel does not hold: what is tested is what was installed.

    wheel: what it holds, by path.
    """
    return tuple(
        path
        for path in component.files
        if _TESTS.fullmatch(path.name) or not _is_shipped(path.relative_to(component.path), wheel, site.root / path)
    )


def _is_shipped(path: PurePosixPath, wheel: Mapping[str, bytes], file: Path) -> bool:
    tails = (str(PurePosixPath(*path.parts[start:])) for start in range(len(path.parts)))
    return any(wheel.get(tail) == file.read_bytes() for tail in tails if tail in wheel)
