"""Local projects, turned from the copy to the work tree."""

from pathlib import Path, PurePosixPath

from mlops_ci.runtime.links import installed_from, turn_to_work_tree
from tests.factories import lay

PACKAGES = "lib/python3.11/site-packages"


def test_paths_into_the_copy_lead_to_the_work_tree_also_where_they_are_quoted(tmp_path: Path) -> None:
    copy, root, prefix = tmp_path / "a copy", tmp_path / "a root", tmp_path / "env"
    origin = f'{{"url": "file://{tmp_path}/a%20copy/lib", "dir_info": {{"editable": true}}}}'
    finder = f"MAPPING = {{'lib': '{copy}/lib'}}"
    lay(
        prefix,
        {
            f"{PACKAGES}/__editable__.own.pth": f"{copy}/src\n",
            f"{PACKAGES}/__editable___lib_finder.py": finder,
            f"{PACKAGES}/__pycache__/__editable___lib_finder.cpython-311.pyc": b"old",
            f"{PACKAGES}/lib-1.dist-info/direct_url.json": origin,
        },
    )
    assert list(installed_from(prefix, copy)) == [(PurePosixPath("lib"), True)]
    turn_to_work_tree(prefix, copy, root)
    assert (prefix / PACKAGES / "__editable__.own.pth").read_text() == f"{root}/src\n"
    assert f"{root}/lib" in (prefix / PACKAGES / "__editable___lib_finder.py").read_text()
    assert not list(prefix.glob("**/*.pyc"))
    assert list(installed_from(prefix, root)) == [(PurePosixPath("lib"), True)]


def test_packages_from_elsewhere_and_records_that_can_not_be_read_are_passed_over(tmp_path: Path) -> None:
    records = [
        '{"url": "https://example.com/x.zip", "archive_info": {}}',
        "[]",
        "{",
        '{"url": "file:///x", "dir_info": 1}',
    ]
    for number, record in enumerate(records):
        lay(tmp_path, {f"{PACKAGES}/p{number}-1.dist-info/direct_url.json": record})
    assert list(installed_from(tmp_path, Path("/"))) == []
