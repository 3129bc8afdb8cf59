"""A command killed with SIGKILL when a step of it begins, with all of its process group; what is wrong after that."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.deployment.shop import Shop, shop_in
from tests.engine.processes import left_of
from tests.factories import git

CONVERGES_WITHIN = 30.0  # seconds
GONE_WITHIN = 8.0  # seconds in which what a killed command had started has ended
PATIENCE = 120.0
HELD, FREE = "lock", "unlock"  # steps that are not in the journal, since it is the lock that says so
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "deliver": ("deliver", "--env", "staging"),
    "promote": ("promote", "--from", "staging", "--to", "production"),
    "rollback": ("rollback", "--env", "staging"),
    "prune": ("env", "prune", "--env", "production"),
}
STEPS: Mapping[str, tuple[str, ...]] = {
    "deliver": ("lock", "verify", "place", "smoke", "record", "expose", "publish", "prune", "unlock"),
    "promote": ("lock", "verify", "place", "smoke", "record", "expose", "publish", "prune", "unlock"),
    "rollback": ("lock", "record", "expose", "publish", "unlock"),
    "prune": ("lock", "prune", "unlock"),
}
_LEFT = (
    "journal.json", ".journal*", ".current-*", "log/.new-*", "releases/*/tried-cache", "releases/*/.placed*",
    "releases/*/placing-*",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One kill: what was under way, and all that was wrong afterwards. hit: whether it was that step indeed."""

    command: str
    step: str
    after: float
    hit: bool
    found: str
    seconds: float
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        hit = self.found if self.hit else f"missed: {self.found}"
        wrong = "; ".join(self.wrong) or "well"
        return f"{self.command:9} {self.step:8} +{self.after:.1f} s  {hit:20} again {self.seconds:4.1f} s  {wrong}"


@dataclass(frozen=True, slots=True)
class Ground:
    """A shop to kill commands in. It lies at one place, since environments cannot be moved, and is put back there."""

    folder: Path

    @property
    def shop(self) -> Shop:
        """The shop."""
        return Shop(folder=self.folder / "live", root=self.folder / "live" / "here")

    @property
    def tmp(self) -> Path:
        """The folder for temporary files of the commands."""
        return self.folder / "live" / "tmp"

    def put_back(self) -> None:
        """Have the shop as it was made."""
        shutil.rmtree(self.folder / "live", ignore_errors=True)
        subprocess.run(("cp", "-a", self.folder / "kept", self.folder / "live"), check=True)


def ground(folder: Path) -> Ground:
    """Production has version 1; staging has 2, and had 1; version 3 is built. Production has too many releases."""
    made = Ground(folder)
    (folder / "live" / "tmp").mkdir(parents=True)
    shop = shop_in(folder / "live")
    shop.told("deliver", "--env", "staging")
    shop.told("promote", "--from", "staging", "--to", "production")
    shop.version(2)
    shop.told("deliver", "--env", "staging")
    shop.version(3)
    shop.told("package", "build")
    releases = folder / "live" / "production" / "releases"
    for number in range(3):
        (releases / f"{number:064x}" / "work").mkdir(parents=True)
        shutil.copy2(next(releases.glob("*/placed.json")), releases / f"{number:064x}")
    subprocess.run(("cp", "-a", folder / "live", folder / "kept"), check=True)
    return made


def trial(of: Ground, command: str, step: str, *, after: float = 0.0, run: bool = False) -> Trial:
    """Kill a command when a step of it begins, or some seconds later; look; call it again; look again.

    run: whether the package is run then, too.
    """
    of.put_back()
    environment = "production" if command in ("promote", "prune") else "staging"
    old, count = of.shop.current(environment), len(_log(of.shop, environment))
    found = _killed(of, command, environment, step, after)
    wrong = [*_orphans(of.shop), *_mixed(of.shop, environment, old, count)]
    # Killed when all was done, a second rollback is another one, and there is nothing further back.
    journal = of.shop.folder / environment / "journal.json"
    over = command == "rollback" and len(_log(of.shop, environment)) > count and not journal.exists()
    begin = time.monotonic()
    code, out, said = of.shop.call(*COMMANDS[command], TMPDIR=str(of.tmp))
    seconds = time.monotonic() - begin
    wrong += [f"the next one ended with {code}: {out}{said[-600:]}"] if code != (2 if over else 0) else []
    wrong += ["it did not converge in time"] if seconds > CONVERGES_WITHIN else []
    wrong += [*_unsettled(of, environment), *_not_done(of.shop, command, environment, old)]
    if run:
        code, out, said = of.shop.call("env", "run", "--env", environment, "--no-push", TMPDIR=str(of.tmp))
        wrong += [f"env run ended with {code}: {said[-600:]}"] if code else []
    return Trial(
        command=command, step=step, after=after, hit=found == step or after > 0, found=found, seconds=seconds,
        wrong=tuple(wrong),
    )  # fmt: skip


