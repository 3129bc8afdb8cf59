"""The workflow file, written from what was seen."""

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from string import Template

from mlops_ci.proposals.remotes import access_to, variables_of
from mlops_ci.proposals.values import CHECK, Remote, Seen

_SPECIAL = frozenset("*+?![]\\")
_SETUP = ".github/actions/mlops-ci-setup"


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
        yield "      # One variable a line, each masked; the job that writes the comment gets none. In a pull request from a"
        yield "      # fork they are empty."
        yield "      env: |"
        yield from (f"        {name}=${{{{ secrets.{name} }}}}" for name in variables)


def _words(remotes: Iterable[Remote]) -> Iterator[str]:
    """Only schemes: names and addresses of remotes are the author's words, and change."""
    for scheme, access in sorted({remote.scheme: access_to(remote) for remote in remotes}.items()):
        if access.variables:
            yield f"    # The DVC remote is {scheme}://, and these are what it is opened with."
        elif access.files:
            yield f"    # The DVC remote is {scheme}://, whose credentials are no variables: an action of your own in"
            yield f"    # {_SETUP} runs before the check and can put them in place."
