"""Digests are names made of content: order of keys and machine don't matter."""

import math

import pytest
import rfc8785

from mlops_ci.core.digests import digest_of_bytes, digest_of_json
from mlops_ci.core.names import is_name, nearest


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest_of_json({"a": 1, "b": [1.5, None]}) == digest_of_json({"b": [1.5, None], "a": 1})


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    assert digest_of_json({"b": 1.0, "a": "é"}) == digest_of_bytes('{"a":"é","b":1}'.encode())


def test_nan_has_no_digest() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        digest_of_json({"auc": math.nan})


@pytest.mark.parametrize("name", ["a", "flight-delays", "x_1", "0", "a" * 64])
def test_plain_names_are_allowed(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "-x", "x-", "../x", "A", "a/b", "a b", "a" * 65, "é", "x\n", "🚀", "a@b", "."])
def test_hostile_names_are_not(name: str) -> None:
    assert not is_name(name)


def test_the_nearest_name_is_offered_only_when_it_is_near() -> None:
    assert nearest("verison", ["version", "runtime"]) == "version"
    assert nearest("zebra", ["version", "runtime"]) is None
