"""The workflow file that `init` writes."""

import json
from typing import Any

import pytest
import yaml

from mlops_ci.proposals.workflow import branch_pattern, main_text, workflow_text
from tests.unit.proposals.seen import VERSION, remote, seen


def text(**differs: Any) -> str:
    return workflow_text(seen(**differs), version=VERSION)


def parsed(**differs: Any) -> dict[Any, Any]:
    """The file's content; `on` is a boolean to readers of YAML 1.1."""
    content = yaml.safe_load(text(**differs))
    content["on"] = content.pop(True)
    return dict(content)


def test_it_runs_on_pull_requests_the_merge_queue_and_pushes_to_the_default_branch() -> None:
    assert parsed(branch="trunk")["on"] == {
        "pull_request": None,
        "merge_group": None,
        "push": {"branches": ["trunk"]},
    }


def test_it_grants_what_the_called_workflow_needs_and_nothing_else() -> None:
    content = parsed()
    assert content["permissions"] == {}
    assert content["jobs"]["mlops-ci"]["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_it_calls_the_tag_of_the_version_that_wrote_it() -> None:
    called = parsed()["jobs"]["mlops-ci"]["uses"]
    assert called == f"mlops-ci/mlops-ci/.github/workflows/pull-request.yml@v{VERSION}"


def test_only_runs_of_one_pull_request_share_a_concurrency_group() -> None:
    group = parsed()["concurrency"]["group"]
    assert group == "mlops-ci-${{ github.event_name }}-${{ github.event.pull_request.number || github.run_id }}"
    assert "github.workflow" not in text()


def test_a_comment_stands_above_or_beside_every_choice() -> None:
    lines = text(remotes=(remote("s3"),)).splitlines()
    choices = ("pull_request:", "merge_group:", "push:", "permissions:", "concurrency:", "mlops-ci:", "uses:", "env:")
    for choice in choices:
        number = next(number for number, line in enumerate(lines) if line.strip().startswith(choice))
        assert "#" in lines[number] or "#" in lines[number - 1], choice


@pytest.mark.parametrize(
    ("scheme", "variables"),
    [
        ("s3", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
        ("azure", ["AZURE_STORAGE_CONNECTION_STRING"]),
        ("oss", ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_ENDPOINT"]),
    ],
)
def test_a_remote_that_is_opened_by_variables_gets_them_from_secrets(scheme: str, variables: list[str]) -> None:
    secrets = parsed(remotes=(remote(scheme),))["jobs"]["mlops-ci"]["secrets"]
    assert secrets["env"].splitlines() == [f"{name}='${{{{ secrets.{name} }}}}'" for name in variables]


@pytest.mark.parametrize("scheme", ["", "http", "https", "gs", "ssh", "hdfs", "webdav", "gdrive", "unheard-of"])
def test_other_remotes_get_no_secret(scheme: str) -> None:
    assert "secrets" not in parsed(remotes=(remote(scheme),))["jobs"]["mlops-ci"]


def test_an_open_bucket_gets_no_secret() -> None:
    assert "secrets" not in parsed(remotes=(remote("s3", anonymous=True),))["jobs"]["mlops-ci"]


@pytest.mark.parametrize("scheme", ["gs", "ssh", "webdav"])
def test_credentials_that_are_files_are_told_to_need_a_job_of_ones_own(scheme: str) -> None:
    assert "a job of your own" in text(remotes=(remote(scheme),))


def test_several_remotes_share_one_secret() -> None:
    both = parsed(remotes=(remote("s3"), remote("s3", name="other"), remote("azure")))
    assert len(both["jobs"]["mlops-ci"]["secrets"]["env"].splitlines()) == 3


def test_all_secrets_are_never_inherited() -> None:
    assert "inherit" not in text(remotes=(remote("s3"),))


@pytest.mark.parametrize(
    ("branch", "pattern"),
    [
        ("main", "main"),
        ("release/2024.1", "release/2024.1"),
        ("c++", r"c\+\+"),
        ("!important", r"\!important"),
        ("a]b", r"a\]b"),
        ("zweig-für-ö", "zweig-für-ö"),
        ("${{github.token}}", "$*{github.token}}"),
        ("rtl\u202emain", "rtl*main"),
        ("bytes\udcff", "bytes*"),
        ("#1:'\"&,{}|%@`", "#1:'\"&,{}|%@`"),
    ],
)
def test_a_branch_becomes_the_pattern_that_matches_it(branch: str, pattern: str) -> None:
    assert branch_pattern(branch) == pattern
    assert parsed(branch=branch)["on"]["push"]["branches"] == [pattern]


@pytest.mark.parametrize("branch", ["x\n  evil: true", 'a"]\njobs: {}', "%{version}", "$(id)", "${{ secrets.X }}"])
def test_a_branch_is_data_whatever_it_is_called(branch: str) -> None:
    content = parsed(branch=branch)
    assert set(content) == {"name", "on", "permissions", "concurrency", "jobs"}
    assert len(content["on"]["push"]["branches"]) == 1
    assert "${{ secrets" not in text(branch=branch)


def test_the_file_is_ascii_but_for_the_branch_and_ends_with_one_line_break() -> None:
    assert text().isascii()
    assert text().endswith("\n")
    assert not text().endswith("\n\n")
    assert all(len(line) <= 120 for line in text(remotes=(remote("s3"), remote("ssh"))).splitlines())


def test_the_branch_is_written_as_json_which_is_yaml_too() -> None:
    assert f"branches: [{json.dumps('c++').replace('+', chr(92) * 2 + '+')}]" in text(branch="c++")


def on_main(**differs: Any) -> str:
    return main_text(seen(**differs), version=VERSION)


def parsed_main(**differs: Any) -> dict[Any, Any]:
    content = yaml.safe_load(on_main(**differs))
    content["on"] = content.pop(True)
    return dict(content)


def test_the_one_for_main_runs_on_pushes_to_the_default_branch_and_on_nothing_else() -> None:
    assert parsed_main(branch="c++")["on"] == {"push": {"branches": [r"c\+\+"]}}


def test_the_one_for_main_grants_what_its_job_needs_and_calls_the_tag_of_its_version() -> None:
    content = parsed_main()
    assert content["permissions"] == {}
    assert content["jobs"]["mlops-ci"] == {
        "permissions": {"contents": "write"},
        "uses": f"mlops-ci/mlops-ci/.github/workflows/main.yml@v{VERSION}",
    }


def test_no_model_is_registered_until_its_author_says_so_and_which_could_be_is_told() -> None:
    assert "with" not in parsed_main(models=("delays", "sizes"))["jobs"]["mlops-ci"]
    assert "    # with:\n    #   models: delays sizes\n" in on_main(models=("delays", "sizes"))
    assert "    #   models: NAME\n" in on_main()


def test_the_secrets_of_main_are_others_than_those_that_pull_requests_get() -> None:
    secrets = parsed_main(remotes=(remote("s3"),))["jobs"]["mlops-ci"]["secrets"]["env"]
    assert secrets.splitlines() == [
        f"{name}='${{{{ secrets.MAIN_{name} }}}}'" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    ]


def test_in_the_one_for_main_too_a_comment_stands_above_or_beside_every_choice() -> None:
    lines = on_main(remotes=(remote("s3"),)).splitlines()
    for choice in ("push:", "permissions:", "contents:", "mlops-ci:", "uses:", "env:"):
        number = next(number for number, line in enumerate(lines) if line.strip().startswith(choice))
        assert "#" in lines[number] or "#" in lines[number - 1], choice
    assert all(len(line) <= 120 and line.isascii() for line in lines)
