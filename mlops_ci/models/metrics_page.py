"""docs/metrics.md, from the table itself. A test keeps the file equal to this."""

from math import isfinite

from mlops_ci.models.computed import MOST_SLICES
from mlops_ci.models.metrics import METRICS, Metric, Reads

WRITE = "python -c 'from mlops_ci.models.metrics_page import page; print(page(), end=\"\")' > docs/metrics.md"

_HEAD = """# Metrics

A gate in `mlops-ci.yaml` names one metric:

```yaml
models:
  delays:
    metrics: metrics.json
    predictions: {path: predictions.parquet, id: flight_id, truth: late, score: score, threshold: 0.5}
    gates:
      auc-floor: {metric: roc_auc, min: 0.68}
      not-worse: {metric: roc_auc, champion: base, margin: 0.01}
```

## Where a number comes from

A metric of the table below is computed from the predictions, where the model has `predictions:`, by scikit-learn's
function of that name. Any other metric, or any metric of a model without `predictions:`, is a key of the metrics file:
nested keys are joined by dots (`test.roc_auc`), items of lists are named by their index from 0 (`per_class.0`).

With `champion: base` both numbers come from the same kind of source. Where the base's predictions are not to be had,
and both metrics files hold the metric, those two numbers are compared, and the report says so.

## The table

| metric | function in `sklearn.metrics` | reads, beside `truth` | better | range | margin by default |
|---|---|---|---|---|---|
"""

_TAIL = """
The scores are those of the positive class. `truth` is 0 and 1, or false and true, for metrics of scores and for
`precision`, `recall` and `f1`; `accuracy`, `balanced_accuracy`, `f1_macro` and `matthews_corrcoef` take any classes.
Scores of several classes are not read yet.

The default margin is 1 % of the range. A metric without a finite range, and one that is not in the table, needs
`margin`; one that is not in the table also needs `better: higher` or `better: lower`.

## What never passes

A gate passes only on evidence. It fails (exit 1) when its metric

- is missing from the metrics file, null, text, true or false, NaN or infinite;
- can't be computed: where scikit-learn warns that a metric is undefined, or answers NaN, or a 0 or 1 that is mere
  convention, the report says "can't be computed" and why.

A table of predictions is no evidence when a column is missing or there twice, when it has fewer than two rows, when ids
are missing or repeated, when a truth, score or prediction is missing, NaN, infinite or of another kind, and when the
truth holds a single class. A table or a metrics file that can't be read at all is exit 2.

A number that is NaN or infinite fails **also where no gate reads it**: a NaN is never fine. Text, null, true and false
under names that no gate reads are only noted, since people keep names and dates beside their numbers.

The base: with no dvc.lock and no recorded run there, a comparison is *not applicable*, and the report says so loudly.
Recorded there but not to be had or read, or not to be computed: *inconclusive* (exit 3).

## How it is judged

On the point: the number itself against the bound, or against the base's number and the margin. A value exactly at the
bound, or worse by exactly the margin, passes. `mode: warn` turns whatever a gate would say into a warning, which says
that it does not block; files that can't be read, and mistakes in the gate itself, stay errors.

`slices: true` lists the metric for the {slices} largest values of each slice column, base and candidate. Slices are not
judged yet.
"""


def page() -> str:
    """The whole of docs/metrics.md."""
    return _HEAD + "".join(_row(name, metric) for name, metric in METRICS.items()) + _TAIL.format(slices=MOST_SLICES)


def _row(name: str, metric: Metric) -> str:
    options = ", ".join(f"{option}={value!r}" for option, value in metric.options)
    function = f"{metric.function}({options})" if options else metric.function
    margin = f"{metric.default_margin:g}" if metric.default_margin is not None else "none: say one"
    columns = {
        Reads.SCORE: "`score`" + (" (0 to 1)" if metric.probabilities else ""),
        Reads.LABEL: "`prediction`, or `score` and `threshold`",
        Reads.VALUE: "`prediction`",
    }
    ends = f"{_end(metric.low)} to {_end(metric.high)}"
    return f"| `{name}` | `{function}` | {columns[metric.reads]} | {metric.better} | {ends} | {margin} |\n"


def _end(number: float) -> str:
    return f"{number:g}" if isfinite(number) else ("∞" if number > 0 else "-∞")
