"""The models of `absences` in one repository: at the base the files of all are sound, at the next commit no more.

`python -m tests.integration.absences_ground > tests/integration/absences.txt` writes what is said of each model now:
read it as its user would, before it becomes the promise.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from hashlib import md5
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mlops_ci.cli.main import run
from mlops_ci.report.terminal import render_finding
from tests.corpus_cases import finding_of
from tests.factories import commit_all, git, lay
from tests.integration.absences import CASES, LOST, Case, ending, path_of, table, text_of
from tests.integration.dvc_scratch import scratch

_INTERVAL = re.compile(r"between -?[0-9.]+ and [+-]?[0-9.]+(?=, )")


def laid(folder: Path) -> Path:
    """The repository; its base is the tag `base`, DVC's cache has what the base's lock names, but what is lost."""
    before = {path_of(name): case.base for name, case in CASES.items() if case.base is not None}
    root = scratch(folder, {"predict.sh": "true\n", ".gitignore": "/tables\n", **pipeline(before), **_metrics(before)})
    git(root, "tag", "base")
    lay(root, {"dvc.lock": "schema: '2.0'\nstages:\n  predict: {cmd: sh"})
    commit_all(root, "the end of the lock is lost")
    git(root, "tag", "base-with-broken-lock")
    for content in {content for path, content in before.items() if path.endswith(".csv")} - {LOST}:
        digest = _md5(content)
        lay(root, {f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}": content})
    now = {path_of(name): case.candidate for name, case in CASES.items() if case.candidate is not None}
    lay(root, {path: content for path, content in now.items() if content != LOST})
    lay(root, {f"inputs/{name}.csv": features(case) for name, case in CASES.items() if case.inputs})
    lay(root, {**pipeline(now), "mlops-ci.yaml": json.dumps({"models": dict(_models())}, indent=1)})
    commit_all(root, "candidates")
    return root


def features(case: Case) -> str:
    """What the model reads, by the id of a row; columns are called other than in the predictions."""
    columns = table()
    return text_of({"id": columns["id"], **{f"{name}_seen": columns[name] for name in case.inputs}})


def _metrics(files: Mapping[str, str]) -> Mapping[str, str]:
    return {path: content for path, content in files.items() if path.endswith(".json")}


def _models() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, case in CASES.items():
        path = path_of(name)
        table_of = {"path": path, "id": "id", "truth": "late", "score": "score", **case.settings}
        inputs = {"inputs": f"inputs/{name}.csv"} if case.inputs else {}
        yield name, {**({"metrics": path} if case.file else {"predictions": table_of}), **inputs, "gates": case.gates}


def pipeline(files: Mapping[str, str]) -> dict[str, str]:
    """The stage that writes these files, and its lock; metrics lie in git."""
    outs = [{"path": path, "md5": _md5(content), "size": len(content)} for path, content in files.items()]
    deps = [{"path": "predict.sh", "md5": _md5("true\n"), "size": 5}]
    declared = [{path: {"cache": False}} if path.endswith(".json") else path for path in files]
    locked = {"cmd": "sh predict.sh", "deps": _hashed(deps), "outs": _hashed(outs)}
    stage = {"cmd": "sh predict.sh", "deps": ["predict.sh"], "outs": declared}
    return {
        "dvc.yaml": json.dumps({"stages": {"predict": stage}}, indent=1),
        "dvc.lock": json.dumps({"schema": "2.0", "stages": {"predict": locked}}, indent=1),
    }


def _hashed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**entry, "hash": "md5"} for entry in entries]


def _md5(content: str) -> str:
    return md5(content.encode(), usedforsecurity=False).hexdigest()


def validated(root: Path, *names: str, base: str = "base") -> tuple[int, Mapping[str, Any]]:
    """What the command line says of these models: its exit code, and its report."""
    with redirect_stdout(StringIO()) as out:
        code = run(["model", "validate", "-C", str(root), "--base", base, "--json", "--", *names])
    report: dict[str, Any] = json.loads(out.getvalue())
    return code, report


def said_of(name: str, root: Path, report: Mapping[str, Any]) -> str:
    """What a report says of a model: its gates, then its findings, each with the key at whose line it stands.

    The ends of intervals are for statistics/ to prove; here they are left out.
    """
    lines = (root / "mlops-ci.yaml").read_text().splitlines()
    gates = [one for one in report["gates"] if one["model"] == name]
    findings = [one for one in report["findings"] if one["subject"].partition(".")[0] == name]
    told = [f"{one['gate']}: {one['verdict']}: {one['words']}" for one in gates]
    text = "\n".join([*told, *(render_finding(finding_of(one)) for one in findings)])
    text = _INTERVAL.sub("between {low} and {high}", text)
    return re.sub(r"(mlops-ci\.yaml):([0-9]+):[0-9]+", lambda at: f"{at[1]} at {_key(lines[int(at[2]) - 1])}", text)


def _key(line: str) -> str:
    return line.strip().partition(":")[0].strip('"')


def main() -> None:
    """Say what is said of each model."""
    with TemporaryDirectory() as folder:
        root = laid(Path(folder) / "work")
        for code in (0, 1, 2, 3):
            found, report = validated(root, *ending(code))
            for name in ending(code):
                sys.stdout.write(f"== {name}\n{said_of(name, root, report)}\n")
            sys.stdout.write("" if found == code else f"!! exit {found}, {code} is expected\n")


if __name__ == "__main__":
    main()
