"""Clones of one repository that register and record at once, and what a reader of the remote finds afterwards."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

from mlops_ci.config.load import read_config
from mlops_ci.core.verdicts import Verdict
from mlops_ci.gates.evidence import evidence_of
from mlops_ci.metadata.draft import draft_text
from mlops_ci.metadata.run_record import RunRecord
from tests.factories import commit_all, git, lay
from tests.integration.dvc_scratch import apart

MODEL = "delays"
_NOTHING: Mapping[str, str] = {}
PIPELINE = """stages:
  train: {cmd: cp data.txt model.bin && cp score.json metrics.json, deps: [data.txt, score.json], outs: [model.bin],
    metrics: [metrics.json: {cache: false}]}
"""
CONFIG = """datasets: {raw: {path: data.txt}}
models: {delays: {artifact: model.bin, metrics: metrics.json, gates: {floor: {metric: auc, min: 0.7}}}}
"""
IDENTITY = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
    ("NAME", "Racer"), ("EMAIL", "racer@example.com"))}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A bare repository that everybody shares, and the folder that is the DVC remote.

    settings: of git, in each clone.
    """

    folder: Path
    settings: tuple[str, ...] = ()

    @property
    def origin(self) -> Path:
        """The bare repository."""
        return self.folder / "origin.git"

    @property
    def remote(self) -> Path:
        """The DVC remote."""
        return self.folder / "remote"

    def tags(self) -> dict[str, str]:
        """Tags of versions with the commits that they name."""
        answer = git(
            self.origin, "for-each-ref", "--format=%(refname:strip=2) %(objecttype) %(*objectname)", "refs/tags"
        )
        return {line.split()[0]: line.split()[2] for line in answer.splitlines() if " tag " in line and "@v" in line}

    def runs(self) -> dict[str, str]:
        """Recorded runs with their commits."""
        answer = git(self.origin, "for-each-ref", "--format=%(refname:strip=3) %(objectname)", "refs/mlops-ci/runs")
        return dict(line.split() for line in answer.splitlines())

    def record(self, commit: str, name: str) -> dict[str, Any]:
        """A record in a commit."""
        found: dict[str, Any] = json.loads(git(self.origin, "show", f"{commit}:.mlops-ci/{name}.json"))
        return found


def ground(folder: Path) -> Ground:
    """A shared repository with a pipeline on main."""
    made = Ground(folder=folder)
    made.remote.mkdir(parents=True)
    git(folder, "init", "-q", "--template=", "--bare", "-b", "main", "origin.git")
    git(made.origin, "config", "http.receivepack", "true")
    work = folder / "work"
    config = "[core]\n    remote = store\n['remote \"store\"']\n    url = ../../remote\n"
    files = {
        ".dvc/config": config, ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n", "dvc.yaml": PIPELINE,
        "mlops-ci.yaml": CONFIG, "score.json": '{"auc": 0.8}\n', "data.txt": "first\n",
    }  # fmt: skip
    git(folder, "init", "-q", "--template=", "-b", "main", "work")
    lay(work, files)
    commit_all(work, "first")
    git(work, "push", "-q", str(made.origin), "main")
    return made


def clone(of: Ground, name: str, url: str, *, data: str, more: Mapping[str, str] = _NOTHING) -> Path:
    """A shallow clone with data of its own, committed and checked, so that there is a run to register.

    more: files that are committed with it, and that no stage reads.
    The first one of a ground is checked by the real command; the others are given what that would have written.
    """
    template = of.folder / "template"
    if not template.exists():
        _with_data(cloned(of, "template", f"file://{of.origin}"), "template")
        done = call(of, template, "check")
        assert done.returncode == 0, done.stdout + done.stderr
    root = shutil.copytree(_pristine(of, url), of.folder / name, symlinks=True)
    lay(root, more)
    if more:
        git(root, "add", "--", *more)
    _with_data(root, data)
    _checked_like(template, root)
    return root


