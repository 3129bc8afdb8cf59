"""The worker that holds Great Expectations: `python -m mlops_ci.data.expectations FD`, see tools/workers.py.

It imports Great Expectations before it takes a request, so that starting it early overlaps with other work.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import great_expectations as gx
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.registry import list_registered_expectation_implementations

from mlops_ci.core.findings import Finding
from mlops_ci.core.records import finding_to_json
from mlops_ci.data.datasets import Format
from mlops_ci.data.outcomes import Asked, OddRow, Outcome, finding_of, invalid, missing_column, text_among_numbers
from mlops_ci.data.tables import Table, kind_of_values, not_numbers, plain
from mlops_ci.data.unfit_tables import UnfitTableError, read_table
from mlops_ci.tools.workers import Message, serve

_MOST_ROWS = 20
_MARK = "mlops-ci"  # the number of an expectation travels in its meta, since results come in another order
_NUMERIC_BOUNDS = ("min_value", "max_value", "value", "threshold")

_ENDS_TRACE = re.compile(r"[\w.]+(Error|Exception|Warning|Interrupt)\b")
_WRAPPERS = ("MetricResolutionError", "MetricError", "MetricComputationError")

Result = Mapping[str, Any]


def validate(arguments: Message) -> Message:
    """Read a dataset's files and judge its suites.

    arguments: dataset, format, files [[path, name to show]], key [column], suites [{path, parameters,
    expectations [{type, kwargs, severity, line}]}]. The answer: findings (with rows), rows, expectations, seconds.
    """
    begin = monotonic()
    dataset: str = arguments["dataset"]
    try:
        table, findings = read_table(
            dataset, [(Path(path), shown) for path, shown in arguments["files"]], Format(arguments["format"])
        )
    except UnfitTableError as error:
        return _answer(error.findings, rows=error.rows, expectations=0, begin=begin)
    batch = _batch(table)
    judged = 0
    for suite in arguments["suites"]:
        every = [Asked(dataset=dataset, suite=suite["path"], number=number, **each)
                 for number, each in enumerate(suite["expectations"], start=1)]  # fmt: skip
        findings += _judge(batch, table, every, suite["parameters"], arguments["key"])
        judged += len(every)
    return _answer(findings, rows=len(table.frame), expectations=judged, begin=begin)


def _answer(findings: Sequence[Finding], *, rows: int, expectations: int, begin: float) -> Message:
    told = [{**finding_to_json(finding), "rows": [dict(row) for row in finding.rows]} for finding in findings]
    return {"findings": told, "rows": rows, "expectations": expectations, "seconds": monotonic() - begin}


def _judge(
    batch: Batch, table: Table, every: Sequence[Asked], parameters: Mapping[str, Any], key: Sequence[str]
) -> list[Finding]:
    columns = [str(column) for column in table.frame.columns]
    findings = _missing_columns(every, columns)
    built: list[tuple[Asked, Expectation]] = []
    for each in every:
        if set(each.columns) <= set(columns):
            try:
                built.append((each, _build(each)))
            except Exception as error:  # GX has no error of its own for all that an argument can be
                findings.append(invalid(each, _told(error), list_registered_expectation_implementations()))
    results = _run(batch, built, parameters)
    findings += _told_once(_finding(each, table, results[each.number], key) for each, _ in built)
    return sorted(findings, key=lambda finding: int(str(finding.evidence["number"])))


def _finding(each: Asked, table: Table, result: Result, key: Sequence[str]) -> Finding | None:
    error = _exception(result)
    if error is not None:
        return _text_instead(each, table, key) or finding_of(each, Outcome(success=False, result={}, error=error))
    inner = result["result"]
    rows = [row for row in inner.get("partial_unexpected_index_list") or () if isinstance(row, int)]
    odd = [_odd_row(table, row, (*key, *each.columns)) for row in rows[:_MOST_ROWS]]
    empty = tuple(name for name in each.columns if table.frame[name].isna().all())
    judged = _rows_looked_at(each, table)
    return finding_of(each, Outcome(success=result["success"], result=inner, rows=odd, empty=empty, judged=judged))


def _rows_looked_at(each: Asked, table: Table) -> int:
    """How many rows an expectation looks at. GX says so for values, but not for a mean or a sum."""
    condition = each.kwargs.get("row_condition")
    if isinstance(condition, str):
        with suppress(Exception):  # another grammar than pandas': then GX alone knows the rows
            return len(table.frame.query(condition))
    return len(table.frame)


def _missing_columns(every: Sequence[Asked], columns: Sequence[str]) -> list[Finding]:
    """One finding a missing column, however many expectations need it."""
    needing: dict[str, list[Asked]] = {}
    for each in every:
        for column in each.columns:
            if column not in columns:
                needing.setdefault(column, []).append(each)
    return [
        missing_column(_loudest(asking), column, columns, unjudged=len(asking)) for column, asking in needing.items()
    ]


def _loudest(asking: Sequence[Asked]) -> Asked:
    order = ("critical", "warning", "info")
    return min(asking, key=lambda each: order.index(each.severity))


def _told_once(findings: Iterator[Finding | None]) -> Iterator[Finding]:
    """A column of text is told once, not for each expectation that wants numbers."""
    told: set[tuple[str, object]] = set()
    for finding in findings:
        if finding is None:
            continue
        cause = (finding.what, finding.evidence.get("column"))
        if finding.code != "MC-DATA-004" or cause not in told:
            told.add(cause)
            yield finding


def _build(each: Asked) -> Expectation:
    """Raises what GX raises for an unknown type or a wrong argument; a suite would drop such a one in silence."""
    asked = ExpectationConfiguration(
        type=each.type, kwargs=dict(each.kwargs), severity=FailureSeverity(each.severity), meta={_MARK: each.number}
    )
    return asked.to_domain_obj()


def _batch(table: Table) -> Batch:
    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False), analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )  # fmt: skip
    context = gx.get_context(mode="ephemeral", project_config=settings)
    whole = context.data_sources.add_pandas("dataset").add_dataframe_asset("dataset")
    return whole.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": table.frame})


def _run(batch: Batch, built: Sequence[tuple[Asked, Expectation]], parameters: Mapping[str, Any]) -> dict[int, Result]:
    """Results by the expectation's number. Together, since they share metrics; one by one where one brings all down."""
    try:
        return _validated(batch, [expectation for _, expectation in built], parameters)
    except Exception:  # whatever GX raises outside of an expectation's own evaluation
        logging.getLogger(__name__).exception("the suite as a whole could not be evaluated")
        return {each.number: _alone(batch, each, expectation, parameters) for each, expectation in built}


