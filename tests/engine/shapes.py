"""Small pipelines, one for each thing that dvc.yaml can say. Each command leaves its name in a file that counts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Files at the start, then what is written before each further run. always: commands that run each time."""

    files: Mapping[str, str]
    edits: tuple[Mapping[str, str], ...] = ()
    dvc: tuple[tuple[str, ...], ...] = ()  # commands of DVC's before the first run
    always: frozenset[str] = frozenset()
    runs: tuple[str, ...]  # every command that has run in the end, in alphabetical order


def _stages(text: str) -> str:
    return "stages:\n" + text


FOREACH_LIST = Shape(
    files={
        "dvc.yaml": _stages("""
  clean:
    foreach: [north, south]
    do:
      cmd: echo clean-${item} >> ../ran.txt && cat ${item}.csv > clean-${item}.csv
      deps: ['${item}.csv']
      outs: ['clean-${item}.csv']
  all:
    cmd: echo all >> ../ran.txt && cat clean-north.csv clean-south.csv > all.csv
    deps: [clean-north.csv, clean-south.csv]
    outs: [all.csv]
"""),
        "north.csv": "1\n",
        "south.csv": "2\n",
    },
    edits=({"south.csv": "3\n"},),
    runs=("all", "all", "clean-north", "clean-south", "clean-south"),
)
FOREACH_MAPPING = Shape(
    files={
        "dvc.yaml": _stages("""
  train:
    foreach:
      small: {depth: 2}
      large: {depth: 9}
    do:
      cmd: echo train-${key} >> ../ran.txt && echo depth ${item.depth} > ${key}.model
      outs: ['${key}.model']
"""),
    },
    edits=({"dvc.yaml": _stages("""
  train:
    foreach:
      small: {depth: 3}
      large: {depth: 9}
    do:
      cmd: echo train-${key} >> ../ran.txt && echo depth ${item.depth} > ${key}.model
      outs: ['${key}.model']
""")},),
    runs=("train-large", "train-small", "train-small"),
)  # fmt: skip
MATRIX = Shape(
    files={
        "dvc.yaml": _stages("""
  fit:
    matrix:
      model: ${models}
      seed: [1, 2]
    cmd: echo ${item.model}-${item.seed} >> ../ran.txt && cat in.txt > ${item.model}-${item.seed}.json
    deps: [in.txt]
    metrics:
    - ${item.model}-${item.seed}.json: {cache: false}
"""),
        "params.yaml": "models: [linear, tree]\n",
        "in.txt": "1\n",
    },
    edits=({"params.yaml": "models: [linear, tree, net]\n"},),
    runs=("linear-1", "linear-2", "net-1", "net-2", "tree-1", "tree-2"),
)
TEMPLATING = Shape(
    files={
        "dvc.yaml": "vars:\n- words.json\n- more.yaml:greeting\n- here: {there: 7}\n"
        + _stages("""
  say:
    vars:
    - only: mine
    cmd: echo say >> ../ran.txt && echo ${greeting} ${name} ${here.there} ${only} ${plain} > said.txt
    params: [plain]
    outs: [said.txt]
"""),
        "words.json": '{"name": "world"}',
        "more.yaml": "greeting: hello\nunused: 1\n",
        "params.yaml": "plain: 1\n",
    },
    edits=({"more.yaml": "greeting: bye\nunused: 1\n"}, {"more.yaml": "greeting: bye\nunused: 2\n"}),
    runs=("say", "say"),
)
PARAMS = Shape(
    files={
        "dvc.yaml": _stages("""
  yaml: {cmd: echo yaml >> ../ran.txt && cat params.yaml > yaml.txt, params: [nest.depth, rate], outs: [yaml.txt]}
  toml: {cmd: echo toml >> ../ran.txt && cat p.toml > toml.txt, params: [p.toml: [nest.depth]], outs: [toml.txt]}
  json: {cmd: echo json >> ../ran.txt && cat p.json > json.txt, params: [p.json: [nest]], outs: [json.txt]}
  python: {cmd: echo python >> ../ran.txt && cat p.py > py.txt, params: [p.py: [RATE, Nest.depth]], outs: [py.txt]}
  whole:
    cmd: echo whole >> ../ran.txt && cat p.json > whole.txt
    params:
    - p.json:
    outs: [whole.txt]
"""),
        "params.yaml": "rate: 0.1\nnest: {depth: 3, other: 1}\n",
        "p.toml": "rate = 0.1\n[nest]\ndepth = 3\n",
        "p.json": '{"rate": 1e-3, "nest": {"depth": 3}}',
        "p.py": "RATE: float = 0.1\n\n\nclass Nest:\n    depth = 3\n    other = 4\n",
    },
    edits=(
        {"params.yaml": "rate: 0.1\nnest: {depth: 3, other: 2}\n", "p.toml": "rate = 0.2\n[nest]\ndepth = 3\n"},
        {"p.json": '{"rate": 1e-3, "nest": {"depth": 4}}', "p.py": "RATE = 0.2\n\n\nclass Nest:\n    depth = 3\n"},
    ),
    runs=("json", "json", "python", "python", "toml", "whole", "whole", "yaml"),
)
_FROZEN = """
  one: {{cmd: echo one >> ../ran.txt && cat in.txt > one.txt, deps: [in.txt], outs: [one.txt], frozen: {}}}
  two: {{cmd: echo two >> ../ran.txt && cat one.txt > two.txt, deps: [one.txt], outs: [two.txt]}}
"""
FROZEN = Shape(
    files={"dvc.yaml": _stages(_FROZEN.format("false")), "in.txt": "1\n"},
    edits=({"dvc.yaml": _stages(_FROZEN.format("true")), "in.txt": "2\n"}, {"one.txt": "by hand\n"}),
    runs=("one", "two", "two"),
)
ALWAYS = Shape(
    files={
        "dvc.yaml": _stages("""
  ask: {cmd: echo ask >> ../ran.txt && cat in.txt > asked.txt, outs: [asked.txt], always_changed: true}
  use: {cmd: echo use >> ../ran.txt && cat asked.txt > used.txt, deps: [asked.txt], outs: [used.txt]}
"""),
        "in.txt": "1\n",
    },
    edits=({}, {"in.txt": "2\n"}),
    always=frozenset({"ask"}),
    runs=("ask", "ask", "ask", "use", "use"),
)
WDIR = Shape(
    files={
        "dvc.yaml": _stages("""
  there:
    wdir: work/${place}
    cmd: echo there >> ../../../ran.txt && cat ../in.txt > out.txt
    deps: [../in.txt]
    params: [here.yaml: [n]]
    outs: [out.txt]
"""),
        "params.yaml": "place: bench\n",
        "work/in.txt": "1\n",
        "work/bench/here.yaml": "n: 1\n",
    },
    edits=({"work/bench/here.yaml": "n: 2\n"},),
    runs=("there", "there"),
)
FOLDERS = Shape(
    files={
        "dvc.yaml": _stages("""
  split:
    cmd: echo split >> ../ran.txt && mkdir -p parts/deep && cat raw/*.txt > parts/a && cat raw/a.txt > parts/deep/b
    deps: [raw]
    outs: [parts]
  part: {cmd: echo part >> ../ran.txt && cat parts/deep/b > b.txt, deps: [parts/deep/b], outs: [b.txt]}
  count: {cmd: echo count >> ../ran.txt && find parts | wc -l > n.txt, deps: [parts], outs: [n.txt]}
"""),
        "raw/a.txt": "1\n",
        "raw/b.txt": "2\n",
    },
    edits=({"raw/b.txt": "3\n"}, {"raw/c.txt": "3\n"}),
    runs=("count", "count", "count", "part", "split", "split", "split"),
)
PERSIST = Shape(
    files={
        "dvc.yaml": _stages("""
  grow:
    cmd: echo grow >> ../ran.txt && cat in.txt >> log.txt && cat in.txt > new.txt
    deps: [in.txt]
    outs: [log.txt: {persist: true}, new.txt]
"""),
        "in.txt": "1\n",
    },
    edits=({"in.txt": "2\n"}, {"in.txt": "1\n"}),
    runs=("grow", "grow", "grow"),
)
UNCACHED = Shape(
    files={
        "dvc.yaml": _stages("""
  fit:
    cmd: echo fit >> ../ran.txt && cat in.txt > model.txt && wc -l in.txt > report.txt && cat in.txt >> report.txt
    deps: [in.txt]
    outs: [model.txt, report.txt: {cache: false}]
  score:
    cmd: 'echo score >> ../ran.txt && echo "{\\"n\\": $(cat model.txt)}" > m.json && cat in.txt > p.csv'
    deps: [model.txt, in.txt]
    metrics: [m.json: {cache: false}]
    plots: [p.csv: {cache: false, x: n}]
"""),
        "in.txt": "1\n",
    },
    edits=({"in.txt": "2\n"}, {"in.txt": "1\n"}, {"report.txt": "by hand\n"}),
    runs=("fit", "fit", "fit", "fit", "score", "score"),
)
SEVERAL = Shape(
    files={
        "dvc.yaml": _stages("""
  last: {cmd: echo last >> ../ran.txt && cat b/out.txt > last.txt, deps: [b/out.txt], outs: [last.txt]}
"""),
        "b/dvc.yaml": _stages("""
  mid: {cmd: echo mid >> ../../ran.txt && cat ../a/x/out.txt > out.txt, deps: [../a/x/out.txt], outs: [out.txt]}
"""),
        "a/x/dvc.yaml": _stages("""
  first: {cmd: echo first >> ../../../ran.txt && cat in.txt > out.txt, deps: [in.txt], outs: [out.txt]}
"""),
        "a/x/in.txt": "1\n",
    },
    edits=({"a/x/in.txt": "2\n"},),
    runs=("first", "first", "last", "last", "mid", "mid"),
)
DATA_FILES = Shape(
    files={
        "dvc.yaml": _stages("""
  read: {cmd: echo read >> ../ran.txt && cat d/raw.bin many/a > r.txt, deps: [d/raw.bin, many], outs: [r.txt]}
"""),
        "d/raw.bin": "1\n",
        "many/a": "1\n",
        "many/under/b": "2\n",
    },
    dvc=(("add", "--quiet", "d/raw.bin", "many"),),
    edits=({"d/raw.bin": "2\n"}, {"many/c": "3\n"}),
    runs=("read", "read", "read"),
)
COMMANDS = Shape(
    files={
        "dvc.yaml": _stages("""
  listed:
    cmd:
    - echo listed >> ../ran.txt
    - cd work && echo "a 'b'" > ../here.txt
    - cat here.txt > "two words.txt"
    outs: [here.txt, two words.txt]
  lines:
    cmd: |
      echo lines >> ../ran.txt
      word=lost
      echo "[$word]" > lines.txt
    outs: [lines.txt]
"""),
        "work/.here": "",
    },
    runs=("lines", "listed"),
)
NO_OUTPUTS = Shape(
    files={
        "dvc.yaml": _stages("""
  check: {cmd: echo check >> ../ran.txt && test -s in.txt, deps: [in.txt]}
  bell: {cmd: echo bell >> ../ran.txt}
  make: {cmd: echo make >> ../ran.txt && echo 1 > made.txt, outs: [made.txt]}
"""),
        "in.txt": "1\n",
    },
    edits=({}, {"in.txt": "2\n"}),
    always=frozenset({"bell"}),
    runs=("bell", "bell", "bell", "check", "check", "make"),
)
SHAPES = {
    "foreach over a list": FOREACH_LIST,
    "foreach over a mapping": FOREACH_MAPPING,
    "matrix": MATRIX,
    "templating and vars": TEMPLATING,
    "params in YAML, TOML, JSON and Python": PARAMS,
    "frozen": FROZEN,
    "always_changed": ALWAYS,
    "wdir": WDIR,
    "folders as dependencies and outputs": FOLDERS,
    "persist": PERSIST,
    "cache: false": UNCACHED,
    "several dvc.yaml in subfolders": SEVERAL,
    ".dvc dependencies": DATA_FILES,
    "cmd as a list and as lines": COMMANDS,
    "stages without outputs, without dependencies, without either": NO_OUTPUTS,
}
