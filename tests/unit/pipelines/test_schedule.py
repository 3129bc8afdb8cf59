"""Who may start next: the longest way first, and never more than there is room for."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.pipelines.graph import Graph, graph_of
from mlops_ci.pipelines.schedule import Capacity, Schedule, Takes, remaining_seconds
from mlops_ci.tools.dvc.values import Stage


def stage(address: str, *needs: str, frozen: bool = False) -> Stage:
    return Stage(address=address, definition=PurePosixPath("dvc.yaml"), command=("x",), needs=needs, frozen=frozen)


FORK = graph_of([stage("short"), stage("long"), stage("behind", "long"), stage("end", "short", "behind")])


def taken(schedule: Schedule) -> list[str]:
    """All that can start now."""
    found = []
    while address := schedule.take():
        if not schedule.fits(address):
            schedule.put_back(address)
            break
        schedule.started(address)
        found.append(address)
    return found


def test_the_longest_way_to_the_end_goes_first() -> None:
    assert taken(Schedule(FORK, Capacity(jobs=1))) == ["long"]
    seconds = {"short": 100.0, "long": 1.0}
    assert taken(Schedule(FORK, Capacity(jobs=1), seconds=seconds)) == ["short"]


def test_the_time_behind_a_stage_is_that_of_the_longest_chain() -> None:
    seconds = {"short": 5.0, "long": 1.0, "behind": 2.0, "end": 3.0}
    assert remaining_seconds(FORK, seconds) == {"end": 3.0, "behind": 5.0, "long": 6.0, "short": 8.0}


def test_a_stage_starts_when_all_that_it_needs_is_settled() -> None:
    schedule = Schedule(FORK, Capacity(jobs=8, cpus=8))
    assert sorted(taken(schedule)) == ["long", "short"]
    schedule.settled("long")
    assert taken(schedule) == ["behind"]
    schedule.settled("behind")
    assert taken(schedule) == []
    schedule.settled("short")
    assert taken(schedule) == ["end"]


def test_a_frozen_stage_waits_for_nobody() -> None:
    graph = graph_of([stage("first"), stage("frozen", "first", frozen=True)])
    schedule = Schedule(graph, Capacity(jobs=2, cpus=2))
    assert sorted(taken(schedule)) == ["first", "frozen"]
    schedule.settled("first")
    assert schedule.take() is None


def alone(graph: Graph, takes: dict[str, Takes], capacity: Capacity) -> list[str]:
    return taken(Schedule(graph, capacity, takes))


def test_what_stages_take_is_never_more_than_there_is() -> None:
    two = graph_of([stage("a"), stage("b")])
    room = Capacity(jobs=8, cpus=4, memory=100, gpus=1)
    assert alone(two, {}, room) == ["a", "b"]
    for takes in (Takes(cpus=3), Takes(memory=60), Takes(gpus=1), Takes(mutex=frozenset({"warehouse"}))):
        assert alone(two, {"a": takes, "b": takes}, room) == ["a"], takes


def test_what_is_larger_than_the_machine_runs_alone() -> None:
    two = graph_of([stage("a"), stage("b")])
    huge = {"a": Takes(cpus=64, memory=10**15, gpus=8)}
    assert alone(two, huge, Capacity(jobs=8, cpus=2, memory=1)) == ["a"]


def test_a_blocked_stage_is_passed_over_and_still_there_afterwards() -> None:
    schedule = Schedule(FORK, Capacity(jobs=8, cpus=8))
    assert schedule.take(blocked={"long"}) == "short"
    assert schedule.take(blocked={"long"}) is None
    assert schedule.take() == "long"


@given(st.data())
def test_every_stage_of_any_graph_is_started_once_after_what_it_needs(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 12))
    stages = [
        stage(f"s{i}", *(f"s{one}" for one in sorted(data.draw(st.sets(st.integers(0, i - 1), max_size=3)))))
        if i
        else stage("s0")
        for i in range(number)
    ]
    graph = graph_of(stages)
    jobs = data.draw(st.integers(1, 4))
    schedule, done, running = Schedule(graph, Capacity(jobs=jobs, cpus=jobs)), set[str](), list[str]()
    while len(done) < number:
        for address in taken(schedule):
            assert set(graph.needs(address)) <= done
            running.append(address)
        assert 0 < len(running) <= jobs
        ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
        done.add(ended)
        schedule.settled(ended)
    assert schedule.take() is None