def _alone(batch: Batch, each: Asked, expectation: Expectation, parameters: Mapping[str, Any]) -> Result:
    try:
        return _validated(batch, [expectation], parameters)[each.number]
    except Exception as error:
        return {"success": False, "result": {}, "exception_info": {"raised_exception": True,
                "exception_message": str(error), "exception_traceback": type(error).__name__ + ":"}}  # fmt: skip


def _validated(batch: Batch, expectations: list[Expectation], parameters: Mapping[str, Any]) -> dict[int, Result]:
    if not expectations:
        return {}
    done = batch.validate(
        gx.ExpectationSuite(name="suite", expectations=expectations), expectation_parameters=dict(parameters),
        result_format={"result_format": "SUMMARY", "partial_unexpected_count": _MOST_ROWS},
    )  # fmt: skip
    results: dict[int, Result] = {
        each.expectation_config.meta[_MARK]: each.to_json_dict() for each in done.results if each.expectation_config
    }
    if len(results) != len(expectations):
        raise RuntimeError(f"{len(expectations)} expectations, {len(results)} results")
    return results


def _exception(result: Result) -> tuple[str, str] | None:
    """Kind and message of what was raised. GX keeps one object, or one for each metric that failed."""
    told = result.get("exception_info") or {}
    for each in [told, *(inner for inner in told.values() if isinstance(inner, dict))]:
        if each.get("raised_exception"):
            trace = str(each.get("exception_traceback"))
            logging.getLogger(__name__).error("%s", trace)
            return _cause(trace), str(each.get("exception_message"))
    return None


def _cause(trace: str) -> str:
    """The name of the exception that Great Expectations wrapped."""
    ends = [line.partition(":")[0].rpartition(".")[2] for line in trace.splitlines() if _ENDS_TRACE.match(line)]
    return next((kind for kind in reversed(ends) if kind not in _WRAPPERS), "exception")


def _text_instead(each: Asked, table: Table, key: Sequence[str]) -> Finding | None:
    """An expectation about numbers that met text: the rows that are to blame."""
    column = each.kwargs.get("column")
    bounds = [each.kwargs.get(name) for name in _NUMERIC_BOUNDS]
    if not isinstance(column, str) or not any(isinstance(bound, int | float) for bound in bounds):
        return None
    values = table.frame[column]
    odd = not_numbers(values) if kind_of_values(values) in ("text", "mixed", "mixed-integer") else []
    if not odd:
        return None
    rows = [_odd_row(table, row, (*key, column)) for row in odd[:_MOST_ROWS]]
    return text_among_numbers(each, column, rows, odd=len(odd), of=int(values.notna().sum()))


def _odd_row(table: Table, row: int, columns: Sequence[str]) -> OddRow:
    spot = table.spot(row)
    there = [column for column in dict.fromkeys(columns) if column in table.frame.columns]
    return OddRow(
        file=spot.file,
        row=spot.row,
        line=spot.line,
        values=plain({name: table.frame[name].iloc[row] for name in there}),
    )


def _told(error: Exception) -> str:
    """Why GX refused a configuration, in one line: arguments of the suite, no values of rows."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[1:3] if lines and "validation error" in lines[0] else lines[:1])[:300]


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    serve({"validate": validate})
