"""What commands do that nobody declared: still the same as `dvc repro`."""

import sys
from pathlib import Path

import pytest

from tests.engine.comparing import DVC, logs, same
from tests.engine.snapshots import differences
from tests.engine.twins import Program, by_dvc, laid, run
from tests.factories import lay

pytestmark = pytest.mark.slow
Both = tuple[Program, Program]
COPY = "stages:\n  one: {cmd: echo one >> ../ran.txt && cat in.txt > one.txt, deps: [in.txt], outs: [one.txt]}\n"


def test_a_command_that_changes_what_it_reads(both: Both, tmp_path: Path) -> None:
    pipeline = """stages:
  one:
    cmd:
    - echo one >> ../ran.txt && cat in.txt > one.txt
    - if test ! -e ../once; then echo 2 >> in.txt; fi; touch ../once
    deps: [in.txt]
    outs: [one.txt]
"""
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline, "in.txt": "1\n"}))
    for _ in range(3):
        same(copies, run(copies))


def test_a_command_that_calls_dvc_is_not_locked_out(both: Both, tmp_path: Path) -> None:
    dvc = f"{sys.executable} -P -m dvc"
    pipeline = f"""stages:
  calls:
    cmd: {dvc} status --quiet; {dvc} cache dir > /dev/null && {dvc} remote add --quiet --force x /y && echo 1 > a.txt
    outs: [a.txt]
  after: {{cmd: echo after >> ../ran.txt && cat a.txt > b.txt, deps: [a.txt], outs: [b.txt]}}
"""
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline}))
    same(copies, run(copies))


def test_stages_that_end_in_another_order_than_dvc_runs_them_leave_the_same(both: Both, tmp_path: Path) -> None:
    """The folder's digest takes in the lines of .gitignore there, which DVC writes in its order of execution."""
    pipeline = """stages:
  slow: {cmd: sleep 1 && echo 1 > pool/slow.txt, outs: [pool/slow.txt]}
  quick: {cmd: echo 2 > pool/quick.txt, outs: [pool/quick.txt]}
  both: {cmd: echo both >> ../ran.txt && cat pool/*.txt > both.txt, deps: [pool], outs: [both.txt]}
"""
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline, "pool/base.txt": "0\n"}))
    same(copies, run(copies))


def test_a_lock_file_written_by_hand_keeps_its_comments(both: Both, tmp_path: Path) -> None:
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": COPY, "in.txt": "1\n"}))
    same(copies, run(copies))
    for copy in copies:
        lock = copy.root / "dvc.lock"
        lock.write_text(
            "# by hand\n" + lock.read_text().replace("  one:\n", "  gone: {cmd: 'true'}  # no more\n  one:\n")
        )
        (copy.root / "in.txt").write_text("2\n")
    same(copies, run(copies))
    assert "# by hand" in (copies[1].root / "dvc.lock").read_text()


def test_what_is_printed_and_asked_harms_nothing(both: Both, tmp_path: Path) -> None:
    pipeline = """stages:
  loud:
    cmd: yes | head -c 3000000; printf '\\377\\000\\033[2J'; cat > read.txt; echo end >&2
    outs: [read.txt]
"""
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline}))
    same(copies, run(copies))


def test_a_command_sees_the_variables_that_dvc_gives_it(both: Both, tmp_path: Path) -> None:
    pipeline = """stages:
  asks: {cmd: 'echo "$DVC_STAGE ${#DVC_ROOT} $PWD" | sed "s#$PWD#here#" > asked.txt', outs: [asked.txt], wdir: in}
"""
    copies = laid(
        tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline.replace("${#DVC_ROOT} ", ""), "in/x": ""})
    )
    same(copies, run(copies))
    assert (copies[1].root / "in/asked.txt").read_text() == "asks here\n"


def test_a_failure_leaves_what_dvc_leaves_and_the_next_run_goes_on(both: Both, tmp_path: Path) -> None:
    pipeline = """stages:
  one: {cmd: echo one >> ../ran.txt && cat in.txt > one.txt, deps: [in.txt], outs: [one.txt, two.txt]}
  next: {cmd: echo next >> ../ran.txt && cat one.txt > next.txt, deps: [one.txt], outs: [next.txt]}
  aside: {cmd: echo aside >> ../ran.txt && cat in.txt > aside.txt, deps: [in.txt], outs: [aside.txt]}
"""
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": pipeline, "in.txt": "1\n"}))
    codes = run(copies, "--keep-going")
    assert all(codes)
    seen = [copy.seen() for copy in copies]
    assert differences(*seen, after_failure=True) == [], logs(copies)
    assert seen[1].ran == ("aside", "one")
    for copy in copies:
        lay(copy.root, {"dvc.yaml": pipeline.replace("> one.txt,", "> one.txt && echo 2 > two.txt,")})
    assert run(copies) == [0, 0]
    seen = [copy.seen() for copy in copies]
    assert differences(*seen, after_failure=True) == [], logs(copies)
    assert seen[1].ran == ("aside", "next", "one", "one")


def test_data_that_is_not_here_is_brought_where_dvc_fails(both: Both, tmp_path: Path) -> None:
    """One of the differences that are meant: docs/engine.md names it."""
    pipeline = COPY.replace("in.txt", "data.bin")
    files = {**DVC, "dvc.yaml": pipeline, "data.bin": "1\n"}
    copies = laid(tmp_path, both, lambda root: lay(root, files), [["add", "--quiet", "data.bin"]])
    for copy in copies:
        (copy.root / "data.bin").unlink()
    codes = run(copies, "--keep-going")
    assert [bool(code) for code in codes] == [True, False], logs(copies)
    by_dvc(both[0].programs, copies[0], "checkout", "--quiet", "data.bin.dvc")
    same(copies, run(copies))
    assert copies[1].seen().ran == ("one",)


def test_a_dry_run_changes_nothing(both: Both, tmp_path: Path) -> None:
    copies = laid(tmp_path, both, lambda root: lay(root, {**DVC, "dvc.yaml": COPY, "in.txt": "1\n"}))
    before = copies[1].seen()
    copies[1].start([*copies[1].program.arguments, "--dry-run"])
    assert copies[1].wait() == 0, logs(copies[1:])
    assert differences(before, copies[1].seen()) == []
