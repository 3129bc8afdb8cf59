"""What `init` says last: what the next commit will do, and what has to be set on GitHub."""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_ci.config.schema import PipelineMode
from mlops_ci.core.paths import quoted, shown
from mlops_ci.proposals.remotes import access_to, variables_of
from mlops_ci.proposals.update import records_main
from mlops_ci.proposals.values import CHECK, DELIVER, MAIN, ROLLBACK, RUN, WORKFLOW, Plan, Remote, Seen, State
from mlops_ci.proposals.workflow import JOB_ON_MAIN, WRITING, branch_pattern

_MOST = 5
_BRANCH = "add-mlops-ci"
_COMMANDS = (
    "dvc repro", "dvc pull", "dvc push", "dvc exp run", "dvc metrics", "cml comment", "cml send-comment", "setup-cml",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A thing to know, under a word or two."""

    about: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """commit: commands, to be typed. expect: what then happens. settings: what has to be set on GitHub."""

    commit: tuple[str, ...]
    expect: tuple[Line, ...]
    settings: tuple[Line, ...]


def ending(seen: Seen, plan: Plan) -> Ending:
    """The end, for a plan that was not refused."""
    main = any(one.path == MAIN for one in plan.proposals)
    return Ending(
        commit=tuple(_commit(seen, plan)),
        expect=(*_expect(seen), *_on_main(seen, main=main), *_delivered(seen, plan)),
        settings=(
            *_settings(seen),
            *(_settings_for_main(seen) if main else ()),
            *(_settings_for_delivery(seen) if _delivers(plan) else ()),
        ),
    )


def _commit(seen: Seen, plan: Plan) -> Iterator[str]:
    """What is written now, and what an earlier `init` wrote and nobody has committed since."""
    waiting = (one.path for one in plan.proposals if one.state is State.SAME and one.path in seen.untracked)
    files = [*(one.path for one in plan.to_be_written), *waiting]
    if not files:
        return
    if seen.checked_out != _BRANCH:
        yield f"git switch --create {_BRANCH}"
    ignored = any(path in seen.ignored for path in files)
    paths = " ".join(map(quoted, (*files, *seen.uncommitted)))
    yield f"git add {'--force ' if ignored else ''}{paths}"
    yield 'git commit --message "Check pull requests with mlops-ci"'
    yield f"git push --set-upstream origin {_BRANCH}"


def _expect(seen: Seen) -> Iterator[Line]:
    yield Line(
        about="check",
        words=f"`{CHECK}` runs on that pull request and every other, in the merge queue, and on pushes to "
        f"{shown(seen.branch)}; the rest of the report is one comment, kept up to date",
    )
    if not seen.branch_known:
        words = f"the default branch is not known here, so `branches:` says {branch_pattern(seen.branch)}: mend it if"
        yield Line(about="branch", words=f"{words} GitHub has another one")
    yield from _pipeline(seen)
    yield from _python(seen)
    yield from _data(seen)
    yield from _committed(seen)
    yield from _others(seen)
    yield from _troubles(seen)


def _on_main(seen: Seen, *, main: bool) -> Iterator[Line]:
    """What happens on pushes; or, where nobody has that yet, how it is had."""
    branch = shown(seen.branch)
    if main:
        words = f"`{JOB_ON_MAIN}` runs on pushes to {branch}: it checks, pushes the bytes and records the run"
        yield Line(
            about="main",
            words=f"{words}; its job may write to the repository, and the step that runs stages gets no token",
        )
        yield Line(about="main", words=f"{shown(MAIN)} registers no model until you say which (`models:`)")
    elif not any(records_main(one.text) for one in seen.workflows):
        words = f"nothing is recorded of pushes to {branch}: `mlops-ci init --main` proposes a workflow that does"
        yield Line(about="main", words=words)


def _delivered(seen: Seen, plan: Plan) -> Iterator[Line]:
    """What happens with packages, where they are delivered."""
    to = seen.delivery
    if to is None or not _delivers(plan):
        return
    words = f"what is pushed to {shown(seen.branch)} is packaged, tried and delivered to {shown(to.staging)}"
    how = "the pull request that proposes it is merged" if to.by_pull_request else "a tag v* is pushed"
    yield Line(about="deliver", words=f"{words}; the same package goes to {shown(to.production)} when {how}")
    yield Line(
        about="deliver",
        words=f"{shown(ROLLBACK)} goes back, {shown(RUN)} runs what is deployed: on the page Actions, both by hand",
    )
    if to.own_host:
        yield Line(about="deliver", words="jobs run on `self-hosted` runners: the host that has the environments")


def _delivers(plan: Plan) -> bool:
    return any(one.path == DELIVER for one in plan.proposals)


def _pipeline(seen: Seen) -> Iterator[Line]:
    match seen.mode:
        case PipelineMode.VERIFY:
            does = "nothing is run; dvc.lock must be current"
            does += ", and the remote must hold what it names (`dvc push`)" if seen.remotes else ""
        case PipelineMode.OFF:
            does = "stages are neither run nor verified"
        case _:
            does = "stages that are out of date are run on the runner"
    yield Line(about="pipeline", words=f"{seen.mode}, because {seen.why_mode}: {does}")


def _python(seen: Seen) -> Iterator[Line]:
    for definition in seen.definitions[:_MOST]:
        source = seen.runtimes.get(definition)
        made = f"its stages run in a Python made from {source}" if source else (
            "no tracked lock file names its packages, so stages run in the runner's own Python: add a requirements.txt"
        )  # fmt: skip
        yield Line(about="python", words=f"{shown(definition)}: {made}")
    yield from _more("python", len(seen.definitions), "dvc.yaml files")


def _data(seen: Seen) -> Iterator[Line]:
    for remote in seen.remotes:
        yield Line(about="data", words=f"from the remote {shown(remote.name)}, {_reach(remote)}{_plug_in(remote)}")
        if remote.own_files:
            words = f"the remote {shown(remote.name)} names {', '.join(remote.own_files)}, which a runner does not have"
            yield Line(about="data", words=f"{words}: keep that in .dvc/config.local (`dvc remote modify --local`)")
    for root in seen.no_remote:
        where = shown(root / ".dvc/config")
        words = "names no default remote, so a runner can get no data that git does not hold"
        yield Line(about="data", words=f"{where} {words}: `dvc remote add --default NAME URL`, then `dvc push`")


def _reach(remote: Remote) -> str:
    if remote.scheme:
        return remote.shown
    return f"the folder {remote.shown}, which a runner of GitHub does not have: name a remote that it can reach"


def _plug_in(remote: Remote) -> str:
    access = access_to(remote)
    if access.broken:
        words = "can no longer be imported, so a runner can't open it: move the data to another remote"
        return f"; DVC's plug-in for {remote.scheme}:// {words}"
    extra = access.extra
    return f"; the action installs DVC's plug-in `{extra}`" if extra else ""


def _committed(seen: Seen) -> Iterator[Line]:
    for path in seen.uncommitted[:_MOST]:
        yield Line(about="commit", words=f"{shown(path)} is not in git yet: a runner sees only what is committed")
    if WORKFLOW in seen.ignored:
        yield Line(about="commit", words=f".gitignore hides {WORKFLOW}: `git add --force` takes it all the same")


def _others(seen: Seen) -> Iterator[Line]:
    for workflow in seen.workflows:
        does = [command for command in _COMMANDS if command in workflow.text]
        if does and workflow.path != WORKFLOW:
            words = f"{shown(workflow.path)} has {', '.join(f'`{one}`' for one in does)}, and stays as it is"
            yield Line(about="others", words=f"{words}; see after some pull requests whether you still need that")


def _troubles(seen: Seen) -> Iterator[Line]:
    for finding in seen.troubles[:_MOST]:
        yield Line(about="trouble", words=f"{finding.subject}: {finding.what} [{finding.code}]")
    if seen.troubles:
        yield Line(about="trouble", words="the first check will say so; see all of it now: `mlops-ci check`")


def _settings(seen: Seen) -> Iterator[Line]:
    yield Line(
        about="Actions > General",
        words="Actions are enabled; where only chosen ones are allowed: those of GitHub, and mlops-ci/*",
    )
    variables = variables_of(seen.remotes)
    if variables:
        words = f"the secrets {', '.join(variables)}; rights to read are enough"
        yield Line(about="Secrets and variables > Actions", words=words)
    yield from _files(seen.remotes)
    yield Line(
        about="Rules > Rulesets",
        words=f"require the status check `{CHECK}` (it can be chosen once it has run); a merge queue needs no more",
    )


def _settings_for_main(seen: Seen) -> Iterator[Line]:
    variables = [f"{WRITING}{name}" for name in variables_of(seen.remotes)]
    if variables:
        words = f"the secrets {', '.join(variables)}, with rights to read and write, for pushes alone"
        yield Line(about="Secrets and variables > Actions", words=words)
    yield Line(
        about="Rules > Rulesets", words="where one is about tags, let GitHub Actions create those like NAME@v1.0.0"
    )


def _settings_for_delivery(seen: Seen) -> Iterator[Line]:
    if seen.delivery is not None:
        names = ", ".join(map(shown, dict.fromkeys((seen.delivery.staging, seen.delivery.production))))
        yield Line(about="Environments", words=f"{names}: made when first used; required reviewers let deliveries in")
        if seen.delivery.by_pull_request:
            words = "let GitHub Actions create pull requests, or open those of promotions by hand"
            yield Line(about="Actions > General", words=words)


def _files(remotes: tuple[Remote, ...]) -> Iterator[Line]:
    for scheme in sorted({remote.scheme for remote in remotes if access_to(remote).files}):
        words = f"{scheme}:// takes no credentials from variables, so the workflow can't open the remote: let"
        yield Line(
            about="not enough", words=f"{words} actions/check be a step of a job of your own, see docs/add-it.md"
        )


def _more(about: str, count: int, noun: str) -> Iterator[Line]:
    if count > _MOST:
        yield Line(about=about, words=f"and {count - _MOST} more {noun}")
