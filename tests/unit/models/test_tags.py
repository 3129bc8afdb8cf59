"""What the names of tags say of a model, and what became of it in which order."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.core.versions import Version
from mlops_ci.models.history import What, history_of
from mlops_ci.models.tags import TAGS, Names, names_of, patterns_of
from mlops_ci.tools.git_objects import Tag
from tests.unit.models.cards import AT, a_record

V1, V2 = Version(1, 0, 0), Version(1, 0, 1)


def refs(**commits: str) -> dict[str, str]:
    """Annotated tags by name, each on a commit."""
    return {
        ref: value
        for name, commit in commits.items()
        for ref, value in ((f"{TAGS}{name}", f"tag of {name}"), (f"{TAGS}{name}^{{}}", commit))
    }


def names(tags: dict[str, str]) -> Names:
    return names_of("delays", refs(**tags))


def test_versions_stages_and_deprecations_are_read_from_names() -> None:
    seen = names({
        "delays@v1.0.0": "c1", "delays@v1.0.1": "c2", "delays#shadow#1": "c1", "delays#shadow#3": "c2",
        "delays#batch#2": "c1", "delays@v1.0.0!#4": "c1",
    })  # fmt: skip
    assert (seen.newest, seen.versions[V1], seen.commits[V2]) == (V2, "tag of delays@v1.0.0", "c2")
    assert seen.stages() == {"shadow": V2, "batch": V1}
    assert seen.ended == {V1}


def test_the_highest_number_counts_and_not_the_order_in_which_the_remote_lists() -> None:
    tags = {"delays#shadow#10": "c2", "delays#shadow#9": "c1", "delays@v1.0.0": "c1", "delays@v1.0.1": "c2"}
    assert names(tags).stages() == {"shadow": V2}
    assert names({**tags, "delays#shadow!#11": "c2"}).stages() == {}
    assert names({**tags, "delays#shadow!#11": "c2", "delays#shadow#12": "c1"}).stages() == {"shadow": V1}


def test_greater_is_by_number_and_not_by_text() -> None:
    assert names({"delays@v1.9.0": "c1", "delays@v1.10.0": "c2"}).newest == Version(1, 10, 0)


@pytest.mark.parametrize(
    "name",
    [
        "delays@v1", "delays@v1.0", "delays@v01.0.0", "delays@1.0.0", "delays@v1.0.0-rc1", "delays@v1.0.0.0",
        "delays@v9999999999.0.0", "delay@v1.0.0", "other#shadow#1", "delays#shadow", "delays#shadow#x", "delays##1",
        "delays#a#b#1", "delays@v1!#1", "delays@v1.0.0!", "delays#shadow!!#1", "delays#shadow#1234567890",
    ],
)  # fmt: skip
def test_names_that_are_not_of_the_grammar_say_nothing(name: str) -> None:
    assert names({name: "c1"}) == names({})


def test_lightweight_tags_say_nothing() -> None:
    light = {f"{TAGS}delays@v1.0.0": "c1", f"{TAGS}delays#shadow#1": "c1"}
    assert names_of("delays", light) == names({})


def test_a_stage_on_a_commit_of_no_version_holds_none() -> None:
    assert names({"delays@v1.0.0": "c1", "delays#shadow#1": "elsewhere"}).stages() == {}


def test_what_the_remote_is_asked_for_is_all_tags_of_the_model() -> None:
    assert patterns_of("delays") == ("refs/tags/delays@v*", "refs/tags/delays#*")


@given(st.dictionaries(st.text(alphabet="delays@v10.!#x\n\0 ^{}", max_size=24), st.text(max_size=3)))
def test_no_name_of_a_reference_is_too_odd(odd: dict[str, str]) -> None:
    seen = names_of("delays", {f"{TAGS}{name}": sha for name, sha in odd.items()})
    assert set(seen.stages().values()) <= set(seen.versions)


def stored(seen: Names, times: dict[str, datetime], **messages: str) -> dict[str, Tag]:
    found = {f"delays@{version}": sha for version, sha in seen.versions.items()}
    found |= {event.ref.removeprefix(TAGS): event.sha for event in seen.events}
    return {
        f"{TAGS}{name}": Tag(
            name=name, sha=sha, commit="", message=messages.get(name, name), written=times.get(name, AT), by="A <a@b.c>"
        )
        for name, sha in found.items()
    }  # fmt: skip


HISTORY = {"delays@v1.0.0": "c1", "delays#shadow#1": "c1", "delays@v1.0.1": "c2", "delays#shadow!#2": "c1",
           "delays@v1.0.0!#3": "c1"}  # fmt: skip


def test_history_is_told_in_order_with_who_and_why() -> None:
    seen = names(HISTORY)
    times = {name: AT + timedelta(hours=hour) for hour, name in enumerate(HISTORY)}
    found = history_of("delays", seen, stored(seen, times, **{"delays@v1.0.0!#3": "half of the flights"}))
    assert [(one.what, one.version, one.stage) for one in found] == [
        (What.REGISTERED, V1, ""), (What.ASSIGNED, V1, "shadow"), (What.REGISTERED, V2, ""),
        (What.UNASSIGNED, V1, "shadow"), (What.DEPRECATED, V1, ""),
    ]  # fmt: skip
    assert [one.when for one in found] == sorted(times.values())
    assert {one.by for one in found} == {"A <a@b.c>"}
    assert [one.message for one in found[1:]] == ["", "delays@v1.0.1", "", "half of the flights"]


def test_a_version_stands_before_what_happened_to_it_whatever_the_clocks_said() -> None:
    seen = names(HISTORY)
    times = {name: AT - timedelta(days=day) for day, name in enumerate(HISTORY)}  # each clock a day behind
    found = history_of("delays", seen, stored(seen, times))
    events = [one.tag for one in found if one.what is not What.REGISTERED]
    assert events == ["delays#shadow#1", "delays#shadow!#2", "delays@v1.0.0!#3"]
    assert [one.tag for one in found].index("delays@v1.0.0") < [one.tag for one in found].index("delays#shadow#1")


def test_a_tag_that_is_not_to_be_believed_is_told_with_nothing_that_it_says() -> None:
    (one,) = history_of("delays", names({"delays@v1.0.0": "c1"}), {})
    assert (one.when, one.by, one.version) == (None, "", V1)
    assert "not to be believed" in one.message


def test_what_a_version_was_registered_from_is_its_message() -> None:
    seen = names({"delays@v1.0.0": "c1"})
    record = a_record(version="v1.0.0")
    (one,) = history_of("delays", seen, stored(seen, {}, **{"delays@v1.0.0": record.message()}))
    assert one.message == f"run {record.run}"
    forced = a_record(version="v1.0.0", forced="the first one")
    (one,) = history_of("delays", seen, stored(seen, {}, **{"delays@v1.0.0": forced.message()}))
    assert one.message == "forced: the first one"
