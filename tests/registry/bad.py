"""What can be wrong with names, tags, remotes and clones: each a change of a repository with one registered version."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.factories import git
from tests.registry.racing import CONFIG, MODEL, Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A command that has to fail with this exit code.

    spoil: what is done to the shared repository and the clone before.
    """

    name: str
    command: tuple[str, ...]
    exit: int
    spoil: Callable[[Ground, Path], object] = lambda of, root: None


def lightweight(of: Ground, _: Path) -> None:
    """A tag without an object of its own."""
    git(of.origin, "tag", f"{MODEL}@v1.0.5", f"{MODEL}@v1.0.0^{{commit}}")


def local_only(_: Ground, root: Path) -> None:
    """A tag that only this clone has, as `git tag` makes it."""
    git(root, "tag", "-a", "-m", "mine", f"{MODEL}@v7.0.0", "HEAD")


def renamed(of: Ground, _: Path) -> None:
    """A reference to the tag of another version."""
    git(of.origin, "update-ref", f"refs/tags/{MODEL}@v1.0.3", f"refs/tags/{MODEL}@v1.0.0")


def said(message: str, on: str = f"{MODEL}@v1.0.0^{{commit}}") -> Callable[[Ground, Path], object]:
    """A tag delays@v1.0.1 with this message on this commit."""
    return lambda of, _: git(of.origin, "tag", "-a", "-m", message, f"{MODEL}@v1.0.1", on)


def changed(on: str = f"{MODEL}@v1.0.0^{{commit}}", **fields: str) -> Callable[[Ground, Path], object]:
    """A tag delays@v1.0.1 with the record of v1.0.0, but for these fields."""

    def spoil(of: Ground, root: Path) -> None:
        record = of.record(of.tags()[f"{MODEL}@v1.0.0"], "model")
        said(json.dumps({**record, "version": "v1.0.1", **fields}), on)(of, root)

    return spoil


def refusing(of: Ground, _: Path) -> None:
    """A hook that lets nothing in."""
    hook = of.origin / "hooks/pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)


def without_object(of: Ground, _: Path) -> None:
    """A remote that names a tag whose object it has lost."""
    git(of.origin, "tag", "-a", "-m", "soon gone", f"{MODEL}@v1.0.1", f"{MODEL}@v1.0.0^{{commit}}")
    sha = git(of.origin, "rev-parse", f"{MODEL}@v1.0.1")
    git(of.origin, "pack-refs", "--all")  # so that it is named without being looked at
    (of.origin / "objects" / sha[:2] / sha[2:]).unlink()


def without_remote(_: Ground, root: Path) -> None:
    """A clone that has forgotten where it came from."""
    git(root, "remote", "remove", "origin")


def unborn(_: Ground, root: Path) -> None:
    """A branch without a commit."""
    git(root, "checkout", "-q", "--orphan", "new")


def edited(_: Ground, root: Path) -> None:
    """Data that has changed since the run."""
    (root / "data.txt").write_text("other\n")


def environments(_: Ground, root: Path) -> None:
    """An environment of the name of a stage."""
    (root / "mlops-ci.yaml").write_text(f"{CONFIG}environments: {{staging: {{target: local, root: /srv}}}}\n")


def _name(name: str, what: str) -> Case:
    return Case(name=f"name {what}", command=("model", "register", "--", name), exit=2)


CASES = (
    _name("../x", "that climbs"),
    _name("-x", "that looks like an option"),
    _name("a@b", "with the mark of versions"),
    _name("a#b", "with the mark of stages"),
    _name("Delays", "with capitals"),
    _name("\N{ROCKET}", "that is a picture"),
    _name("x" * 300, "without end"),
    _name("", "that is none"),
    Case(name="lightweight tag", command=("model", "show", f"{MODEL}@v1.0.5"), exit=2, spoil=lightweight),
    Case(name="local tag", command=("model", "show", f"{MODEL}@v7.0.0"), exit=2, spoil=local_only),
    Case(name="no such version", command=("model", "show", f"{MODEL}@v9.9.9"), exit=2),
    Case(name="no version", command=("model", "show", f"{MODEL}@7"), exit=2),
    Case(name="no such model", command=("model", "show", "other"), exit=2),
    Case(name="tag of another name", command=("model", "show", f"{MODEL}@v1.0.3"), exit=5, spoil=renamed),
    Case(
        name="tag on a commit without a record", command=("model", "show", f"{MODEL}@v1.0.1", "--verify"), exit=5,
        spoil=changed("main"),
    ),
    Case(
        name="tag on another's commit", command=("model", "show", f"{MODEL}@v1.0.1", "--verify"), exit=5,
        spoil=changed(),
    ),
    Case(name="message not JSON", command=("model", "show", f"{MODEL}@v1.0.1"), exit=5, spoil=said("hello")),
    Case(
        name="message of a newer version", command=("model", "show", f"{MODEL}@v1.0.1"), exit=2,
        spoil=changed(schema="2.0"),
    ),
    Case(
        name="message of another model", command=("model", "show", f"{MODEL}@v1.0.1"), exit=5,
        spoil=changed(name="other"),
    ),
    Case(
        name="message of another number", command=("model", "show", f"{MODEL}@v1.0.1"), exit=5,
        spoil=changed(version="v1.0.2"),
    ),
    Case(
        name="newest version not to be believed", command=("model", "register", MODEL), exit=5, spoil=said("hello"),
    ),
    Case(name="hook", command=("model", "register", MODEL), exit=4, spoil=refusing),
    Case(
        name="remote without the object", command=("model", "show", f"{MODEL}@v1.0.1"), exit=4,
        spoil=without_object,
    ),
    Case(name="no remote", command=("model", "list"), exit=2, spoil=without_remote),
    Case(name="unborn branch", command=("model", "register", MODEL), exit=2, spoil=unborn),
    Case(name="work tree changed", command=("run", "record"), exit=2, spoil=edited),
    Case(
        name="run of another repository", exit=2,
        command=("model", "register", MODEL, "--run", "20200101T000000Z-0123456789-0123456789ab"),
    ),
    Case(
        name="stage of an environment", command=("model", "assign", f"{MODEL}@v1.0.0", "staging"), exit=2,
        spoil=environments,
    ),
    Case(name="forced without a reason", command=("model", "register", MODEL, "--force"), exit=2),
)  # fmt: skip
