"""Strategies for projects: random graphs of stages, with all that dvc.yaml can say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from tests.engine.edits import Edit, EditKind
from tests.engine.project import Many, Output, Project, Shape, Stage
from tests.engine.rendering import PARAMETER_FILES

HOMES = ("", "", "sub", "sub/deep", "a b")
POOL = "folder_pool"
SOURCES = ("in.txt", "sub/in put.txt", "folder/x.txt", "folder/under/y.txt", f"{POOL}/base.txt")
DATA = ("data.bin", "sub/folder_data", "folder_kept/z.txt")
_READABLE = ("in.txt", "sub/in put.txt", "folder", *DATA)
# Of the edits these are drawn more often: they are what people do.
_COMMON = (EditKind.PARAMETER, EditKind.SOURCE, EditKind.COMMAND, EditKind.COMMAND)
_BREAKING = (*(EditKind.BREAK,) * 4, *(EditKind.MEND,) * 3)

T = TypeVar("T")


class Draw(Protocol):
    """Hypothesis's own draw function."""

    def __call__(self, strategy: st.SearchStrategy[T]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A project and what happens to it: after each group of edits both programs run."""

    project: Project
    steps: tuple[tuple[Edit, ...], ...]
    keep_going: bool


@st.composite
def scenarios(draw: Draw, *, most_stages: int = 8, most_steps: int = 3) -> Scenario:
    """A project that runs from the start, or not, and up to `most_steps` groups of edits."""
    breaking = draw(st.booleans())
    project = draw(projects(most_stages=most_stages))
    steps = draw(st.lists(_edits(breaking), min_size=1, max_size=most_steps))
    first = tuple(draw(st.lists(_edit((EditKind.BREAK,)), max_size=1))) if breaking else ()
    return Scenario(project=project, steps=(first, *steps), keep_going=breaking or draw(st.booleans()))


@st.composite
def projects(draw: Draw, *, most_stages: int) -> Project:
    """A project whose stages all succeed once what they need is there."""
    count = draw(st.integers(2, most_stages))
    closed = draw(st.integers(0, count))  # stages before this one write into a folder that later ones read as a whole
    stages: list[Stage] = []
    for number in range(count):
        earlier = [path for one in stages for path in one.expanded]
        stages.append(draw(_stages(number, earlier, pool_is_open=number < closed)))
    order = draw(st.permutations(stages))  # dvc.yaml need not be in the order of the graph
    return Project(
        stages=tuple(order),
        # The lines of .gitignore would follow the order of execution, and a folder's digest takes them in.
        sources={**{path: f"{path} 0\n" for path in SOURCES}, f"{POOL}/.gitignore": "/s*\n/t*\n"},
        data={
            "data.bin": {"": "data\n"},
            "sub/folder_data": {"one.txt": "1\n", "two/three.txt": "3\n"},
            "folder_kept/z.txt": {"": "z\n"},
        },
        params={},
        links=draw(st.sampled_from(("", "", "", "symlink", "hardlink"))),
    )


@st.composite
def _stages(draw: Draw, number: int, earlier: list[str], *, pool_is_open: bool) -> Stage:
    """The stage of this number, which may read what earlier ones write."""
    name = f"s{number}"
    home = draw(st.sampled_from(HOMES))
    readable = st.sampled_from([*_READABLE, *([] if pool_is_open else [POOL]), *earlier * 3])
    wdirs = (home, home, f"{home}/work".lstrip("/"))
    return Stage(
        name=name,
        home=home,
        wdir=draw(st.sampled_from(wdirs)),
        deps=tuple(draw(st.lists(readable, max_size=4, unique=True))),
        params=tuple(draw(st.lists(_parameters(), max_size=2, unique_by=lambda one: one[0]))),
        outs=draw(_outs(name, (home, home, "", f"{home}/out put", POOL if pool_is_open else home))),
        many=draw(st.sampled_from((Many.NO,) * 5 + tuple(Many))),
        salt=draw(st.integers(0, 3)),
        templated=draw(st.booleans()),
        shape=draw(st.sampled_from(Shape)),
        always=draw(st.sampled_from((False,) * 9 + (True,))),
    )


@st.composite
def _outs(draw: Draw, name: str, places: tuple[str, ...]) -> tuple[Output, ...]:
    count = draw(st.sampled_from((0, 1, 1, 1, 2, 3)))
    return tuple(draw(_out(f"{name}_{number}", places)) for number in range(count))


@st.composite
def _out(draw: Draw, stem: str, places: tuple[str, ...]) -> Output:
    folder = draw(st.sampled_from((False, False, True)))
    name = f"{stem}{{}}_folder" if folder else f"{stem}{{}}.txt"
    return Output(
        path=f"{draw(st.sampled_from(places))}/{name}".lstrip("/"),
        kind=draw(st.sampled_from(("outs", "outs", "metrics", "plots"))),
        folder=folder,
        cache=draw(st.sampled_from((True, True, False))),
        persist=not folder and draw(st.sampled_from((False, False, False, True))),
    )


def _parameters() -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([(file, key) for file, keys in PARAMETER_FILES.items() for key in keys])


def _edits(breaking: bool) -> st.SearchStrategy[tuple[Edit, ...]]:
    kinds = [*_COMMON, *(kind for kind in EditKind if kind not in _BREAKING), *(_BREAKING if breaking else ())]
    return st.lists(_edit(kinds), min_size=1, max_size=3).map(tuple)


def _edit(kinds: Sequence[EditKind]) -> st.SearchStrategy[Edit]:
    return st.builds(Edit, kind=st.sampled_from(kinds), which=st.integers(0, 99), how=st.integers(1, 9))
