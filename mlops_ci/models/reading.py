"""Columns of a table of predictions, read and checked; what is wrong is gathered, so that all of it is told at once."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlops_ci.config.models import Block
from mlops_ci.models.column_problems import endless_in, missing_in, mixed_zones, of_ids, of_rows, unfit
from mlops_ci.models.columns import Coded, UnfitColumnError, as_codes, as_labels, as_numbers, as_texts
from mlops_ci.models.problems import Problem
from mlops_ci.models.times import MixedZonesError, Times, as_times

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


class Reading:
    """One table's columns. What is asked for and can't be evidence is None, and `problems` say why."""

    def __init__(self, raw: pa.Table, *, loose: bool) -> None:
        self.problems: list[Problem] = []
        self.loose = loose
        self._raw = raw

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are there to be read."""
        return tuple(self._raw.column_names)

    def ids(self, name: str) -> pa.ChunkedArray:
        """The ids as they are."""
        self.problems.extend(of_ids(self._raw[name], name, loose=self.loose))
        return self._raw[name]

    def numbers(self, name: str) -> Numbers | None:
        """Finite numbers."""
        column = self._raw[name]
        try:
            values = as_numbers(column, loose=self.loose)
        except UnfitColumnError as error:
            self.problems.append(unfit(name, error, column))
            return None
        return values if self._evident(missing_in(column, name, loose=self.loose), values, name) else None

    def labels(self, name: str, *, text: bool = False) -> Numbers | Coded | None:
        """Classes: numbers, or texts; text: as texts in any case."""
        column = self._raw[name]
        try:
            values = as_texts(column) if text else as_labels(column, loose=self.loose)
        except UnfitColumnError as error:
            self.problems.append(unfit(name, error, column))
            return None
        numbers = None if isinstance(values, Coded) else values
        missing = missing_in(column, name, loose=self.loose, of_words=numbers is None)
        return values if self._evident(missing, numbers, name) else None

    def matrix(self, names: Sequence[str]) -> Numbers | None:
        """Numbers of several columns side by side: (rows, columns)."""
        found = [self.numbers(name) for name in names]
        columns = [column for column in found if column is not None]
        return np.column_stack(columns) if len(columns) == len(found) else None

    def label_matrix(self, names: Sequence[str]) -> Numbers | None:
        """Labels side by side, each 0 or 1 (or false and true)."""
        found = [self._label(name) for name in names]
        columns = [column for column in found if column is not None]
        return np.column_stack(columns) if len(columns) == len(found) else None

    def of_classes(self, name: str, classes: Sequence[str]) -> Numbers | None:
        """The place of each row's class among the declared ones."""
        column = self._raw[name]
        found = self.labels(name, text=True)
        if not isinstance(found, Coded):
            return None
        texts = [text.lower() for text in found.texts] if pa.types.is_boolean(column.type) else list(found.texts)
        place = {text: at for at, text in enumerate(classes)}
        codes = np.array([place.get(text, -1) for text in texts], dtype=np.float64)[found.codes]
        if (codes < 0).any():
            self.problems.append(
                of_rows(
                    "MC-MODEL-025", f"column {name} holds a class that `classes` lacks", codes < 0, {name: column},
                    expected=f"one of {', '.join(classes[:10])}{', ...' if len(classes) > 10 else ''}",  # noqa: PLR2004
                    do="name each class once under `classes:`, in the order of the columns of `score:`",
                )
            )  # fmt: skip
            return None
        return codes

    def codes(self, name: str | None) -> Codes | None:
        """0, 1, 2, ... for the distinct values, all of them there."""
        if name is None:
            return None
        column = self._raw[name]
        try:
            codes = as_codes(column)
        except UnfitColumnError as error:
            self.problems.append(unfit(name, error, column))
            return None
        return codes if self._evident(missing_in(column, name, loose=self.loose), None, name) else None

    def texts(self, name: str) -> Coded | None:
        """Texts by code; nothing there is a text as well."""
        try:
            return as_texts(self._raw[name])
        except UnfitColumnError as error:
            self.problems.append(unfit(name, error, self._raw[name]))
            return None

    def times(self, name: str | None) -> Times | None:
        """Times of one zone, or of none."""
        if name is None:
            return None
        column = self._raw[name]
        try:
            times = as_times(column, loose=self.loose)
        except UnfitColumnError as error:
            self.problems.append(unfit(name, error, column))
            return None
        except MixedZonesError as error:
            self.problems.append(mixed_zones(name, error))
            return None
        return times if self._evident(missing_in(column, name, loose=self.loose), None, name) else None

    def weights(self, name: str | None) -> Numbers | None:
        """Finite numbers, none below 0, not all 0."""
        values = None if name is None else self.numbers(name)
        if name is None or values is None:
            return None
        negative = ~(values >= 0)
        if negative.any():
            what, do = f"weights below 0 in column {name}", "weigh a row by 0 or more: 0 leaves it out"
            shown = {name: self._raw[name]}
            self.problems.append(
                of_rows("MC-MODEL-026", what, negative, shown, expected="0 or more in each row", do=do)
            )
        elif not values.any():
            self.problems.append(
                Problem(
                    code="MC-MODEL-026", what=f"all weights are 0 in column {name}", found=f"0 in {len(values):,} rows",
                    expected="a weight over 0", do="find out why the stage writes no weight", count=len(values),
                )
            )  # fmt: skip
        return values

    def _label(self, name: str) -> Numbers | None:
        values = self.labels(name)
        if values is None:
            return None
        other = np.ones(len(values.codes), np.bool_) if isinstance(values, Coded) else ~np.isin(values, (0.0, 1.0))
        if other.any():
            what, do = f"column {name} holds something else than a label", "write 1 where the label holds, else 0"
            shown = {name: self._raw[name]}
            expected = "0 or 1 (or false and true) in each row"
            self.problems.append(of_rows("MC-MODEL-027", what, other, shown, expected=expected, do=do))
            return None
        return None if isinstance(values, Coded) else values

    def _evident(self, missing: Problem | None, values: Numbers | None, name: str) -> bool:
        wrong = missing
        if wrong is None and values is not None:
            wrong = endless_in(values, self._raw[name], name)
        if wrong is not None:
            self.problems.append(wrong)
        return wrong is None


def block_codes(times: Times, block: Block) -> Codes:
    """0, 1, 2, ... for the blocks that occur."""
    return as_codes(pa.chunked_array([pa.array(times.blocks(block))]))
