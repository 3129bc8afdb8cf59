"""The workflow file, written from what was seen."""

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from string import Template

from mlops_ci.proposals.remotes import access_to, variables_of
from mlops_ci.proposals.values import CHECK, Remote, Seen

_SPECIAL = frozenset("*+?![]\\")


class _Percent(Template):
    """GitHub's expressions begin with `$`, so ours begin with `%`."""

    delimiter = "%"


def workflow_text(seen: Seen, *, version: str) -> str:
    """The file for a repository. version: of mlops-ci, which is the tag that is called."""
    template = files("mlops_ci.proposals").joinpath("templates/pull-request.yml").read_text(encoding="utf-8")
    text = _Percent(template).substitute(
        branch=json.dumps(branch_pattern(seen.branch), ensure_ascii=False),
        check=CHECK,
        version=version,
        credentials="\n".join(_credentials(seen.remotes)),
    )
    return text.rstrip("\n") + "\n"


def branch_pattern(branch: str) -> str:
    """The pattern that matches this branch.

    Special characters of GitHub's patterns are escaped. `*` stands for what a workflow file can't hold: bytes that are
    no text, invisible characters, and the `{{` of an expression.
    """
    signs = ("\\" + sign if sign in _SPECIAL else sign if sign.isprintable() else "*" for sign in branch)
    return "".join(signs).replace("${{", "$*{")


def _credentials(remotes: tuple[Remote, ...]) -> Iterator[str]:
    variables = variables_of(remotes)
    yield from _words(remotes)
    if variables:
        yield "    secrets:"
        yield "      # One variable a line, each masked. The comment's job gets none, a fork's pull request neither."
        yield "      env: |"
        # In single quotes a value may have several lines, and hold any sign but these.
        yield from (f"        {name}='${{{{ secrets.{name} }}}}'" for name in variables)


def _words(remotes: Iterable[Remote]) -> Iterator[str]:
    """Only schemes: names and addresses of remotes are the author's words, and change."""
    by_scheme = {remote.scheme: access_to(remote) for remote in remotes}
    with_variables = sorted(f"{scheme}://" for scheme, access in by_scheme.items() if access.variables)
    if with_variables:
        yield f"    # What the DVC remote ({', '.join(with_variables)}) is opened with; rights to read are enough."
    for scheme in sorted(by_scheme):
        if by_scheme[scheme].files:
            yield f"    # The DVC remote is {scheme}://, whose credentials are no variables: this check can't open it."
            yield "    # As a step of a job of your own, after one that logs in, it can: docs/add-it.md of mlops-ci."
