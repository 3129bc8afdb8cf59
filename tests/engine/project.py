"""A generated DVC project as values: what is rendered to files, and what edits change."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath


class Many(StrEnum):
    """How one definition becomes several stages."""

    NO = "no"
    LIST = "foreach over a list"
    MAPPING = "foreach over a mapping"
    VARIABLE = "foreach over a variable"
    MATRIX = "matrix"


class Shape(StrEnum):
    """How the commands of a stage are written."""

    ONE = "one"
    LINES = "lines of one text"
    LIST = "list"


class Breakage(StrEnum):
    """How a command fails."""

    NONE = ""
    AT_ONCE = "exit 3 before anything is written"
    AT_THE_END = "exit 1 after everything was written"
    UNWRITTEN = "the last output is not written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A path that a stage writes, from the project's root; with `{}` where an item's name goes."""

    path: str
    kind: str = "outs"  # or metrics, plots
    folder: bool = False
    cache: bool = True
    persist: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A definition in a dvc.yaml. All paths are from the project's root."""

    name: str
    home: str = ""  # folder of its dvc.yaml
    wdir: str = ""  # where its command runs, at or below home
    deps: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()  # file and key
    outs: tuple[Output, ...] = ()
    many: Many = Many.NO
    salt: int = 0
    templated: bool = False
    shape: Shape = Shape.ONE
    frozen: bool = False
    always: bool = False
    breakage: Breakage = Breakage.NONE

    @property
    def items(self) -> tuple[str, ...]:
        """The names of its items, as DVC makes them: one empty name for a plain stage."""
        return {Many.NO: ("",), Many.MATRIX: ("p-1", "p-2", "q-1", "q-2")}.get(self.many, ("a", "b"))

    @property
    def runs(self) -> tuple[str, ...]:
        """What each of its runs is called in the file that counts them."""
        return tuple(f"{self.name}@{item}" if item else self.name for item in self.items)

    @property
    def expanded(self) -> tuple[str, ...]:
        """The paths of all outputs of all items."""
        return tuple(out.path.format(item) for out in self.outs for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The whole: stages, the files they read, and DVC's settings."""

    stages: tuple[Stage, ...]
    sources: dict[str, str]  # files in git, with their content
    data: dict[str, dict[str, str]]  # by path: `.dvc` files; content by name, the name is "" for a single file
    params: dict[str, int]  # salt of each key, by "file:key"
    links: str = ""  # DVC's cache.type, where it is set

    def with_stage(self, stage: Stage) -> "Project":
        """The same project with another definition under this stage's name."""
        return replace(self, stages=tuple(stage if one.name == stage.name else one for one in self.stages))

    @property
    def homes(self) -> tuple[str, ...]:
        """Folders that hold a dvc.yaml."""
        return tuple(sorted({stage.home for stage in self.stages}))

    @property
    def unread(self) -> frozenset[str]:
        """Data that no stage reads: `repro --all-pipelines` looks at it, plain `repro` and we don't."""
        read = {dep for stage in self.stages if not stage.frozen for dep in stage.deps}
        return frozenset(path for path in self.data if path not in read)

    @property
    def always(self) -> frozenset[str]:
        """Runs that happen each time, in DVC too."""
        return frozenset(
            run for stage in self.stages for run in stage.runs
            if not stage.frozen and (stage.always or not (stage.deps or stage.params or stage.outs))
        )  # fmt: skip


def inside(path: str, folder: str) -> str:
    """`path` as seen from `folder`, both from the root."""
    ups, here = 0, PurePosixPath(folder)
    while not PurePosixPath(path).is_relative_to(here):
        here, ups = here.parent, ups + 1
    return "/".join([".."] * ups + [str(PurePosixPath(path).relative_to(here))])
