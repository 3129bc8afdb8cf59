"""docs/metrics.md, from the table itself. A test keeps the file equal to this."""

from math import isfinite

from mlops_ci.models.computed import MOST_SLICES
from mlops_ci.models.metrics import METRICS, Metric, Reads, Shape

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
function of that name; where it has none, by a few lines of `mlops_ci/models/compositions.py` that are tested against
it. `weight:` names the column of `sample_weight`. Any other metric, or any metric of a model without `predictions:`, is
a key of the metrics file: nested keys are joined by dots (`test.roc_auc`), items of lists are named by their index from
0 (`per_class.0`).

With `champion: base` both numbers come from the same kind of source. Where the base's predictions are not to be had,
and both metrics files hold the metric, a gate with `judge: point` compares those two numbers, and the report says so.

## The table

| metric | function | reads, beside `truth` | better | range | margin by default | interval: value, difference |
|---|---|---|---|---|---|---|
"""

_TAIL = """
## What a table may say of a row

| `predictions:` | says of a row | metrics |
|---|---|---|
| `truth`, `score` or `prediction` | one truth, and one score, class or value | {one} |
| `truth`, `classes: [a, b, c]`, `score: [p_a, p_b, p_c]` | a class, and a score for each class | {classes} |
| `truth: [x, y]`, `score: [p_x, p_y]` or `prediction: [q_x, q_y]` | labels, each 0 or 1 | {labels} |
| the first, and `query` | one row of the answer to a query | {ranking} |

* One score is that of the positive class. `truth` is 0 and 1, or false and true, for metrics of scores and for
  `precision`, `recall` and `f1`; `accuracy`, `balanced_accuracy`, `f1_macro` and `matthews_corrcoef` take any classes.
  With a `threshold`, what reaches it is predicted to be 1.
* With a score for each class, what is predicted is the class with the greatest one, unless `prediction` says another.
  `brier` is then the sum over the classes, from 0 to 2. `roc_auc_macro` sets each class against all others.
* `ece` has 15 bins of equally many rows; rows of one score are in one bin.
* Rankings: the mean over queries; queries without a relevant row are left out. Relevance is 0 and 1, for `ndcg` any
  number from 0 on. Rows of one score share their places as in scikit-learn; for `mrr` they come after the others of
  that score.

The default margin is 1 % of the range. A metric without a finite range, and one that is not in the table, needs
`margin`; one that is not in the table also needs `better: higher` or `better: lower`.

## What never passes

A gate passes only on evidence. It fails (exit 1) when its metric

- is missing from the metrics file, null, text, true or false, NaN or infinite;
- can't be computed: where scikit-learn warns that a metric is undefined, or answers NaN, or a 0 or 1 that is mere
  convention, the report says "can't be computed" and why. Likewise where one and the same score stands in all rows,
  where probabilities lie outside 0 to 1 or those of all classes do not add up to 1 (within 0.01), and where a class or
  label never occurs that `roc_auc_macro` would tell apart.

A table of predictions is no evidence when a column is missing or there twice, when it has fewer than two rows, when ids
are missing or repeated, when a truth, score or prediction is missing, NaN, infinite or of another kind, when a weight
is below 0 or all are 0, when a group, query or time is missing, when times have several zones (or some have none), when
a label is neither 0 nor 1, when a class is none of `classes`, and when the truth holds a single class. A table or a
metrics file that can't be read at all is exit 2.

Text in a JSON-lines file stays text, also where it looks like a time: `+02:00` beside `+01:00` is not lost.

A **leaked target** fails too (MC-MODEL-042): where the truth has two classes and the model declares `inputs:`, a column
of them that alone tells the truth, with an area under its ROC curve over 0.99 or under 0.01, has been written after the
fact. Rows are joined by `id`. Numbers are ranked, with what is missing first or last; texts count by the share of
positives that they have in the other half of the rows, so an id tells nothing. `allow-leak: [column]` lets one be.

A number that is NaN or infinite fails **also where no gate reads it**: a NaN is never fine. Text, null, true and false
under names that no gate reads are only noted, since people keep names and dates beside their numbers.

The base: with no dvc.lock and no recorded run there, a comparison is *not applicable*, and the report says so loudly.
Recorded there but not to be had or read, or not to be computed: *inconclusive* (exit 3).

## How it is judged

On the interval, where the number comes from predictions and the last column of the table says that one is known; else,
and with `judge: point`, on the point: the number itself against the bound, or against the champion's number and the
margin. A value exactly at the bound, or worse by exactly the margin, passes. `mode: warn` turns whatever a gate would
say into a warning, which says that it does not block; files that can't be read, and mistakes in the gate itself, stay
errors.

`slices: true` asks the same of the {slices} largest values of each slice column, on the interval; the report says how
many are left out. Where the column is `required`, values that are left out make the gate inconclusive.
"""


def page() -> str:
    """The whole of docs/metrics.md."""
    shapes = {shape.name.lower(): _named(shape) for shape in Shape}
    ranking = ", ".join(f"`{name}`" for name, metric in METRICS.items() if metric.ranking)
    tail = _TAIL.format(slices=MOST_SLICES, ranking=ranking, **shapes)
    return _HEAD + "".join(_row(name, metric) for name, metric in METRICS.items()) + tail


def _named(shape: Shape) -> str:
    names = [name for name, metric in METRICS.items() if shape in metric.shapes and not metric.ranking]
    return ", ".join(f"`{name}`" for name in names)


def _row(name: str, metric: Metric) -> str:
    options = ", ".join(f"{option}={value!r}" for option, value in metric.options)
    function = f"{metric.function}({options})" if options else metric.function
    composed = " of `compositions`" if metric.composed else ""
    margin = f"{metric.default_margin:g}" if metric.default_margin is not None else "none: say one"
    interval = f"{'yes' if metric.interval else 'no'}, {'yes' if metric.paired else 'no'}"
    ends = f"{_end(metric.low)} to {_end(metric.high)}"
    cells = (f"`{name}`", f"`{function}`{composed}", _read(metric), metric.better, ends, margin, interval)
    return f"| {' | '.join(cells)} |\n"


def _read(metric: Metric) -> str:
    match metric.reads:
        case Reads.SCORE:
            return "`score`" + (" (0 to 1)" if metric.probabilities else "") + (", `query`" if metric.ranking else "")
        case Reads.LABEL:
            return "`prediction`, or `score` and `threshold`"
        case Reads.VALUE:
            return "`prediction`"


def _end(number: float) -> str:
    return f"{number:g}" if isfinite(number) else ("∞" if number > 0 else "-∞")
