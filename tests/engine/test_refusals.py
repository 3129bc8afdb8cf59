"""What DVC refuses is refused, with its reason, before a command runs or a file is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.comparing import DVC
from tests.engine.snapshots import differences
from tests.engine.twins import Program, laid, run
from tests.factories import lay

pytestmark = pytest.mark.slow
ECHO = "echo ran >> ../ran.txt && "
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "cyclic": (
        {
            "dvc.yaml": "stages:\n"
            f"  a: {{cmd: {ECHO}cat b.txt > a.txt, deps: [b.txt], outs: [a.txt]}}\n"
            f"  b: {{cmd: {ECHO}cat c.txt > b.txt, deps: [c.txt], outs: [b.txt]}}\n"
            f"  c: {{cmd: {ECHO}cat a.txt > c.txt, deps: [a.txt], outs: [c.txt]}}\n",
        },
        "a needs b needs c needs a",
    ),
    "two stages that read each other's output": (
        {
            "dvc.yaml": "stages:\n"
            f"  a: {{cmd: {ECHO}cat b.txt > a.txt, deps: [b.txt], outs: [a.txt]}}\n"
            f"  b: {{cmd: {ECHO}cat a.txt > b.txt, deps: [a.txt], outs: [b.txt]}}\n"
        },
        "a needs b needs a",
    ),
    "a stage that reads its own output": (
        {"dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}cat a.txt > a.txt, deps: [a.txt], outs: [a.txt]}}\n"},
        "a needs a",
    ),
    "two stages, one output": (
        {
            "dvc.yaml": "stages:\n"
            f"  a: {{cmd: {ECHO}echo 1 > out.txt, outs: [out.txt]}}\n"
            f"  b: {{cmd: {ECHO}echo 2 > out.txt, outs: [out.txt]}}\n"
        },
        "out.txt",
    ),
    "an output within another": (
        {
            "dvc.yaml": "stages:\n"
            f"  a: {{cmd: {ECHO}mkdir -p d && echo 1 > d/x, outs: [d]}}\n"
            f"  b: {{cmd: {ECHO}mkdir -p d && echo 2 > d/y, outs: [d/y]}}\n"
        },
        "d/y",
    ),
    "an output that git tracks": (
        {"dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}echo 1 > out.txt, outs: [out.txt]}}\n", "out.txt": "precious\n"},
        "out.txt",
    ),
    "a dependency that is not there": (
        {
            "dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}echo 1 > a.txt, deps: [gone.txt], outs: [a.txt]}}\n",
            "a.txt.keep": "",
        },
        "gone.txt",
    ),
    "a parameter that is not there": (
        {
            "dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}echo 1 > a.txt, params: [depth], outs: [a.txt]}}\n",
            "params.yaml": "width: 1\n",
        },
        "depth",
    ),
    "a parameter of a type that DVC has no word for": (
        {
            "dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}echo 1 > a.txt, params: [day], outs: [a.txt]}}\n",
            "params.yaml": "day: 2024-01-01\n",
        },
        "params.yaml:day",
    ),
    "an unknown key": ({"dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}true, live: {{logs: {{}}}}}}\n"}, "live"),
    "a variable that is not there": ({"dvc.yaml": f"stages:\n  a: {{cmd: '{ECHO}echo ${{nowhere}}'}}\n"}, "nowhere"),
    "a YAML that cannot be read": ({"dvc.yaml": "stages:\n\ta: {cmd: true}\n"}, "dvc.yaml"),
    "a wdir that is not there": (
        {"dvc.yaml": f"stages:\n  a: {{cmd: {ECHO}true > a.txt, wdir: nowhere, outs: [a.txt]}}\n"},
        "nowhere",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_by_both_with_its_reason_and_nothing_is_lost(
    both: tuple[Program, Program], tmp_path: Path, what: str
) -> None:
    files, reason = REFUSED[what]
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, **files}))
    before = copies[1].seen()
    codes = run(copies)
    told = (copies[1].folder / "log.txt").read_text()
    assert all(codes), told
    assert reason in told
    assert "Traceback" not in told
    assert differences(before, copies[1].seen()) == []


def test_a_target_that_is_not_there_is_refused(both: tuple[Program, Program], tmp_path: Path) -> None:
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": "stages:\n  a: {cmd: 'true'}\n"}))
    theirs = replace(copies[0], program=replace(both[0], arguments=("repro",)))
    codes = run((theirs, copies[1]), "no-such-stage")
    told = (copies[1].folder / "log.txt").read_text()
    assert all(codes), told
    assert "no-such-stage" in told
    assert copies[1].seen().ran == ()
