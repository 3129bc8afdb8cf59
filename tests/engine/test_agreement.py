"""Generated pipelines, edits and failures: what `dvc repro` leaves is what `mlops-ci pipeline run` leaves."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.engine.agreement import disagreement, pulling
from tests.engine.generator import Scenario, scenarios
from tests.engine.twins import Program

# More of them, with seeds: benchmarks/agree.py.
EXAMPLES = 25


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(scenario=scenarios(most_stages=6, most_steps=2))
def test_generated_pipelines_agree_with_dvc(both: tuple[Program, Program], scenario: Scenario) -> None:
    found = disagreement(scenario, both)
    assert found is None, str(found)


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES // 3, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(scenario=scenarios(most_stages=6, most_steps=2))
def test_where_nothing_is_absent_pull_changes_nothing(both: tuple[Program, Program], scenario: Scenario) -> None:
    found = disagreement(*pulling(scenario, both))
    assert found is None, str(found)
