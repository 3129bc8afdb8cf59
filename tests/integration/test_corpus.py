"""Bad input gets its exact message and exit code, no traceback, and loses nothing. See tests/corpus/README.md."""

from pathlib import Path

import pytest

from tests.corpus_cases import CORPUS, SETUPS, Case, cases, run_case

_QUICK = [case for case in cases() if not case.slow]
_SLOW = [case for case in cases() if case.slow]


def _told(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", _QUICK, ids=_told)
def test_bad_input_gets_its_exact_message(case: Case, tmp_path: Path) -> None:
    _judge(case, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("case", _SLOW, ids=_told)
def test_bad_input_that_starts_dvc_or_great_expectations_gets_its_exact_message(case: Case, tmp_path: Path) -> None:
    _judge(case, tmp_path)


def _judge(case: Case, tmp_path: Path) -> None:
    outcome = run_case(case, tmp_path)
    assert outcome.text == case.expected, outcome.complete
    assert outcome.exit == case.exit, outcome.complete
    assert "Traceback" not in outcome.complete
    assert not outcome.disturbed


def test_every_folder_of_the_corpus_is_a_case() -> None:
    folders = {path.name for path in CORPUS.iterdir() if path.is_dir()}
    assert folders == {case.name for case in cases()}
    assert all(case.why and set(case.setup) <= set(SETUPS) for case in cases())
    assert {case.compare for case in cases()} <= {"stderr", "findings"}
