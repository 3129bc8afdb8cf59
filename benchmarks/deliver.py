"""How long deliveries, rollbacks and questions take, in a small repository: target `local`, remotes on this disk.

    .venv/bin/python -m benchmarks.deliver
    .venv/bin/python -m benchmarks.deliver --entries 10000

first      a package that is neither built nor placed
prepared   one that is built, and whose release is to be made and tried: `of these` is what the target itself takes
placed     one that staging has had, to production where it is placed: nothing is built, nothing made, nothing tried
again      the same again
one of six a commit that changes one of six components: wheels are built for that one alone
rollback   with the git remote and the DVC remote moved away
at         what ran at a time, over very many entries
"""

import argparse
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.ledger import EACH, FIRST, in_files, in_git, records
from benchmarks.prune import cpu
from tests.deployment.shop import CONFIG, FILES, Shop, shop_in
from tests.factories import git
from tests.packaging.team import component

_SIX = ("steps", "clean", "join", "split", "score", "plot")


def main() -> None:
    """Each in one shop, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deliver-") as name:
        shop = shop_in(Path(name), files=_six(Path(name)))
        _timed("first", shop, "deliver", "--env", "staging")
        _timed("again", shop, "deliver", "--env", "staging")
        shop.version(2)
        shop.told("package", "build")
        _timed("prepared", shop, "deliver", "--env", "staging")
        _timed("placed", shop, "deliver", "--env", "staging", "HEAD~1")
        shop.commit("one", {"code/clean/clean/__init__.py": "ANSWER = 43\n"})
        said = _timed("one of six", shop, "package", "build")
        print(f"           wheels built: {len(re.findall('building ', said))}")
        _rollback(shop)
        _at(options.entries)


def _six(folder: Path) -> Mapping[str, str]:
    """A pipeline whose one stage depends on six components."""
    place = {name: f", root: {folder / name}" for name in ("staging", "production")}
    named = ", ".join(f"{one}: {{path: code/{one}}}" for one in _SIX)
    config = CONFIG.format(target="local", **place).replace("{steps: {path: code/steps}}", f"{{{named}}}")
    stages = str(FILES["dvc.yaml"])
    more = "".join(
        f"  {one}:\n    cmd: echo {one} > {one}.txt\n    deps: [code/{one}/{one}]\n    outs: [{one}.txt]\n"
        for one in _SIX[1:]
    )
    ignored = "".join(f"/{one}.txt\n" for one in _SIX[1:])
    files = {path: str(content) for one in _SIX[1:] for path, content in component(one).items()}
    ignored = f"{FILES['.gitignore']}{ignored}"
    for one in _SIX[1:]:
        files[f"code/{one}/tests/test_{one}.py"] = f"import {one}\n\n\ndef test_it():\n    assert {one}.ANSWER\n"
    return {**files, "mlops-ci.yaml": config, "dvc.yaml": f"{stages}{more}", ".gitignore": ignored}


def _timed(words: str, shop: Shop, *arguments: str) -> str:
    """Call it; returns what was said. What the target takes is from the journal's steps as they are said."""
    before, begin = cpu(), time.perf_counter()
    process = shop.start(*arguments)
    stamps, lines = list[tuple[float, str]](), list[str]()
    for line in process.stderr or ():
        lines.append(line)
        stamps.append((time.perf_counter() - begin, line.strip().partition(":")[0]))
    process.communicate()
    took = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit("".join(lines))
    target = sum(
        next((after for after, step in stamps[place + 1 :] if step in ("smoke", "record")), took) - at
        for place, (at, step) in enumerate(stamps)
        if step in ("place", "smoke")
    )
    print(
        f"{words:10} {took:5.2f} s, of these {target:5.2f} s in the target, leaves {took - target:5.2f} s; "
        f"CPU {cpu() - before:4.2f} s, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return "".join(lines)


def _rollback(shop: Shop) -> None:
    away = [shop.folder / name for name in ("origin.git", "remote")]
    for path in away:
        shutil.move(path, path.with_name(f"{path.name}-away"))
    _timed("rollback", shop, "rollback", "--env", "staging")
    for path in away:
        path.with_name(f"{path.name}-away").rename(path)


def _at(count: int) -> None:
    """Over a ledger in the target's files, and over the same in git."""
    texts = dict(records(count))
    with tempfile.TemporaryDirectory(prefix="deliver-at-") as name:
        shop = shop_in(Path(name))
        in_files(Path(name) / "staging", texts)
        asked = (FIRST + EACH * (count // 2)).isoformat()
        _timed("at, files", shop, "env", "at", "--env", "staging", asked)
        in_git(Path(name) / "staging", texts)
        git(Path(name) / "origin.git", "fetch", "-q", str(Path(name) / "staging" / "origin.git"), "+refs/*:refs/*")
        config = (shop.root / "mlops-ci.yaml").read_text()
        place = f"target: local, root: {Path(name) / 'staging'}"
        (shop.root / "mlops-ci.yaml").write_text(config.replace(place, "target: github"))
        for words in ("at, git", "at, again"):
            said = _timed(words, shop, "env", "at", "--env", "staging", asked)
        if "error" in json.dumps(said):
            raise SystemExit(said)


if __name__ == "__main__":
    main()
