"""From a dvc.yaml's plots to the page: now and at the base, and what is shown where a stage failed."""

from pathlib import Path

from tests.factories import commit_all, repository
from tests.integration.flights import check

PIPELINE = """\
stages:
  train:
    cmd: test ! -e broken || { echo 'ValueError <b>no</b>'; exit 3; }; cp source.csv roc.csv
    deps: [source.csv]
    outs: [roc.csv]
plots:
  - roc.csv: {x: fpr, y: tpr, title: The curve}
"""
BEFORE, NOW = ("fpr,tpr\n0.0,0.0\n0.5,0.6\n1.0,1.0\n", "fpr,tpr\n0.0,0.0\n0.5,0.8\n1.0,1.0\n")


def scratch(folder: Path) -> Path:
    """A repository whose first commit locks what its pipeline made."""
    root = repository(
        folder / "scratch",
        {
            ".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n", ".gitignore": "/roc.csv\n/broken\n",
            "dvc.yaml": PIPELINE, "source.csv": BEFORE, "mlops-ci.yaml": "version: 1\npipeline: {run: run}\n",
        },
    )  # fmt: skip
    made = check(root)
    assert made.exit == 0, made.output
    commit_all(root, "locked")
    return root


def page(root: Path) -> str:
    return (root / ".mlops-ci/report/report.html").read_text()


def test_a_plot_that_changed_is_drawn_with_the_bases_from_the_cache(tmp_path: Path) -> None:
    root = scratch(tmp_path)
    assert "series base" not in page(root)
    (root / "source.csv").write_text(NOW)
    checked = check(root, "--base", "HEAD")
    assert checked.exit == 0, checked.output
    assert "The curve" in page(root)
    assert 'class="series base hue-0 plain"' in page(root)
    assert 'class="series candidate hue-0 plain"' in page(root)
    check(root, "--base", "HEAD", "--pipeline", "verify")
    assert 'class="series base hue-0 plain"' in page(root)


def test_a_plot_of_a_stage_that_failed_is_not_drawn_and_its_log_is_there_as_text(tmp_path: Path) -> None:
    root = scratch(tmp_path)
    (root / "source.csv").write_text(NOW)
    (root / "broken").touch()
    checked = check(root, "--base", "HEAD")
    assert checked.exit == 1, checked.output
    assert "not drawn: train failed" in page(root)
    assert 'class="log"' in page(root)
    assert "ValueError &lt;b&gt;no&lt;/b&gt;" in page(root)


def test_plots_move_no_verdict_and_what_cant_be_read_is_told(tmp_path: Path) -> None:
    root = scratch(tmp_path)
    (root / "dvc.yaml").write_text(PIPELINE + "  - absent.csv\n  - ../outside.csv\n")
    checked = check(root, "--base", "HEAD")
    assert checked.exit == 0, checked.output
    assert "not drawn: absent.csv: no such file" in page(root)
    assert "outside.csv" not in page(root)