def _killed(of: Ground, command: str, environment: str, step: str, after: float) -> str:
    """What was under way when it was killed."""
    state = of.shop.folder / environment
    records = set((state / "log").iterdir())
    process = of.shop.start(*COMMANDS[command], TMPDIR=str(of.tmp))
    seen, end = "", time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        seen = _step(state, records, seen)
        if seen == step:
            break
        time.sleep(0.0005)
    if after:
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return f"ended with {process.returncode}" if process.returncode >= 0 else _step(state, records, seen)


def _step(state: Path, before: set[Path], seen: str) -> str:
    """The step that is under way."""
    with suppress(FileNotFoundError, ValueError):
        return str(json.loads((state / "journal.json").read_bytes())["step"])
    if seen in ("", HELD):
        return HELD if any(one.suffix == ".json" for one in set((state / "log").iterdir()) - before) else ""
    return FREE if seen in ("publish", "prune", FREE) else seen


def _log(shop: Shop, environment: str) -> list[str]:
    """The packages of the ledger's entries in the target, in order."""
    records = [json.loads(path.read_bytes()) for path in sorted((shop.folder / environment / "log").glob("*.json"))]
    return [str(one["entry"]["package"]).removeprefix("sha256:") for one in records if one["kind"] == "entry"]


def _in_git(shop: Shop, environment: str) -> list[str]:
    """The same, as git has it."""
    pattern = f"refs/mlops-ci/environments/{environment}/*"
    refs = git(shop.folder / "origin.git", "for-each-ref", "--format=%(refname)", pattern).split()
    texts = (json.loads(git(shop.folder / "origin.git", "show", f"{ref}:record.json")) for ref in sorted(refs))
    return [str(one["entry"]["package"]).removeprefix("sha256:") for one in texts if one["kind"] == "entry"]


def _orphans(shop: Shop) -> Iterator[str]:
    end = time.monotonic() + GONE_WITHIN
    while (left := left_of(shop.folder)) and time.monotonic() < end:
        time.sleep(0.1)
    yield from (f"{one.id} is left: {one.command[:150]}" for one in left)


def _mixed(shop: Shop, environment: str, old: str, count: int) -> Iterator[str]:
    """What a killed command must not leave: a link that leads to what neither ran nor runs, or to half of a release."""
    log, link = _log(shop, environment), shop.current(environment)
    if len(log) not in (count, count + 1):
        yield f"{len(log)} entries after {count}"
    if link not in (old, log[-1]):
        yield f"current leads to {link[:12]}, neither {old[:12]} nor {log[-1][:12]}"
    release = shop.folder / environment / "releases" / link
    if not (release / "placed.json").is_file():
        yield "current leads to half a release"
    else:
        changed = git(release / "work", "status", "--porcelain", "--untracked-files=no")
        yield from [f"the files of what runs are changed: {changed}"] if changed else []


def _unsettled(of: Ground, environment: str) -> Iterator[str]:
    """What the next command must not leave."""
    shop, state = of.shop, of.shop.folder / environment
    log = _log(shop, environment)
    if shop.current(environment) != log[-1]:
        yield f"the link leads to {shop.current(environment)[:12]}, the ledger says {log[-1][:12]}"
    if log != _in_git(shop, environment):
        yield f"git has {len(_in_git(shop, environment))} of {len(log)} entries, or others"
    halves = [one.name for one in (state / "releases").iterdir() if not (one / "placed.json").is_file()]
    left = [str(one.relative_to(state)) for pattern in _LEFT for one in state.glob(pattern)]
    temporary = [one.name for one in of.tmp.iterdir()]
    if halves or left or temporary:
        yield f"left over: {', '.join((*halves, *left, *temporary))}"


def _not_done(shop: Shop, command: str, environment: str, old: str) -> Iterator[str]:
    """Whether the repeated command has done what was asked, and not twice."""
    log = _log(shop, environment)
    wanted = {
        "deliver": [*log[:2], log[-1]], "promote": [old, _log(shop, "staging")[-1]], "rollback": [*log[:2], log[0]],
        "prune": [old],
    }[command]  # fmt: skip
    if log != wanted or (command in ("deliver", "promote") and log[-1] == old):
        yield f"the ledger says {[one[:6] for one in log]}"
    if command == "prune" and len(list((shop.folder / environment / "releases").iterdir())) != 1:
        yield "releases are left that are not needed"


def until(journal: Path, process: "subprocess.Popen[str]", step: str) -> None:
    """Wait until a step of a command has begun."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(FileNotFoundError):
            if json.loads(journal.read_bytes())["step"] == step:
                return
        time.sleep(0.002)
    raise AssertionError(f"it never came to {step}")