def cloned(of: Ground, name: str, url: str) -> Path:
    """A shallow clone, as actions/checkout makes it."""
    settings = [word for one in of.settings for word in ("-c", one)]
    git(of.folder, *settings, "clone", "-q", "--template=", *settings, "--depth", "1", "--no-tags", url, name)
    return of.folder / name


def moved(of: Ground, to: Path) -> tuple[Ground, Path]:
    """A copy of all of it, with the addresses of remotes changed; and its `clone`."""
    shutil.copytree(of.folder, to, symlinks=True)
    for file in to.glob("*/.git/config"):
        file.write_text(file.read_text().replace(str(of.folder), str(to)))
    return Ground(folder=to), to / "clone"


def pointed(of: Ground, url: str) -> Path:
    """The `clone` of a ground, with its remote at another address."""
    git(of.folder / "clone", "remote", "set-url", "origin", url)
    return of.folder / "clone"


def _pristine(of: Ground, url: str) -> Path:
    """A clone by this address as nobody has changed it, made once for each commit of main."""
    name = f"pristine-{sha256(f'{url} {_head(of.origin)}'.encode()).hexdigest()[:12]}"
    return of.folder / name if (of.folder / name).exists() else cloned(of, name, url)


def _with_data(root: Path, data: str) -> None:
    (root / "data.txt").write_text(f"{data:<20}\n")
    git(root, "commit", "-qam", data)


def _checked_like(template: Path, root: Path) -> None:
    """What `check` leaves, from the one that was made: other data, so other digests, another commit, other evidence."""
    old, new = _md5(template / "data.txt"), _md5(root / "data.txt")
    for name in (".gitignore", "metrics.json"):
        shutil.copy2(template / name, root / name)
    shutil.copy2(root / "data.txt", root / "model.bin")
    (root / "dvc.lock").write_text((template / "dvc.lock").read_text().replace(old, new))
    cached = root / ".dvc/cache/files/md5" / new[:2] / new[2:]
    cached.parent.mkdir(parents=True)
    shutil.copy2(root / "data.txt", cached)
    draft = (template / ".mlops-ci/report/run.json").read_text().replace(old, new)
    for of in (_sha256_of_lock, _head):
        draft = draft.replace(of(template), of(root))
    record = json.loads(draft)
    model = read_config(CONFIG.encode()).config.models[MODEL]
    for one in record["gates"]:
        tool = record["tool"]["version"]
        one["evidence"] = str(
            evidence_of(model, model.gates["floor"], one["judged"], Verdict(one["verdict"]), tool=tool)
        )
    lay(
        root, {".mlops-ci/report/run.json": draft_text(RunRecord.model_validate(record)), ".mlops-ci/.gitignore": "*\n"}
    )


def _md5(file: Path) -> str:
    return md5(file.read_bytes(), usedforsecurity=False).hexdigest()


def _sha256_of_lock(root: Path) -> str:
    return sha256((root / "dvc.lock").read_bytes()).hexdigest()


def _head(root: Path) -> str:
    return git(root, "rev-parse", "HEAD")


