"""Repositories as strangers make them: nobody who made them has heard of mlops-ci."""

import os
import subprocess
import sys
from pathlib import Path

from tests.factories import commit_all, git, lay, repository

DVC = {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n", ".dvcignore": "# nothing\n"}

PREPARE = """from pathlib import Path

rows = Path("data/raw.csv").read_text().splitlines()
Path("data/prepared.csv").write_text("".join(f"{row}\\n" for row in rows if row))
"""
TRAIN = """import json
from pathlib import Path

import iniconfig

rows = Path("data/prepared.csv").read_text().splitlines()
Path("model.txt").write_text(f"{len(rows)} rows, {iniconfig.__name__}\\n")
Path("scores.json").write_text(json.dumps({"auc": 0.75}))
"""
PIPELINE = """stages:
  prepare:
    cmd: python src/prepare.py
    deps:
    - src/prepare.py
    - data/raw.csv
    outs:
    - data/prepared.csv
  train:
    cmd: python src/train.py
    deps:
    - src/train.py
    - data/prepared.csv
    params:
    - depth
    outs:
    - model.txt
    metrics:
    - scores.json:
        cache: false
"""
PIP = {
    **DVC,
    "dvc.yaml": PIPELINE,
    "params.yaml": "depth: 3\n",
    "requirements.txt": "# what train.py needs\niniconfig\n",
    "src/prepare.py": PREPARE,
    "src/train.py": TRAIN,
    "data/raw.csv": "a,b\n1,2\n3,4\n",
    "data/.gitignore": "/prepared.csv\n",
    ".gitignore": "/model.txt\n",
}

UV = {
    **DVC,
    ".python-version": f"{sys.version_info.major}.{sys.version_info.minor}\n",
    "pyproject.toml": '[project]\nname = "stranger"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'
    'dependencies = ["iniconfig"]\n',
    "ingest/dvc.yaml": """vars:
- cities.yaml
stages:
  city:
    foreach: ${cities}
    do:
      cmd: python city.py ${item}
      deps:
      - city.py
      outs:
      - out/${item}.csv
""",
    "ingest/cities.yaml": "cities:\n- oslo\n- rome\n",
    "ingest/city.py": "import sys\nfrom pathlib import Path\n\n"
    "Path('out').mkdir(exist_ok=True)\nPath(f'out/{sys.argv[1]}.csv').write_text(f'{sys.argv[1]}\\n')\n",
    "ingest/.gitignore": "/out\n",
    "ingest/out/.gitignore": "/oslo.csv\n/rome.csv\n",
    "train/dvc.yaml": """stages:
  fit:
    matrix:
      model: [linear, tree]
      seed: [1, 2]
    cmd: python fit.py ${item.model} ${item.seed}
    deps:
    - fit.py
    - ../ingest/out/oslo.csv
    - ../ingest/out/rome.csv
    metrics:
    - ${item.model}-${item.seed}.json:
        cache: false
""",
    "train/fit.py": "import json\nimport sys\nfrom pathlib import Path\n\nimport iniconfig\n\n"
    "rows = [file.read_text() for file in Path('../ingest/out').glob('*.csv')]\n"
    "Path(f'{sys.argv[1]}-{sys.argv[2]}.json').write_text(json.dumps({'rows': len(rows)}))\n",
}

SHELL = {
    **DVC,
    "words.txt": "pear\napple\npear\n",
    "dvc.yaml": """stages:
  sorted:
    cmd: sort words.txt > sorted.txt
    deps: [words.txt]
    outs: [sorted.txt]
  count:
    cmd:
    - uniq -c sorted.txt > count.txt
    - test -s count.txt && echo "counted $(wc -l < count.txt) words"
    deps: [sorted.txt]
    outs: [count.txt]
""",
    ".gitignore": "/sorted.txt\n/count.txt\n",
}

WINDOWS: dict[str, str | bytes] = {
    ".gitattributes": "* text=auto\n",
    **DVC,
    "raw.csv": b"a,b\r\n1,2\r\n",
    "src/copy.py": b"import shutil\r\n\r\nshutil.copy('raw.csv', 'out.csv')\r\n",
    "dvc.yaml": "stages:\n  copy:\n    cmd: python src/copy.py\n    deps: [raw.csv, src]\n    outs: [out.csv]\n",
    ".gitignore": "/out.csv\n",
}

ABSENT = {
    **DVC,
    "data/raw.csv.dvc": "outs:\n- md5: 0123456789abcdef0123456789abcdef\n  size: 12\n  hash: md5\n  path: raw.csv\n",
    "data/.gitignore": "/raw.csv\n",
    "dvc.yaml": """stages:
  clean:
    cmd: grep . data/raw.csv > clean.csv
    deps: [data/raw.csv]
    outs: [clean.csv]
  fit:
    cmd: wc -l < clean.csv > model.txt
    deps: [clean.csv]
    outs: [model.txt]
  docs:
    cmd: date +%Y > year.txt
    outs: [year.txt]
""",
    ".gitignore": "/clean.csv\n/model.txt\n/year.txt\n",
}

TRACKED = {
    **DVC,
    "dvc.yaml": """stages:
  fit:
    cmd: echo new > model.pkl
    outs: [model.pkl]
  score:
    cmd: wc -c < model.pkl > size.txt
    deps: [model.pkl]
    outs: [size.txt]
  other:
    cmd: echo other > other.txt
    outs: [other.txt]
""",
    "model.pkl": "precious\n",
    ".gitignore": "/size.txt\n/other.txt\n",
}

ONE_BROKEN = {
    **DVC,
    "new/dvc.yaml": "stages:\n  make:\n    cmd: echo 1 > made.txt\n    outs: [made.txt]\n",
    "new/.gitignore": "/made.txt\n",
    "old/dvc.yaml": "stages:\n  train:\n    cmd: echo 2 > old.txt\n    outs: [old.txt]\n    live:\n      logs:\n"
    "        summary: true\n",
}

SUBFOLDER = {
    "README.md": "# Things\n",
    **{f"my project/{name}": content for name, content in DVC.items()},
    "my project/dvc.yaml": """stages:
  make things:
    cmd: cat 'in put.txt' > 'out put.txt'
    deps: [in put.txt]
    outs: [out put.txt]
  measure:
    cmd: 'wc -c < "out put.txt" | sed "s/.*/{\\"bytes\\": &}/" > metrics.json'
    deps: [out put.txt]
    metrics:
    - metrics.json: {cache: false}
""",
    "my project/in put.txt": "a\n",
    "my project/.gitignore": "/out put.txt\n",
}


def clone(repo: Path, to: Path) -> Path:
    """What a colleague, or CI, has: neither DVC's cache nor anything that git ignores."""
    git(to.parent, "clone", "--quiet", "--no-hardlinks", str(repo), str(to))
    return to


def by_dvc(repo: Path, *arguments: str) -> str:
    """What the repository's author types; the `python` of stages is the one that runs these tests."""
    here = os.environ
    environment = {**here, "PATH": f"{Path(sys.executable).parent}:{here['PATH']}", "DVC_NO_ANALYTICS": "1"}
    command = [sys.executable, "-P", "-m", "dvc", *arguments]
    return subprocess.run(command, cwd=repo, env=environment, check=True, capture_output=True, text=True).stdout


def with_uv_lock(folder: Path) -> Path:
    """The uv project, locked by uv itself."""
    repo = repository(folder, UV)
    subprocess.run(["uv", "lock", "--quiet"], cwd=repo, check=True, capture_output=True)
    commit_all(repo, "lock")
    return repo


def with_dvc_lock(folder: Path) -> Path:
    """The pip project, run by its author, who commits dvc.lock and has no remote."""
    repo = repository(folder, PIP)
    by_dvc(repo, "repro", "--quiet")
    commit_all(repo, "what it gave")
    return repo


def locked_on_windows(folder: Path) -> Path:
    """A work tree with CRLF on disk, LF in git, and dvc.lock as DVC writes it there."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    lay(folder, WINDOWS)
    by_dvc(folder, "repro", "--quiet")
    commit_all(folder, "from Windows")
    return folder


def in_shell(repo: Path, command: str) -> str:
    """What a person sees who copies a command into a shell, in the repository, with DVC on the PATH."""
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:{Path(sys.executable).parent}", "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=repo, env=environment, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.stdout
