"""Moving workflow files to another version."""

import pytest

from mlops_ci.proposals.update import calls_us, checks_pull_requests, moved, records_main

CALL = "    uses: mlops-ci/mlops-ci/.github/workflows/pull-request.yml@"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{CALL}v0.1.0", f"{CALL}v0.2.0"),
        (f"{CALL}v0.1.0 # why", f"{CALL}v0.2.0 # why"),
        (f"{CALL}v0.1.9\r\n", f"{CALL}v0.2.0\r\n"),
        ("  - uses: 'mlops-ci/mlops-ci/actions/check@v0.0.9'", "  - uses: 'mlops-ci/mlops-ci/actions/check@v0.2.0'"),
        ('  uses : "mlops-ci/mlops-ci/actions/check@v0.1.0"', '  uses : "mlops-ci/mlops-ci/actions/check@v0.2.0"'),
        (f"{CALL}v0.1.0\n{CALL}v0.1.1\n", f"{CALL}v0.2.0\n{CALL}v0.2.0\n"),
    ],
)
def test_an_older_version_is_moved_and_nothing_else_is_touched(before: str, after: str) -> None:
    result = moved(before, version="0.2.0")
    assert (result.text, result.kept) == (after, ())


@pytest.mark.parametrize(
    "text",
    [
        "    uses: actions/checkout@v0.1.0",
        "    uses: someone/mlops-ci/actions/check@v0.1.0",
        "    # uses: mlops-ci/mlops-ci/actions/check@v0.1.0",
        "    run: echo uses: mlops-ci/mlops-ci/actions/check@v0.1.0",
        f"{CALL}v0.2.0",
    ],
)
def test_what_is_not_ours_or_is_current_stays_without_a_word(text: str) -> None:
    result = moved(text, version="0.2.0")
    assert (result.text, result.kept) == (text, ())


@pytest.mark.parametrize("ref", ["main", "v1", "v0.1", "0123456789abcdef0123456789abcdef01234567", "v0.1.0-rc1"])
def test_a_reference_chosen_by_hand_is_left_and_named(ref: str) -> None:
    result = moved(CALL + ref, version="0.2.0")
    assert result.text == CALL + ref
    assert f"`@{ref}`" in result.kept[0]


def test_a_newer_version_is_never_moved_back() -> None:
    result = moved(f"{CALL}v0.10.0", version="0.9.0")
    assert result.text.endswith("@v0.10.0")
    assert "newer" in result.kept[0]


def test_callers_are_known_by_what_they_use() -> None:
    assert checks_pull_requests(f"{CALL}main")
    assert calls_us("- uses: mlops-ci/mlops-ci/actions/check@v1")
    assert not checks_pull_requests("- uses: mlops-ci/mlops-ci/actions/check@v1")
    assert not calls_us("# mlops-ci/mlops-ci/actions/check@v1")


def test_the_caller_of_the_workflow_for_main_is_told_from_the_other() -> None:
    assert records_main("    uses: mlops-ci/mlops-ci/.github/workflows/main.yml@v0.1.0")
    assert not records_main(f"{CALL}v0.1.0")
    assert not checks_pull_requests("    uses: mlops-ci/mlops-ci/.github/workflows/main.yml@v0.1.0")
