"""Locks written on Windows."""

import json
from collections.abc import Callable
from hashlib import md5

from mlops_ci.core.findings import Severity
from tests.unit.pipelines.preflight.conftest import Eye

Write = Callable[..., str]


def digest(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


def a_lock(path: str, value: str, *, kind: str = "hash: md5, ") -> str:
    return f"schema: '2.0'\nstages:\n  train:\n    cmd: 'true'\n    deps: [{{path: {path}, {kind}md5: {value}}}]\n"


def test_a_digest_of_crlf_is_recognised_and_cured(look: Eye, stage: Write) -> None:
    lock = a_lock("a b.csv", digest(b"x\r\ny\r\n"))
    looked = look({"dvc.yaml": stage(deps="['a b.csv']"), "a b.csv": "x\ny\n", "dvc.lock": lock})
    finding = looked.only("MC-PIPE-054")
    assert (finding.severity, finding.found) == (Severity.WARNING, "a b.csv")
    assert '`"a b.csv" text eol=crlf`' in finding.do


def test_a_folder_s_digest_of_crlf_is_recognised(look: Eye, stage: Write) -> None:
    listing = [{"md5": digest(b"x\r\n"), "relpath": "a.py"}, {"md5": digest(b"\0\n"), "relpath": "b.bin"}]
    value = digest(json.dumps(listing, sort_keys=True).encode()) + ".dir"
    looked = look(
        {"dvc.yaml": stage(deps="[src]"), "src/a.py": "x\n", "src/b.bin": "\0\n", "dvc.lock": a_lock("src", value)}
    )
    assert "`src/** text eol=crlf`" in looked.only("MC-PIPE-054").do


def test_a_file_that_was_really_changed_is_not_called_windows(look: Eye, stage: Write) -> None:
    looked = look({"dvc.yaml": stage(deps="[a.csv]"), "a.csv": "x\n", "dvc.lock": a_lock("a.csv", digest(b"y\r\n"))})
    assert looked.codes == []


def test_dvc_2_took_digests_with_lf_on_every_machine(look: Eye, stage: Write) -> None:
    value = digest(b"x\r\n")
    looked = look({"dvc.yaml": stage(deps="[a.csv]"), "a.csv": "x\n", "dvc.lock": a_lock("a.csv", value, kind="")})
    assert looked.codes == []
