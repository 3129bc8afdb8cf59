import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from flight_delays_train.candidates import CANDIDATES, fit
from flight_delays_train.model_file import TRUSTED, load, normalised, save
from training_rows import training_rows


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_a_normalised_file_predicts_what_the_plain_one_does(candidate: str, tmp_path: Path) -> None:
    rows = training_rows()
    model = fit(candidate, rows, {"max_iter": 50})
    save(model, tmp_path / "model.skops")
    plain = skops.io.loads(skops.io.dumps(model), trusted=TRUSTED)
    np.testing.assert_array_equal(
        load(tmp_path / "model.skops").predict_proba(rows), plain.predict_proba(rows), strict=True
    )


def test_ids_are_small_a_shared_array_is_stored_once_and_dates_are_fixed() -> None:
    shared = np.arange(3)
    content = normalised(skops.io.dumps({"first": shared, "second": shared, "other": np.arange(4)}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["schema.json", "0.npy", "1.npy"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        entries = json.loads(archive.read("schema.json"))["content"]
    assert entries["first"]["__id__"] == entries["second"]["__id__"] < 100
    loaded = skops.io.loads(content)
    assert loaded["first"].tolist() == loaded["second"].tolist() == [0, 1, 2]
    assert loaded["other"].tolist() == [0, 1, 2, 3]


def test_a_model_with_other_types_than_the_candidates_is_refused(tmp_path: Path) -> None:
    save({"anything": Path("somewhere")}, tmp_path / "model.skops")
    with pytest.raises(UntrustedTypesFoundException):
        load(tmp_path / "model.skops")


def test_a_normalised_file_is_its_own_normal_form() -> None:
    content = normalised(skops.io.dumps({"weights": np.arange(3)}))
    assert normalised(content) == content
