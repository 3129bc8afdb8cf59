"""What a model says of its gates, its budget and its table although each value is right by itself."""

from collections.abc import Iterator, Sequence

from mlops_ci.config.models import Budget, Gate, Judge, Model, Predictions
from mlops_ci.config.parameter import NoParameterError, parameter_named
from mlops_ci.config.problems import Keys, Problem, listed
from mlops_ci.core.names import nearest

_Columns = str | Sequence[str] | None


def of_model(keys: Keys, model: Model) -> Iterator[Problem]:
    """All of it. keys: of the model."""
    if model.gates and model.metrics is None and model.predictions is None:
        yield Problem(
            keys=(*keys, "gates"), code="MC-CONFIG-031", what="gates have nothing to judge",
            found="neither metrics nor predictions", expected="metrics, predictions or both",
            do="add `metrics: FILE` or `predictions: {path: FILE, id: COLUMN, truth: COLUMN, score: COLUMN}`",
            reads=((*keys, "metrics"), (*keys, "predictions")),
        )  # fmt: skip
    for name, gate in model.gates.items():
        gate_keys = (*keys, "gates", name)
        yield from _of_conditions(gate_keys, gate)
        yield from _of_comparison(gate_keys, gate)
        yield from _of_seeds(gate_keys, gate, model, (*keys, "seed"))
        yield from _of_slices(gate_keys, gate, model, (*keys, "predictions"))
    if model.seed is not None:
        yield from _of_parameter((*keys, "seed"), model.seed)
    if model.allow_leak and model.inputs is None:
        yield Problem(
            keys=(*keys, "allow-leak"), code="MC-CONFIG-047", what="names columns of a table that is not declared",
            found=_written(model.allow_leak), expected="inputs: FILE, the table of features, beside it",
            do="add `inputs: FILE`, or remove allow-leak", reads=((*keys, "inputs"),),
        )  # fmt: skip
    if model.budget is not None:
        yield from _of_budget(keys, model.budget, model)
    if model.predictions is not None:
        yield from _of_predictions((*keys, "predictions"), model.predictions)


def _of_conditions(keys: Keys, gate: Gate) -> Iterator[Problem]:
    if gate.min is None and gate.max is None and gate.champion is None:
        yield Problem(
            keys=keys, code="MC-CONFIG-032", what="gate without a condition", found=f"only `metric: {gate.metric}`",
            expected="min, max, champion or several of them", do="add for instance `min: 0.7` or `champion: base`",
            reads=(keys,),
        )  # fmt: skip
    if gate.min is not None and gate.max is not None and not gate.min <= gate.max:
        yield Problem(
            keys=(*keys, "min"), code="MC-CONFIG-033", what="no value can pass this gate",
            found=f"min {gate.min:g} above max {gate.max:g}", expected="min at most max", do="swap or mend the two",
        )  # fmt: skip
    if gate.judge is Judge.POINT and "confidence" in gate.model_fields_set:
        yield Problem(
            keys=(*keys, "confidence"), code="MC-CONFIG-044", what="means nothing for a gate on the point",
            found=f"confidence: {gate.confidence:g}, and judge: point", expected="judge: interval, or no confidence",
            do="remove `judge: point`, or remove confidence", reads=((*keys, "judge"),),
        )  # fmt: skip


def _of_comparison(keys: Keys, gate: Gate) -> Iterator[Problem]:
    if gate.champion is None:
        said = {
            "margin": gate.margin, "slice-margin": gate.slice_margin, "superior": "true" if gate.superior else None,
            "seeds": gate.seeds, "better": gate.better,
        }  # fmt: skip
        for key, value in said.items():
            if value is not None:
                yield Problem(
                    keys=(*keys, key), code="MC-CONFIG-035", what="means nothing without champion",
                    found=f"{key}: {value}", expected="champion beside it", do=f"add `champion: base`, or remove {key}",
                    reads=((*keys, "champion"),),
                )  # fmt: skip
        return
    if gate.superior and gate.margin is not None:
        yield Problem(
            keys=(*keys, "margin"), code="MC-CONFIG-041", what="means nothing beside superior",
            found=f"superior: true, and margin: {gate.margin:g}", expected="one of the two",
            do="remove margin: better is better by any amount; for slices write slice-margin",
            reads=((*keys, "superior"),),
        )  # fmt: skip
    if gate.slice_margin is not None and not gate.slices:
        yield Problem(
            keys=(*keys, "slice-margin"), code="MC-CONFIG-042", what="means nothing without slices",
            found=f"slice-margin: {gate.slice_margin:g}", expected="slices: true, or columns, beside it",
            do="add `slices: true`, or remove slice-margin", reads=((*keys, "slices"),),
        )  # fmt: skip


def _of_seeds(keys: Keys, gate: Gate, model: Model, seed: Keys) -> Iterator[Problem]:
    if gate.seeds is None or gate.champion is None:
        return
    if gate.judge is Judge.POINT or model.predictions is None:
        why = "judge: point" if gate.judge is Judge.POINT else "a model without predictions"
        yield Problem(
            keys=(*keys, "seeds"), code="MC-CONFIG-044", what="means nothing for a gate on the point",
            found=f"seeds: {gate.seeds}, and {why}", expected="a metric of predictions, judged on the interval",
            do="remove seeds, or judge predictions on the interval",
            reads=((*keys, "judge"), (*seed[:-1], "predictions")),
        )  # fmt: skip
    elif model.seed is None:
        yield Problem(
            keys=(*keys, "seeds"), code="MC-CONFIG-043", what="no parameter is named that could be set to each seed",
            found=f"seeds: {gate.seeds}", expected="seed: FILE:NAME below the model",
            do="add `seed: params.yaml:NAME` to the model", reads=(seed,),
        )  # fmt: skip


