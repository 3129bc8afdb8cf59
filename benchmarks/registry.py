"""Many who register, or record, at once, over a file, HTTP or ssh; some of them are killed.

    .venv/bin/python -m benchmarks.registry --count 50 --kill 5 --seed 1
    .venv/bin/python -m benchmarks.registry --count 50 --over http
    .venv/bin/python -m benchmarks.registry --count 50 --record

Says how long the race took, and everything that is wrong afterwards; exit 1 where something is.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.engine.ssh_server import ssh_server
from tests.registry.http_server import http_server
from tests.registry.racing import MODEL, Ground, Race, clone, ground, race, wrong_runs, wrong_versions


def main() -> None:
    """Prepare, race, look; then let the killed ones try again, and look once more."""
    parser = argparse.ArgumentParser(description="Let many register or record at once.")
    parser.add_argument("--count", type=int, default=50, help="clones")
    parser.add_argument("--kill", type=int, default=5, help="how many are killed, at random instants")
    parser.add_argument("--seed", type=int, default=1, help="of these instants")
    parser.add_argument("--span", type=float, default=20.0, help="seconds within which they lie")
    parser.add_argument("--over", choices=("file", "http", "ssh"), default="file")
    parser.add_argument("--record", action="store_true", help="record runs instead of registering models")
    options = parser.parse_args()
    what = ("run", "record", "--push", "--json") if options.record else ("model", "register", MODEL, "--json")
    with tempfile.TemporaryDirectory(prefix="registry-") as folder, shared(Path(folder), options.over) as (of, url):
        begin = time.monotonic()
        roots = [clone(of, f"clone-{number}", url, data=f"data {number}") for number in range(options.count)]
        print(
            f"{options.count} clones made in {time.monotonic() - begin:.0f} s, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        first = race(of, roots, *what, kill=options.kill, seed=options.seed, span=options.span)
        wrong = told(of, first, f"{options.over}, seed {options.seed}", record=options.record)
        killed = [one.root for one in first.outcomes if one.exit < 0]
        wrong += told(of, race(of, killed, *what), "the killed ones again", record=options.record)
        found = len(of.runs() if options.record else of.tags())
    print(f"{found} of {options.count} are there; {'; '.join(wrong) or 'nothing is wrong'}")
    sys.exit(1 if wrong or found != options.count else 0)


@contextmanager
def shared(folder: Path, over: str) -> Iterator[tuple[Ground, str]]:
    """The shared repository, and the URL by which clones have it."""
    of = ground(folder)
    with ExitStack() as held:
        if over == "http":
            host, port = held.enter_context(http_server(folder))
            yield of, f"http://{host}:{port}/origin.git"
        elif over == "ssh":
            (folder / "sshd").mkdir()
            server = held.enter_context(ssh_server(folder / "sshd"))
            yield replace(of, settings=(f"core.sshCommand={server.command}",)), server.url(of.origin)
        else:
            yield of, f"file://{of.origin}"


def told(of: Ground, raced: Race, name: str, *, record: bool) -> list[str]:
    """Print how a race went; what is wrong after it."""
    killed = sum(one.exit < 0 for one in raced.outcomes)
    cpu = f"{raced.cpu:.0f} s of processor time, load {os.getloadavg()[0]:.1f}"
    print(f"{name}: {len(raced.outcomes)} at once, {killed} killed: {raced.seconds:.1f} s; {cpu}", flush=True)
    return wrong_runs(of, raced.outcomes) if record else wrong_versions(of, raced.outcomes)


if __name__ == "__main__":
    main()
