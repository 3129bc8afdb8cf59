"""Small pipelines for what is seldom: odd outputs, settings, and what dvc.yaml says beside its stages."""

from tests.engine.shapes import Shape

ODD_OUTPUTS = Shape(
    files={
        "dvc.yaml": """stages:
  odd:
    cmd:
    - echo odd >> ../ran.txt
    - mkdir -p nothing many/.hidden many/deep/er && touch empty.txt && cat in.txt > 'Größe & 1.txt'
    - printf '#!/bin/sh\\n' > tool && chmod +x tool && cp tool many/tool && echo x > many/.hidden/x
    - cat in.txt > many/deep/er/1 && cat in.txt > 'many/deep/er/with space'
    deps: [in.txt, linked.txt]
    outs: [nothing, empty.txt, Größe & 1.txt, tool, many]
  reads:
    cmd: echo reads >> ../ran.txt && find many nothing tool empty.txt | sort > found.txt
    deps: [many, nothing, tool, empty.txt, Größe & 1.txt]
    outs: [found.txt]
""",
        "in.txt": "1\n",
        "linked.txt": "1\n",
    },
    edits=({"in.txt": "2\n"}, {"in.txt": "1\n"}, {"many/more": "by hand\n"}),
    runs=("odd", "odd", "reads", "reads"),
)
FILE_OR_FOLDER = Shape(
    files={
        "dvc.yaml": """stages:
  one: {cmd: echo one >> ../ran.txt && sh make.sh, deps: [make.sh], outs: [made]}
  two: {cmd: echo two >> ../ran.txt && cp -r made copied, deps: [made], outs: [copied]}
""",
        "make.sh": "echo 1 > made\n",
    },
    edits=({"make.sh": "mkdir made && echo 2 > made/x\n"}, {"make.sh": "echo 3 > made\n"}),
    runs=("one", "one", "one", "two", "two", "two"),
)
SAID_BESIDE = Shape(
    files={
        "dvc.yaml": """params: [params.yaml]
metrics: [m.json]
plots:
- p.csv: {x: a, y: b}
artifacts:
  delays: {path: model.txt, type: model}
stages:
  fit:
    desc: makes a model
    meta: {owner: nobody}
    cmd: echo fit >> ../ran.txt && cat in.txt > model.txt && echo '{"a":1}' > m.json && echo 'a,b' > p.csv
    deps: [in.txt]
    params: [depth]
    outs:
    - model.txt: {desc: the model, type: model, labels: [x], push: false, remote: none}
    - m.json: {cache: false}
    - p.csv
""",
        ".dvc/config": "['remote \"none\"']\n    url = /nonexistent\n",
        "in.txt": "1\n",
        "params.yaml": "depth: 1\n",
    },
    edits=({"params.yaml": "depth: 2\n"},),
    runs=("fit", "fit"),
)
SETTINGS = Shape(
    files={
        "dvc.yaml": """stages:
  copy: {cmd: echo copy >> ../ran.txt && mkdir -p to && cp from/* to, deps: [from], outs: [to]}
""",
        ".dvc/config": "[cache]\n    dir = ../kept\n    type = copy\n[core]\n    hardlink_lock = true\n",
        ".dvcignore": "*.tmp\n/from/ignored.txt\n",
        ".gitignore": "/kept\n",
        "from/a.txt": "1\n",
        "from/b.tmp": "1\n",
    },
    edits=({"from/b.tmp": "2\n"}, {"from/ignored.txt": "2\n"}, {"from/a.txt": "2\n"}),
    runs=("copy", "copy"),
)
NOT_IN_ASCII = Shape(
    files={
        "dvc.yaml": """stages:\r
  größe:\r
    cmd: echo gr >> ../ran.txt && cat "Übung/ein.txt" > "Übung/aus.txt"\r
    deps: [Übung/ein.txt]\r
    params: [länge]\r
    outs: [Übung/aus.txt]\r
""",
        "Übung/ein.txt": "1\n",
        "params.yaml": "länge: '1'\nunused: 1\n",
    },
    edits=({"params.yaml": "länge: 1\nunused: 1\n"},),
    runs=("gr", "gr"),
)
PARAMETER_VALUES = Shape(
    files={
        "dvc.yaml": """stages:
  all:
    cmd: echo all >> ../ran.txt && cat params.yaml > all.txt
    params: [float, big, text, yes, none, list, nest, 'empty']
    outs: [all.txt]
""",
        "params.yaml": "float: 1.0\nbig: 123456789012345678901\ntext: '1.0'\n"
        "yes: true\nnone: null\nlist: [1, [2, {a: 3.50}]]\nnest: {deep: {er: 1e-7}}\nempty: {}\n",
    },
    edits=({}, {}),
    runs=("all",),
)
ODD_SHAPES = {
    "empty, hidden, executable and oddly named outputs": ODD_OUTPUTS,
    "a file that becomes a folder": FILE_OR_FOLDER,
    "what is said beside stages": SAID_BESIDE,
    "settings and .dvcignore": SETTINGS,
    "names that are not in ASCII, and CRLF": NOT_IN_ASCII,
    "values of parameters": PARAMETER_VALUES,
}
