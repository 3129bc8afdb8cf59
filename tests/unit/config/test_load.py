"""mlops-ci.yaml into values, or all its mistakes in one message."""

from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from mlops_ci.config.load import CONFIG_FILE, read_config, read_config_file
from mlops_ci.config.models import GateMode
from mlops_ci.config.schema import Config, PipelineMode
from mlops_ci.core.findings import Finding, Place
from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import UsageError


def mistakes(text: str) -> dict[str, Finding]:
    """Findings by their subject; each subject has one."""
    with pytest.raises(UsageError) as raised:
        read_config(text.encode())
    found = {finding.subject: finding for finding in raised.value.findings}
    assert len(found) == len(raised.value.findings)
    assert all(finding.exit is ExitCode.USAGE and finding.do and finding.place for finding in found.values())
    return found


def gate(conditions: str, model: str = "metrics: metrics.json") -> str:
    return f"models:\n  delays:\n    {model}\n    gates:\n      floor: {{metric: auc, {conditions}}}\n"


def test_without_a_file_everything_has_its_default() -> None:
    loaded = read_config(None)
    assert loaded.config == Config()
    assert loaded.place("models") is None


def test_an_empty_file_is_sound() -> None:
    assert read_config(b"").config == Config()


def test_values_are_frozen_and_typed() -> None:
    loaded = read_config(
        b"runtime: {lock: requirements.txt}\npipeline: {run: verify, time-limit: 40m}\n"
        b"models: {m: {metrics: m.json, gates: {g: {metric: auc, min: 1, mode: warn}}}}\n"
    )
    config = loaded.config
    assert config.runtime.lock == PurePosixPath("requirements.txt")
    assert config.pipeline.run is PipelineMode.VERIFY
    assert config.pipeline.time_limit == timedelta(minutes=40)
    assert config.models["m"].gates["g"].mode is GateMode.WARN
    assert loaded.place("pipeline", "run") == Place(path=CONFIG_FILE, line=2, column=12)


def test_mistakes_of_every_kind_come_in_one_message_in_the_order_of_the_file() -> None:
    found = mistakes("verison: 1\npipeline: {run: verfy}\n" + gate("mode: block"))
    assert list(found) == ["verison", "pipeline.run", "models.delays.gates.floor"]


def test_an_unknown_key_gets_the_nearest_name() -> None:
    finding = mistakes("models: {m: {gate: {}}}")["models.m.gate"]
    assert finding.do == "did you mean `gates`?"
    assert finding.place == Place(path=CONFIG_FILE, line=1, column=14)


def test_a_missing_key_is_named_with_the_place_of_its_section() -> None:
    finding = mistakes("datasets:\n  flights: {key: [id]}\n")["datasets.flights.path"]
    assert (finding.what, finding.place) == ("is missing", Place(path=CONFIG_FILE, line=2, column=3))


@pytest.mark.parametrize(
    ("value", "found"), [(".nan", ".nan"), ("-.inf", "-.inf"), ("1e999", "1e999"), ("9" * 400, "9" * 80)]
)
def test_a_threshold_that_is_not_finite_is_refused_where_it_stands(value: str, found: str) -> None:
    finding = mistakes(gate(f"min: {value}"))["models.delays.gates.floor.min"]
    assert finding.expected == "a finite number"
    assert finding.found.startswith(found)
    assert finding.place == Place(path=CONFIG_FILE, line=5, column=28)


@pytest.mark.parametrize(
    ("text", "subject", "do"),
    [
        (gate('min: "0.7"'), "models.delays.gates.floor.min", "write 0.7 without quotes"),
        ("runtime: {env: {N: 1}}", "runtime.env.N", 'quote it: "1"'),
        ("pipeline: {time-limit: 40}", "pipeline.time-limit", "write the number with its unit, like 40m"),
        ("pipeline: {stages: {a: {heavy: no}}}", "pipeline.stages.a.heavy",
         "write false: in YAML 1.2 only true and false are no text"),
        ("pipeline: {stages: {a: {cpus: 010}}}", "pipeline.stages.a.cpus", 'write 10, or "010" if it is text'),
        ("datasets: {d: {path: a, suites: s.json}}", "datasets.d.suites",
         "write the items in brackets, like [first, second]"),
        ("components: {Upper: {path: a}}", "components.Upper", "call it `upper`, for instance"),
        ("components: {c: {path: '${x}'}}", "components.c.path",
         "write the path out: nothing is expanded in this file"),
        ("models:\n", "models", "write a value after the key, or remove the key"),
        ("runtime: {python: a, lock: b}", "runtime", "keep one of the two keys"),
        ("triggers: {weekly: {}}", "triggers", "remove it: nothing is triggered yet"),
    ],
)  # fmt: skip
def test_the_cure_is_exact(text: str, subject: str, do: str) -> None:
    assert mistakes(text)[subject].do == do


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\\b", "''"])
def test_a_path_never_leaves_the_repository(path: str) -> None:
    assert list(mistakes(f"components: {{c: {{path: {path}}}}}")) == ["components.c.path"]


def test_a_value_of_several_kinds_that_fits_none_is_one_finding() -> None:
    found = mistakes(gate("min: 1, slices: [1, 2]") + "pipeline: {jobs: -1}")
    assert list(found) == ["models.delays.gates.floor.slices", "pipeline.jobs"]
    assert found["pipeline.jobs"].expected == "auto, or a whole number, at least 1"


def test_a_value_that_is_refused_is_not_taken_for_a_missing_one() -> None:
    assert list(mistakes(gate("min: high"))) == ["models.delays.gates.floor.min"]
    assert list(mistakes(gate("min: 1", model="metrics: ../m.json"))) == ["models.delays.metrics"]


def test_thousands_of_mistakes_are_told_to_the_fiftieth() -> None:
    with pytest.raises(UsageError) as raised:
        read_config(("{" + ",".join(f"key{n}: 1" for n in range(2_000)) + "}").encode())
    assert len(raised.value.findings) == 51
    assert raised.value.findings[-1].what == "1,950 more mistakes"


def test_a_file_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    assert read_config_file(tmp_path).config == Config()


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).mkdir()
    with pytest.raises(UsageError, match="is not a file"):
        read_config_file(tmp_path)


def test_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("password: hunter2\n")
    root = tmp_path / "repository"
    root.mkdir()
    (root / CONFIG_FILE).symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(UsageError) as raised:
        read_config_file(root)
    assert "hunter2" not in repr(raised.value.findings)


@pytest.mark.parametrize("target", ["nowhere", "mlops-ci.yaml"])
def test_a_broken_link_is_not_taken_for_a_missing_file(tmp_path: Path, target: str) -> None:
    (tmp_path / CONFIG_FILE).symlink_to(tmp_path / target)
    with pytest.raises(UsageError, match="cannot be read"):
        read_config_file(tmp_path)