def _of_parameter(keys: Keys, seed: str) -> Iterator[Problem]:
    try:
        parameter_named(seed)
    except NoParameterError as error:
        yield Problem(
            keys=keys, code="MC-CONFIG-050", what="names no parameter that could be set", found=str(error),
            expected="a file of parameters, and a name in it", do="write it like `seed: params.yaml:train.seed`",
        )  # fmt: skip


def _of_slices(keys: Keys, gate: Gate, model: Model, predictions: Keys) -> Iterator[Problem]:
    declared = frozenset(model.predictions.slice_columns if model.predictions else ())
    if gate.slices is True and not declared:
        yield Problem(
            keys=(*keys, "slices"), code="MC-CONFIG-036", what="no slices are declared", found="slices: true",
            expected="columns in predictions.slices", do="add `slices: [COLUMN]` to the model's predictions",
            reads=(predictions,),
        )  # fmt: skip
    asked = () if isinstance(gate.slices, bool) else gate.slices
    for number, one in enumerate(asked):
        at: Keys = (*keys, "slices", number)
        for place, name in enumerate(_several(one)):
            if name not in declared:
                yield _undeclared(at if isinstance(one, str) else (*at, place), name, declared, predictions)
        yield from _of_repeated(at, one, asked[:number])


def _undeclared(keys: Keys, name: str, declared: frozenset[str], predictions: Keys) -> Problem:
    meant = nearest(name, declared)
    return Problem(
        keys=keys, code="MC-CONFIG-036", what="names a slice that is not declared", found=repr(name),
        expected=listed(declared, "a column of predictions.slices, where there is none"),
        do=f"did you mean `{meant}`?" if meant else "add it to the model's predictions.slices",
        reads=(predictions,),
    )  # fmt: skip


def _of_repeated(keys: Keys, one: str | Sequence[str], before: Sequence[str | Sequence[str]]) -> Iterator[Problem]:
    names = set(_several(one))
    if len(names) < len(_several(one)):
        yield _twice(keys, _written(one), "two columns", "write the column alone, or pair it with another one")
    elif any(names == set(_several(other)) for other in before):
        yield _twice(keys, _written(one), "each slice once", "remove one of the two")


def _of_budget(keys: Keys, budget: Budget, model: Model) -> Iterator[Problem]:
    at = (*keys, "budget")
    scoring = [key for key in ("start", "throughput", "memory") if getattr(budget, key) is not None]
    if budget.size is None and not scoring:
        yield Problem(
            keys=at, code="MC-CONFIG-046", what="budget without a limit", found=f"only `mode: {budget.mode}`",
            expected="size, start, throughput, memory or several of them", do="add for instance `size: 50MiB`",
            reads=(at,),
        )  # fmt: skip
    if budget.size is not None and model.artifact is None:
        yield _unmeasured((*at, "size"), "the size of no file is measured", "artifact", ((*keys, "artifact"),))
    lacking = [name for name in ("artifact", "predictions", "predict", "inputs") if getattr(model, name) is None]
    if scoring and lacking:
        reads = tuple((*keys, name) for name in lacking)
        yield _unmeasured((*at, scoring[0]), "no process that scores is measured", _and(lacking), reads)


def _unmeasured(keys: Keys, what: str, lacking: str, reads: Sequence[Keys]) -> Problem:
    return Problem(
        keys=keys, code="MC-CONFIG-045", what=what, found=f"a model without {lacking}",
        expected=f"{lacking} below the model", do=f"add {lacking}, or remove the limit", reads=reads,
    )  # fmt: skip


def _of_predictions(keys: Keys, table: Predictions) -> Iterator[Problem]:
    lists: dict[str, _Columns] = {
        "truth": table.truth, "score": table.score, "prediction": table.prediction, "classes": table.classes,
        "slices": table.slice_columns,
    }  # fmt: skip
    for key, names in lists.items():
        for number, name in enumerate(_several(names)):
            if name in _several(names)[:number]:
                each = "each class once" if key == "classes" else "each column once"
                yield _twice((*keys, key, number), repr(name), each, "remove one of the two, or mend its name")
    yield from _of_roles(keys, table)


def _of_roles(keys: Keys, table: Predictions) -> Iterator[Problem]:
    """Columns that can't be two things at once."""
    truth = set(_several(table.truth))
    why = {
        "id": "a row is not told from others by what happened", "score": "what happened would be its own score",
        "prediction": "what happened would be its own prediction",
    }  # fmt: skip
    for key, told in why.items():
        if truth & set(_several(getattr(table, key))):
            yield _same(keys, key, "truth", told)
    for key, each in (("group", "each row would be a group of its own"), ("query", "each row would be a query alone")):
        if getattr(table, key) == table.id:
            yield _same(keys, key, "id", each)


def _same(keys: Keys, key: str, other: str, why: str) -> Problem:
    return Problem(
        keys=(*keys, key), code="MC-CONFIG-049", what=f"is the column of `{other}` too: {why}",
        found=f"the same column in `{key}` and `{other}`", expected="another column in each",
        do=f"name another column in `{key}`" if key != "group" else "remove `group`, or name what rows share",
        reads=((*keys, other),),
    )  # fmt: skip


def _twice(keys: Keys, found: str, expected: str, do: str) -> Problem:
    return Problem(keys=keys, code="MC-CONFIG-048", what="stands there twice", found=found, expected=expected, do=do)


def _several(names: _Columns) -> Sequence[str]:
    return () if names is None else (names,) if isinstance(names, str) else names


def _written(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else f"[{', '.join(names)}]"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
