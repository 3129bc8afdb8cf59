"""A package by what people call it: a beginning of its digest, or the commit, tag or branch that it was built from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlops_ci.core.names import nearest
from mlops_ci.core.paths import quoted, shown
from mlops_ci.errors import UsageError
from mlops_ci.packaging.records import PACKAGES, Named, Records, named_in

_HEADS, _TAGS, _PEELED = "refs/heads/", "refs/tags/", "^{}"
_NO_NAME = frozenset("*?[\\~^: \t\n")
_HEX = frozenset("0123456789abcdef")
_LEAST = 4  # digits
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A package. tag: the version under which it was asked for, as the remote has it; None: under another name."""

    named: Named
    tag: str | None = None


def find_package(text: str | None, records: Records) -> Found:
    """The package of this name; without one that of HEAD. Tags and branches count as the remote has them now.

    Raises UsageError where there is none, with what may have been meant, or several.
    """
    wanted = ("HEAD" if text is None else text).removeprefix("sha256:").removeprefix(_TAGS).removeprefix(_HEADS)
    if not wanted or wanted.startswith("-") or _NO_NAME & set(wanted):
        raise _none(text or "", (), ())
    refs = records.remote.refs(f"{PACKAGES}*", f"{_TAGS}*", f"{_HEADS}*")
    packages = named_in(refs)
    tag = refs.get(f"{_TAGS}{wanted}{_PEELED}") or refs.get(f"{_TAGS}{wanted}")
    commit = tag or refs.get(f"{_HEADS}{wanted}")
    if commit is None:
        commit, digests = _here(wanted, records), _digests(wanted, packages)
        if digests and not any(one.source == commit for one in packages):
            return Found(named=_of_digest(wanted, digests, packages, records))
    found = [one for one in packages if one.source == (commit or "")] or _sources(wanted, packages)
    if len({one.digest for one in found}) > 1 or len({one.source for one in found}) > 1:
        raise _several(wanted, found)
    if not found:
        raise _unbuilt(wanted, commit) if commit else _none(wanted, packages, refs)
    return Found(named=found[0], tag=wanted if tag else None)


def _digests(text: str, packages: Iterable[Named]) -> list[str]:
    values = sorted({one.digest.value for one in packages})
    return [value for value in values if value.startswith(text)] if _is_hex(text) else []


def _sources(text: str, packages: Iterable[Named]) -> list[Named]:
    """By the beginning of a commit that this clone does not have."""
    return [one for one in packages if one.source.startswith(text)] if _is_hex(text) else []


def _is_hex(text: str) -> bool:
    return len(text) >= _LEAST and set(text) <= _HEX


def _here(text: str, records: Records) -> str | None:
    """A commit as this clone names it: `HEAD`, its beginning, a branch. Raises UsageError for a tag of its own."""
    if text != "HEAD" and not _is_hex(text):
        if records.objects.resolve(f"{_TAGS}{text}") is not None:
            raise _only_here(text, records)
        text = f"{_HEADS}{text}"
    return records.objects.resolve(f"{text}^{{commit}}")


def _of_digest(text: str, digests: list[str], packages: Iterable[Named], records: Records) -> Named:
    """Of one package that was built from several commits: that of HEAD, else of the newest."""
    found = [one for one in packages if one.digest.value == digests[0]]
    if len(digests) > 1:
        raise _several(text, [one for one in packages if one.digest.value in digests])
    head = records.objects.resolve("HEAD^{commit}")
    here = next((one for one in found if one.source == head), None)
    if here is not None or len(found) == 1:
        return here or found[0]
    for one in found:
        records.bring(one)
    return max(found, key=lambda one: (records.objects.written(one.source), one.source))


def _unbuilt(text: str, commit: str) -> UsageError:
    of = "HEAD" if text == "HEAD" else shown(text)
    return UsageError.at(
        "MC-PKG-050", of, "no package was built from this commit", found=commit[:12],
        expected="a package in `refs/mlops-ci/packages` of the remote",
        do="build it: `mlops-ci package build`" if text == "HEAD"
        else f"build it: `git checkout {quoted(text)}`, then `mlops-ci package build`",
    )  # fmt: skip


def _only_here(text: str, records: Records) -> UsageError:
    return UsageError.at(
        "MC-PKG-053", shown(text), "only this clone has that tag", found="none of this name on the remote",
        expected="a tag that everybody sees", do=f"`git push {records.remote.name} {quoted(text)}`, then again",
    )  # fmt: skip


def _several(text: str, found: Iterable[Named]) -> UsageError:
    ones = [f"{one.digest.value[:16]} of {one.source[:12]}" for one in found]
    more = f", and {len(ones) - _SHOWN} more" if len(ones) > _SHOWN else ""
    return UsageError.at(
        "MC-PKG-051", shown(text), "several packages are called so", found=", ".join(ones[:_SHOWN]) + more,
        expected="one package", do="name more of its digest",
    )  # fmt: skip


def _none(text: str, packages: Iterable[Named], refs: Mapping[str, str] | tuple[()]) -> UsageError:
    names = [ref.removeprefix(_TAGS).removeprefix(_HEADS) for ref in refs if ref.startswith((_TAGS, _HEADS))]
    known = [name for name in names if not name.endswith(_PEELED)]
    digests = [value for one in packages for value in (one.digest.value[:12], one.source[:12])]
    meant = nearest(text, known) or nearest(text[:12], digests)
    return UsageError.at(
        "MC-PKG-052", shown(text) or "package", "there is no such package", found=shown(text) or "nothing",
        expected="the beginning of a package's digest, or a commit, tag or branch that one was built from",
        do=f"did you mean {shown(meant)}?" if meant else "`mlops-ci package show` shows that of HEAD",
    )  # fmt: skip
