"""What is lent to another work tree: this clone's remotes, credentials and cache, wherever the other one lies."""

import stat
from pathlib import Path

from mlops_ci.tools.dvc.lent_settings import lend
from tests.factories import lay


def lent(tmp_path: Path, config: str, local: str = "", *, cache: bool = False) -> str:
    lay(tmp_path, {"a/.dvc/config": config, "a/.dvc/config.local": local, "deep/er/b/.dvc/config": ""})
    if cache:
        (tmp_path / "a/.dvc/cache").mkdir()
    lend(tmp_path / "a/.dvc", tmp_path / "deep/er/b/.dvc")
    return (tmp_path / "deep/er/b/.dvc/config.local").read_text()


def test_paths_are_those_of_the_clone_and_addresses_stay(tmp_path: Path) -> None:
    config = "[core]\n    remote = near\n['remote \"near\"']\n    url = ../../store\n['remote \"far\"']\n    url = s3://b/k\n"
    found = lent(tmp_path, config)
    assert f"['remote \"near\"']\n    url = {tmp_path}/store\n" in found
    assert "    url = s3://b/k\n" in found
    assert "[core]\n    remote = near\n" in found


def test_what_only_this_clone_knows_wins_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    found = lent(
        tmp_path, "['remote \"x\"']\n    url = s3://old\n", "['remote \"x\"']\n    url = s3://new\n    password = 5%s\n"
    )
    assert "s3://old" not in found
    assert "    url = s3://new\n    password = 5%s\n" in found
    assert stat.S_IMODE((tmp_path / "deep/er/b/.dvc/config.local").stat().st_mode) == 0o600


def test_the_cache_is_shared_where_the_clone_has_one(tmp_path: Path) -> None:
    assert f"[cache]\n    dir = {tmp_path}/a/.dvc/cache\n" in lent(tmp_path, "[core]\n    remote = x\n", cache=True)


def test_a_cache_that_is_named_is_taken(tmp_path: Path) -> None:
    assert f"    dir = {tmp_path}/big\n" in lent(tmp_path, "[cache]\n    dir = ../../big\n", cache=True)
