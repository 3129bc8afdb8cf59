"""Packages of repositories as they are out there, and of those that can't be packaged."""

import shutil
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import MlopsCiError
from mlops_ci.packaging.provenance import read_statement
from mlops_ci.packaging.records import Record
from mlops_ci.stories.package_verify import verified
from mlops_ci.tools.git_remote import RefusedError
from tests.factories import commit_all, git, lay
from tests.packaging.conftest import outside
from tests.packaging.inside import Inside
from tests.packaging.team import FILES, PIPELINE, Team, component, team_in

pytestmark = pytest.mark.slow


def refused(team: Team, *, exit_code: ExitCode = ExitCode.USAGE) -> str:
    """What is said where no package is built; nothing is named then."""
    before = team.packages()
    with pytest.raises(MlopsCiError) as caught:
        Inside(team.root).built()
    assert caught.value.exit is exit_code
    assert team.packages() == before
    return str(caught.value.findings)


def modes(record: Record) -> Mapping[str, str]:
    return {path: file.mode for path, file in record.manifest.files.items()}


def test_odd_files_are_packaged_as_git_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 1\n"
    team = team_in(
        tmp_path,
        {
            "code/steps/steps/größe ü.py": "X = 1\r\n", "code/steps/run me.sh": "#!/bin/sh\n",
            "code/steps/.gitattributes": "*.txt text eol=crlf\n*.upper filter=upper\n",
            "code/steps/windows.txt": "a\r\nb\r\n", "code/steps/big.bin": pointer, "code/steps/quiet.upper": "small\n",
        },
    )  # fmt: skip
    outside(team.root, monkeypatch)
    git(team.root, "config", "filter.upper.clean", "tr a-z A-Z")
    git(team.root, "config", "filter.upper.smudge", "cat")
    (team.root / "code/steps/run me.sh").chmod(0o755)
    (team.root / "code/steps/steps/link.py").symlink_to("größe ü.py")
    (team.root / "code/steps/quiet.upper").write_text("loud\n")
    commit_all(team.root, "odd")
    git(team.root, "push", "--quiet", "origin", "HEAD")
    inside = Inside(team.root)
    record = inside.built().record
    said = modes(record)
    assert said["code/steps/run me.sh"] == "100755"
    assert said["code/steps/steps/link.py"] == "120000"
    chain = inside.chain()
    assert chain.error is None
    assert chain.unpacked is not None
    files = {str(path): content for path, content in chain.unpacked.files.items()}
    assert files["code/steps/steps/größe ü.py"] == b"X = 1\r\n"
    assert files["code/steps/windows.txt"] == b"a\nb\n"  # as git stores it, whatever its attributes lay out
    assert files["code/steps/quiet.upper"] == b"LOUD\n"
    assert files["code/steps/big.bin"] == pointer.encode()
    assert files["code/steps/steps/link.py"] == "größe ü.py".encode()


def test_several_pipelines_in_nested_repositories_of_dvc_are_one_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = "stages:\n  one: {cmd: cp in.txt out.txt, deps: [in.txt, ../code/inner], outs: [out.txt]}\n"
    team = team_in(
        tmp_path,
        {
            "more/dvc.yaml": PIPELINE.replace("raw.txt", "../raw.txt").replace("code/", "../code/"),
            "more/params.yaml": "seed: 2\n", "inner dir/.dvc/config": "[core]\n", "inner dir/dvc.yaml": inner,
            "inner dir/in.txt": "1\n", "inner dir/requirements.txt": "polars==1.0\n", **component("inner"),
            "mlops-ci.yaml": "components: {steps: {path: code/steps}, inner: {path: code/inner}}\n",
            "more/.gitignore": "/clean.txt\n/model.txt\n", "inner dir/.gitignore": "/out.txt\n",
        },
    )  # fmt: skip
    outside(team.root, monkeypatch)
    record = Inside(team.root).built().record
    assert {name: one.component for name, one in record.manifest.stages.items()} == {
        "clean": "steps", "train": "steps", "more/dvc.yaml:clean": "steps", "more/dvc.yaml:train": "steps",
        "inner dir/dvc.yaml:one": "inner",
    }  # fmt: skip
    assert {folder: one.lock for folder, one in record.manifest.runtimes.items()} == {
        ".": "requirements.txt", "more": "requirements.txt", "inner dir": "inner dir/requirements.txt",
    }  # fmt: skip
    assert {"inner dir/.dvc/config", "more/params.yaml", "inner dir/requirements.txt"} <= set(modes(record))


def test_run_inputs_and_data_do_not_make_another_package(team: Team) -> None:
    first = Inside(team.root).named
    pipeline = PIPELINE.replace("stages:", "vars: [inputs.yaml]\nstages:\n"
        "  each: {foreach: '${months}', do: {cmd: echo, deps: [code/steps]}}\n", 1)  # fmt: skip
    config = "components: {steps: {path: code/steps}}\npipeline: {inputs: inputs.yaml}\n"
    team.pushed("inputs", {"dvc.yaml": pipeline, "mlops-ci.yaml": config, "inputs.yaml": "months: [1]\n"})
    one = Inside(team.root).built()
    team.pushed("another month", {"inputs.yaml": "months: [1, 2]\n", "dvc.lock": "schema: '2.0'\nstages: {}\n"})
    other = Inside(team.root).built()
    assert one.named.digest == other.named.digest != first.digest
    assert one.record.manifest.component_of("each@1") == "steps"
    files = Inside(team.root).records.files(other.named)
    assert {PurePosixPath("inputs.yaml"), PurePosixPath("dvc.lock")} <= set(files)


