"""A shared repository with very many recorded runs and registered versions, made by `git fast-import`."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mlops_ci.metadata.run_record import MetricValue, RunRecord, Signature, read_record
from mlops_ci.models.model_record import ModelRecord
from tests.factories import git
from tests.registry.racing import MODEL, Ground, call, clone

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def many(of: Ground, count: int) -> None:
    """So many runs of main's commit, each with a version: every second one of `delays`, the others of 50 models."""
    root = clone(of, "many", f"file://{of.origin}", data="many")
    assert call(of, root, "run", "record").returncode == 0
    draft = read_record((root / ".mlops-ci/report/run.json").read_bytes(), where="template")
    with subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=of.origin, stdin=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"}
    ) as importing:
        assert importing.stdin is not None
        for piece in _stream(draft, git(of.origin, "rev-parse", "main"), count):
            importing.stdin.write(piece)
    assert importing.returncode == 0
    _add_keys(of.origin)


def _stream(draft: RunRecord, source: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        at = _BEGIN + timedelta(minutes=number)
        run = draft.model_copy(
            update={
                "started": at, "source": draft.source.model_copy(update={"commit": source}),
                "metrics": (MetricValue(model=MODEL, name="auc", value=0.7 + number / 1e5),),
            }
        )  # fmt: skip
        model = _model(run, number, at)
        who = f"Test <test@example.com> {int(at.timestamp())} +0000"
        yield _commit(f"refs/mlops-ci/runs/{run.id}", source, who, "run.json", run.text(), mark=2 * number + 1)
        content, mark = model.text().encode(), 2 * number + 2
        yield _commit("refs/scratch/models", f":{mark - 1}", who, "model.json", content, mark=mark)
        message = model.message().encode()
        yield f"tag {model.name}@{model.version}\nfrom :{mark}\n".encode()
        yield f"tagger {who}\ndata {len(message)}\n".encode() + message + b"\n"
    yield b"reset refs/scratch/models\nfrom 0000000000000000000000000000000000000000\n\n"


def _model(run: RunRecord, number: int, at: datetime) -> ModelRecord:
    name = MODEL if number % 2 else f"model-{number // 2 % 50:02}"
    return ModelRecord(
        name=name, version=f"v1.{number // 1000}.{number % 1000}", path="model.bin", digest=f"md5:{number:032x}",
        run=run.id, source=run.source.commit, registered=at, metrics=run.metrics, signature=Signature(),
    )  # fmt: skip


def _commit(ref: str, parent: str, who: str, name: str, content: bytes, *, mark: int) -> bytes:
    head = f"commit {ref}\nmark :{mark}\ncommitter {who}\ndata 5\nmany\n\nfrom {parent}\n"
    return f"{head}M 100644 inline .mlops-ci/{name}\ndata {len(content)}\n".encode() + content + b"\n"


def _add_keys(origin: Path) -> None:
    tags = git(origin, "for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/tags").splitlines()
    lines = (
        f"create refs/mlops-ci/models/{name.partition('@')[0]}/{sha} {sha}\n" for sha, name in map(str.split, tags)
    )
    subprocess.run(["git", "update-ref", "--stdin"], cwd=origin, input="".join(lines).encode(), check=True)
    git(origin, "pack-refs", "--all")
