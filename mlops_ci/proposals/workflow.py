"""The workflow file, written from what was seen."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from string import Template

from mlops_ci.proposals.remotes import access_to, variables_of
from mlops_ci.proposals.values import CHECK, Delivery, Remote, Seen

JOB_ON_MAIN = "mlops-ci / main"
"""The name of the job on pushes: the caller's, and the one in the called workflow."""
WRITING = "MAIN_"
"""What the names of secrets begin with that may write to a DVC remote."""
_SPECIAL = frozenset("*+?![]\\")
_TAGS = """    # A tag is a release, and goes to production. With several pipelines their tags are like `delays@v1.2.0`.
    tags: ["v*"]
"""
_READ = "rights to read are enough"
_WRITE = "it takes rights to write, so other secrets"


class _Percent(Template):
    """GitHub's expressions begin with `$`, so ours begin with `%`."""

    delimiter = "%"


def workflow_text(seen: Seen, *, version: str) -> str:
    """The file for a repository. version: of mlops-ci, which is the tag that is called."""
    note = "One variable a line, each masked. The comment's job gets none, a fork's pull request neither."
    credentials = _credentials(seen.remotes, rights=_READ, note=note, prefix="")
    return _filled("pull-request.yml", seen, version, check=CHECK, credentials="\n".join(credentials))


def main_text(seen: Seen, *, version: str) -> str:
    """The file for pushes to the default branch. No model is registered until its author says so."""
    note = "One variable a line, each masked. The check of a pull request does not get these."
    credentials = _credentials(seen.remotes, rights=_WRITE, note=note, prefix=WRITING)
    models = " ".join(seen.models) or "NAME"
    return _filled("main.yml", seen, version, job=JOB_ON_MAIN, models=models, credentials="\n".join(credentials))


def deliver_text(seen: Seen, delivery: Delivery, *, version: str) -> str:
    """The file that delivers what was merged, and what was tagged; or, by pull request, what was approved."""
    options = {"staging": delivery.staging, "production": delivery.production}
    if delivery.by_pull_request:
        options["promotion"] = "pull-request"
    return _of_delivery("deliver.yml", seen, delivery, version, options, tags="" if delivery.by_pull_request else _TAGS)


def rollback_text(seen: Seen, delivery: Delivery, *, version: str) -> str:
    """The file with which somebody goes back to what ran before."""
    needs_nobody = replace(seen, remotes=())
    return _of_delivery("rollback.yml", needs_nobody, delivery, version, {})


def run_text(seen: Seen, delivery: Delivery, *, version: str) -> str:
    """The file that runs what is deployed."""
    return _of_delivery("environment-run.yml", seen, delivery, version, {})


def _of_delivery(
    name: str, seen: Seen, delivery: Delivery, version: str, options: Mapping[str, str], **words: str
) -> str:
    note = "One variable a line, each masked. The check of a pull request does not get these."
    credentials = _credentials(seen.remotes, rights=_WRITE, note=note, prefix=WRITING)
    if delivery.own_host:
        options = {**options, "runs-on": "self-hosted # the host that has the environments"}
    given = {
        "rest": "\n".join((*(f"      {key}: {value}" for key, value in options.items()), *credentials)),
        "staging": delivery.staging, "production": delivery.production, "environments": ", ".join(delivery.names),
    }  # fmt: skip
    return _filled(name, seen, version, **given, **words)


def _filled(name: str, seen: Seen, version: str, **words: str) -> str:
    template = files("mlops_ci.proposals").joinpath(f"templates/{name}").read_text(encoding="utf-8")
    branch = json.dumps(branch_pattern(seen.branch), ensure_ascii=False)
    return _Percent(template).substitute(branch=branch, version=version, **words).rstrip("\n") + "\n"


def branch_pattern(branch: str) -> str:
    """The pattern that matches this branch.

    Special characters of GitHub's patterns are escaped. `*` stands for what a workflow file can't hold: bytes that are
    no text, invisible characters, and the `{{` of an expression.
    """
    signs = ("\\" + sign if sign in _SPECIAL else sign if sign.isprintable() else "*" for sign in branch)
    return "".join(signs).replace("${{", "$*{")


def _credentials(remotes: tuple[Remote, ...], *, rights: str, note: str, prefix: str) -> Iterator[str]:
    variables = variables_of(remotes)
    yield from _words(remotes, rights)
    if variables:
        yield "    secrets:"
        yield f"      # {note}"
        yield "      env: |"
        # In single quotes a value may have several lines, and hold any sign but these.
        yield from (f"        {name}='${{{{ secrets.{prefix}{name} }}}}'" for name in variables)


def _words(remotes: Iterable[Remote], rights: str) -> Iterator[str]:
    """Only schemes: names and addresses of remotes are the author's words, and change."""
    by_scheme = {remote.scheme: access_to(remote) for remote in remotes}
    with_variables = sorted(f"{scheme}://" for scheme, access in by_scheme.items() if access.variables)
    if with_variables:
        yield f"    # What the DVC remote ({', '.join(with_variables)}) is opened with; {rights}."
    for scheme in sorted(by_scheme):
        if by_scheme[scheme].files:
            yield f"    # The DVC remote is {scheme}://, whose credentials are no variables: this check can't open it."
            yield "    # As a step of a job of your own, after one that logs in, it can: docs/add-it.md of mlops-ci."