def test_stages_of_no_component_are_named(team: Team) -> None:
    team.pushed("nobody's", {"dvc.yaml": PIPELINE.replace(", code/steps", "")})
    said = refused(team)
    assert "MC-PKG-010" in said
    assert "'clean'" in said
    assert "'train'" in said
    team.pushed("no components", {"mlops-ci.yaml": ""})
    assert "MC-PKG-010" in refused(team)


def test_what_is_not_committed_is_refused_where_it_belongs_to_the_pipeline(team: Team) -> None:
    lay(team.root, {"code/steps/steps/new.py": "", "params.yaml": "seed: 9\n", "docs/notes.md": "changed\n"})
    said = refused(team)
    assert "MC-PKG-013" in said
    assert "code/steps/steps/new.py, params.yaml" in said
    assert "notes" not in said
    git(team.root, "checkout", "--quiet", "params.yaml")
    (team.root / "code/steps/steps/new.py").unlink()
    assert Inside(team.root).built().fresh is False


def test_a_pipeline_without_a_lock_a_remote_or_a_stage_is_refused(team: Team) -> None:
    git(team.root, "rm", "--quiet", "requirements.txt")
    commit_all(team.root, "no lock")
    assert "MC-PKG-012" in refused(team)
    git(team.root, "rm", "--quiet", "dvc.yaml")
    commit_all(team.root, "no pipeline")
    assert "MC-PKG-011" in refused(team)
    git(team.root, "remote", "remove", "origin")
    assert "MC-GIT-009" in refused(team)


def test_without_a_dvc_remote_or_a_registry_there_is_nowhere_to_keep_it(team: Team) -> None:
    lay(team.root, {".dvc/config": ""})
    commit_all(team.root, "no DVC remote")
    assert "MC-PKG-023" in refused(team)


def test_a_dvc_repository_below_the_root_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = ("dvc.yaml", "raw.txt", "params.yaml", "requirements.txt", ".gitignore")
    below = {f"sub dir/{name}": FILES[name] for name in own}
    pipeline = {"sub dir/dvc.yaml": PIPELINE.replace("code/", "../code/")}
    team = team_in(tmp_path, {**dict.fromkeys(own, ""), **below, **pipeline})
    git(team.root, "mv", ".dvc", "sub dir/.dvc")
    config = (team.root / "sub dir/.dvc/config").read_text().replace("../../remote", "../../../remote")
    shutil.rmtree(team.root / ".dvc", ignore_errors=True)
    team.pushed("below", {"sub dir/.dvc/config": config})
    outside(team.root, monkeypatch)
    assert Inside(team.root).built().fresh is True
    assert Inside(team.root).chain().error is None


def test_a_submodule_in_the_pipeline_is_refused(team: Team) -> None:
    commit = git(team.root, "rev-parse", "HEAD")
    git(team.root, "update-index", "--add", "--cacheinfo", f"160000,{commit},code/steps/vendored")
    git(team.root, "commit", "--quiet", "-m", "submodule")
    (team.root / "code/steps/vendored").mkdir()
    assert "MC-PKG-014" in refused(team)


def test_a_token_that_only_reads_names_nothing(team: Team) -> None:
    hook = team.origin / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'denied: this token only reads' >&2\nexit 1\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    lay(team.root, {"params.yaml": "seed: 3\n"})
    commit_all(team.root, "not pushed")
    with pytest.raises(RefusedError):
        Inside(team.root).built()
    hook.unlink()
    assert Inside(team.root).built().fresh is True


IN_CI = {
    "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com", "GITHUB_REPOSITORY": "team/delays",
    "GITHUB_WORKFLOW_REF": "team/delays/.github/workflows/deliver.yml@refs/heads/main", "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "2", "GITHUB_REF": "refs/tags/v1.0.0",
}  # fmt: skip


def test_in_ci_from_a_shallow_clone_the_workflow_is_the_builder(team: Team) -> None:
    team.pushed("later", {"params.yaml": "seed: 5\n"})
    clone = Inside(team.clone("runner", "--depth=1").root, IN_CI)
    built = clone.built()
    claims = read_statement(built.record.provenance, where="package")
    assert claims.builder == "https://git.example.com/team/delays/.github/workflows/deliver.yml@refs/heads/main"
    assert claims.invocation == "https://git.example.com/team/delays/actions/runs/7/attempts/2"
    assert b'"ref": "refs/tags/v1.0.0"' in built.record.provenance
    assert verified(built.named, clone.world).unpacked.manifest == built.record.manifest


def test_a_dry_run_sends_nothing(team: Team) -> None:
    lay(team.root, {"params.yaml": "seed: 4\n"})
    commit_all(team.root, "another")
    before, files = team.packages(), sorted(team.remote.rglob("*"))
    planned = Inside(team.root).built(dry_run=True)
    assert planned.fresh is None
    assert (team.packages(), sorted(team.remote.rglob("*"))) == (before, files)
    assert Inside(team.root).built().named.digest == planned.named.digest