def call(of: Ground, root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run mlops-ci in a clone, to its end."""
    return subprocess.run(
        command(*arguments), cwd=root, env=environment(root, **more), check=False, capture_output=True, text=True
    )


def program(root: Path, *arguments: str) -> str:
    """Another real program, beside our own; it has to end well."""
    command = [str(Path(sys.executable).with_name(arguments[0])), *arguments[1:]]
    done = subprocess.run(command, cwd=root, env=environment(root), check=True, capture_output=True, text=True)
    return done.stdout


def begin(of: Ground, root: Path, *arguments: str, **more: str) -> "subprocess.Popen[str]":
    """Start mlops-ci in a clone, in a process group of its own."""
    return subprocess.Popen(
        command(*arguments), cwd=root, env=environment(root, **more), text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def command(*arguments: str) -> list[str]:
    """The real program."""
    return [sys.executable, "-m", "mlops_ci", *arguments]


def environment(root: Path, **more: str) -> dict[str, str]:
    """What each process gets: nothing of this machine's own settings."""
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**os.environ, **apart(root), **IDENTITY, **quiet, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one racer ended. answer: what it said, None where it was killed or failed."""

    root: Path
    exit: int
    answer: dict[str, Any] | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A race. seconds: from the first start to the last end. cpu: seconds, of all racers with what they started."""

    outcomes: tuple[Outcome, ...]
    seconds: float
    cpu: float


def race(of: Ground, roots: Sequence[Path], *arguments: str, kill: int = 0, seed: int = 1, span: float = 4.0) -> Race:
    """All clones at once; `kill` of them are ended by SIGKILL within the first `span` seconds."""
    chance, start, used = random.Random(seed), time.monotonic(), _cpu()
    racers = [begin(of, root, *arguments) for root in roots]
    for at, racer in sorted(
        ((chance.uniform(0, span), one) for one in chance.sample(racers, kill)), key=lambda one: one[0]
    ):
        time.sleep(max(0.0, start + at - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(racer.pid, signal.SIGKILL)
    ended = [(root, racer, *racer.communicate()) for root, racer in zip(roots, racers, strict=True)]
    outcomes = [
        Outcome(root=root, exit=racer.returncode, answer=json.loads(out) if racer.returncode == 0 else None, said=said)
        for root, racer, out, said in ended
    ]
    return Race(outcomes=tuple(outcomes), seconds=time.monotonic() - start, cpu=_cpu() - used)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wrong_versions(of: Ground, outcomes: Iterable[Outcome]) -> list[str]:
    """What is wrong with what the remote has, read by plain git and by the bytes themselves."""
    told, tags = [one for one in outcomes if one.exit >= 0], of.tags()
    problems = [f"{one.root.name} failed: {one.said[-800:]}" for one in told if one.exit]
    said = [one.answer["version"] for one in told if one.answer]
    if len(set(said)) != len(said):
        problems.append(f"a version was told twice: {sorted(said)}")
    problems += [f"{version} was told, and is not there" for version in said if f"{MODEL}@{version}" not in tags]
    numbers = sorted(tuple(map(int, tag.split("@v")[1].split("."))) for tag in tags)
    if numbers != [(1, 0, number) for number in range(len(numbers))]:
        problems.append(f"numbers are not contiguous: {numbers}")
    if len(set(tags.values())) != len(tags):
        problems.append("two versions are on one commit")
    return problems + [wrong for tag, commit in tags.items() for wrong in _wrong_version(of, tag, commit)]


def wrong_runs(of: Ground, outcomes: Iterable[Outcome]) -> list[str]:
    """The same of recorded runs."""
    told, runs = [one for one in outcomes if one.exit >= 0], of.runs()
    problems = [f"{one.root.name} failed: {one.said[-800:]}" for one in told if one.exit]
    problems += [
        f"{one.answer['id']} was told, and is not there" for one in told if one.answer and one.answer["id"] not in runs
    ]
    for name, commit in runs.items():
        record = of.record(commit, "run")
        lost = [one["path"] for one in record["artifacts"] if one["stage"] and not _kept(of, one["digest"])]
        problems += [f"{name}: the remote lacks {path}" for path in lost if path != "metrics.json"]
    return problems


def _wrong_version(of: Ground, tag: str, commit: str) -> Iterable[str]:
    record, run = of.record(commit, "model"), of.record(f"{commit}^", "run")
    if f"{record['name']}@{record['version']}" != tag:
        yield f"{tag} is on the commit of {record['name']}@{record['version']}"
    made = {one["path"]: one["digest"] for one in run["artifacts"]}
    if made[record["path"]] != record["digest"]:
        yield f"{tag} has other bytes than its run"
    if not _kept(of, record["digest"]):
        yield f"{tag}: the remote lacks {record['digest']}"


def _kept(of: Ground, digest: str) -> bool:
    """Whether the remote has an object whole."""
    value = digest.removeprefix("md5:")
    file = of.remote / "files/md5" / value[:2] / value[2:]
    return file.is_file() and _md5(file) == value
