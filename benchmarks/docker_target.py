"""kill -9 of deliver, rollback and prune at an engine, when each of their steps begins and some tenths later; figures.

    .venv/bin/python -m benchmarks.docker_target
    .venv/bin/python -m benchmarks.docker_target --step smoke

Half of the kills take the process with them that is to remove the command's containers. After each: the same command
again converges within 30 s, the engine has no container of a dead run and no half of a package, and the ledger in git
is the engine's. Then: how long a log of many entries is to read, and an unchanged delivery takes.
Needs what tests/docker needs. Exit 1: something was wrong, or a step was never hit.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.deployment.engine_killing import kill_at
from tests.deployment.engine_shop import EngineShop, engine_shop, package_of, steps
from tests.docker.engine import docker_ground
from tests.factories import git

_ENV = "production"
_STEPS = {
    "deliver": ("verify", "place", "smoke", "record", "expose", "publish", "prune"),
    "rollback": ("record", "expose", "publish"), "prune": ("prune",),
}  # fmt: skip
_CONVERGES_WITHIN = 30.0
_ENTRIES = (300, 3000)
_TRIES = 4


def main() -> None:
    """Each step in an environment of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", help="only this one")
    options = parser.parse_args()
    wrong = 0
    cases = [
        (command, step, after, guard)
        for command, of in _STEPS.items() for step in of if options.step in (None, step)
        for after, guard in ((0.0, True), (0.3, False))
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="docker-target-") as name, docker_ground() as ground:
        made = engine_shop(Path(name), ground, [f"e{number}" for number in range(len(cases))])
        made.build("v2", steps(2))
        made.build("v3", steps(3))
        for number, case in enumerate(cases):
            wrong += bool(_case(made, f"e{number}", *case))
        _figures(made)
    sys.exit(1 if wrong else 0)


def _case(made: EngineShop, environment: str, command: str, step: str, after: float, guard: bool) -> list[str]:
    for version in ("v1", "v2") if command == "rollback" else ("v1",):
        made.told("deliver", "--env", environment, made.packages[version])
    if command == "prune":
        made.target(environment).place(package_of(made, "v3"), lambda _: None)
    arguments = {
        "deliver": ("deliver", "--env", environment, made.packages["v2"]),
        "rollback": ("rollback", "--env", environment),
        "prune": ("env", "prune", "--env", environment),
    }[command]  # fmt: skip
    hit = False
    for _ in range(_TRIES):
        if command == "rollback":  # one that was done is done: the next would go one further back
            made.told("deliver", "--env", environment, made.packages["v2"])
        hit = kill_at(made, environment, step, *arguments, after=after, guards=guard)
        if hit:
            break
    begin = time.monotonic()
    code, out, said = made.said(*arguments)
    seconds = time.monotonic() - begin
    found = [] if hit else ["it was never hit"]
    done = command == "rollback" and made.ran(environment)[-1] == made.packages["v1"]
    found += [] if code == 0 or done else [f"exit {code}: {out}{said[-400:]}"]
    found += [] if seconds < _CONVERGES_WITHIN else ["it did not converge in time"]
    found += _left(made, environment)
    print(f"{command:9} {step:8} +{after:.1f} s  again {seconds:4.1f} s  {'; '.join(found) or 'well'}", flush=True)
    return found


def _left(made: EngineShop, environment: str) -> Iterator[str]:
    states = {line.split()[-1] for line in made.of_this("ps", "--all", "--format", "{{.Image}} {{.State}}")}
    yield from [f"containers are {states}"] if states - {"created"} else []
    origin = made.shop.folder / "origin.git"
    refs = git(origin, "for-each-ref", "--format=%(refname)", f"refs/mlops-ci/environments/{environment}/").split()
    texts = [json.loads(git(origin, "show", f"{ref}:record.json")) for ref in sorted(refs)]
    in_git = [one["entry"]["package"] for one in texts if one["kind"] == "entry"]
    if in_git != made.ran(environment):
        yield f"git has {len(in_git)} entries, the engine {len(made.ran(environment))}"


def _figures(made: EngineShop) -> None:
    begin = time.monotonic()
    made.told("deliver", "--env", "e0", made.packages["v2"])
    print(f"an unchanged delivery takes {time.monotonic() - begin:.1f} s")
    log = made.target("e0").log
    first = max(log.read(), default=0) + 1
    for many in _ENTRIES:
        for number in range(first, first + many):
            log.create(number, "x" * 1500)
        begin = time.monotonic()
        log.read()
        print(f"{many} records are read in {time.monotonic() - begin:.3f} s")
        log.remove(range(first, first + many))


if __name__ == "__main__":
    main()
