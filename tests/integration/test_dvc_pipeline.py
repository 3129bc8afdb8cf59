"""Whole pipelines brought up to date over real DVC."""

import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mlops_ci.pipelines.findings import Surroundings, findings_of
from mlops_ci.pipelines.graph import graph_of
from mlops_ci.pipelines.run import Orders, bring_up_to_date
from mlops_ci.tools.dvc.logs import tail_of
from mlops_ci.tools.dvc.repository import DvcRepository
from mlops_ci.tools.executor import ProcessExecutor
from tests.integration.dvc_scratch import dvc, environment, opened, scratch

WIDE = """
stages:
  last:
    cmd: cat left.txt right.txt > last.txt
    deps: [left.txt, right.txt]
    outs: [last.txt]
  left:
    cmd: cat first.txt > left.txt
    deps: [first.txt]
    outs: [left.txt]
  right:
    cmd: cat first.txt > right.txt
    deps: [first.txt]
    outs: [right.txt]
  first:
    cmd: head -n 1 source.txt > first.txt
    deps: [source.txt]
    outs: [first.txt]
  alone:
    cmd: echo 1 > alone.txt
    outs: [alone.txt]
"""


def run(repo: DvcRepository) -> dict[str, tuple[str, str]]:
    with ProcessExecutor(repo.git_root.parent / "logs" / "executor.log") as executor:
        results = bring_up_to_date(graph_of(repo.stages()), lambda _: repo, executor, orders(repo))
    return {result.address: (str(result.state), result.why) for result in results}


def orders(repo: DvcRepository) -> Orders:
    return Orders(
        log_folder=repo.git_root.parent / "logs", clock=time.monotonic, runtime_of=lambda _: environment()
    )  # fmt: skip


def test_every_stage_runs_after_what_it_needs_and_the_second_time_none(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": WIDE, "source.txt": "1\n2\n"})
    with opened(root) as repo:
        first = run(repo)
        assert list(first) == ["first", "left", "right", "last", "alone"]
        assert set(first.values()) == {("ran", "no entry in dvc.lock")}
        assert set(run(repo).values()) == {("cached", "unchanged")}
    assert "up to date" in dvc(root, "status")
    assert "Running" not in dvc(root, "repro")


def test_a_stage_that_makes_the_same_again_runs_nothing_behind_it(tmp_path: Path) -> None:
    root = scratch(tmp_path / "repo", {"dvc.yaml": WIDE, "source.txt": "1\n2\n"})
    with opened(root) as repo:
        run(repo)
        (root / "source.txt").write_text("1\n3\n")
        assert run(repo)["first"] == ("ran", "dependency source.txt changed")
        (root / "source.txt").write_text("4\n")
        again = run(repo)
    assert again["left"] == ("ran", "what first makes changed")
    assert again["last"] == ("ran", "what left makes changed")
    assert again["alone"] == ("cached", "unchanged")
    assert (root / "last.txt").read_text() == "4\n4\n"


def test_a_failure_skips_what_depends_on_it_and_leaves_the_rest(tmp_path: Path) -> None:
    failing = WIDE.replace("cat first.txt > left.txt", "python3 -c 'import shop.prices'")
    root = scratch(tmp_path / "repo", {"dvc.yaml": failing, "source.txt": "1\n", "src/shop/prices.py": ""})
    with opened(root) as repo:
        graph = graph_of(repo.stages())
        told: list[str] = []
        watched = replace(orders(repo), after=lambda _, result: told.append(result.why))
        with ProcessExecutor(tmp_path / "executor.log") as executor:
            results = bring_up_to_date(graph, lambda _: repo, executor, watched)
    assert {result.address: str(result.state) for result in results} == {
        "first": "ran", "left": "failed", "right": "ran", "last": "skipped", "alone": "ran",
    }  # fmt: skip
    assert sorted(told) == sorted(result.why for result in results)
    assert results[3].why == "left failed"
    surroundings = Surroundings(root=tmp_path, tail=tail_of, files=frozenset([PurePosixPath("src/shop/prices.py")]))
    (finding,) = findings_of(results, graph.stages, surroundings)
    assert finding.found.startswith("exit 1\n# left\n$ python3 -c")
    assert finding.found.endswith("ModuleNotFoundError: No module named 'shop'")
    assert finding.do.endswith("add `runtime: {env: {PYTHONPATH: src}}` to mlops-ci.yaml")
    assert str(finding.place) == "dvc.yaml:7"
    assert finding.reproduce == "dvc repro -s left"
    assert finding.evidence["log"] == "logs/left.log"


def test_a_chain_leaves_the_very_lock_file_that_dvc_leaves(tmp_path: Path) -> None:
    links = "".join(
        f"  s{n}:\n    cmd: cp s{n - 1}.txt s{n}.txt\n    deps: [s{n - 1}.txt]\n    outs: [s{n}.txt]\n"
        for n in range(1, 6)
    )
    ours, theirs = (
        scratch(tmp_path / name / "repo", {"dvc.yaml": f"stages:\n{links}", "s0.txt": "1\n"})
        for name in ("ours", "theirs")
    )
    with opened(ours) as repo:
        assert {state for state, _ in run(repo).values()} == {"ran"}
    dvc(theirs, "repro")
    assert (ours / "dvc.lock").read_bytes() == (theirs / "dvc.lock").read_bytes()
