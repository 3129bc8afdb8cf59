"""The file by which people approve of a package."""

import pytest

from mlops_ci.deployment.approval_lock import ApprovalLock, lock_path, read_lock
from mlops_ci.errors import UsageError

LOCK = ApprovalLock(
    package="sha256:" + "a" * 64, source="b" * 40, version="v1.2.0", from_="staging", entry="sha256:" + "c" * 64
)
PATH = lock_path("production")
FILE = LOCK.file("production")


def test_what_is_written_is_read_and_each_fact_has_a_line_of_its_own() -> None:
    assert read_lock(FILE, PATH) == LOCK
    assert str(PATH) == "environments/production.lock"
    assert [line.partition(":")[0] for line in LOCK.text.splitlines()] == [
        "package", "source", "version", "from", "entry",
    ]  # fmt: skip


def test_without_a_version_the_line_stays() -> None:
    untagged = ApprovalLock(package=LOCK.package, source=LOCK.source, version=None, from_="staging", entry=LOCK.entry)
    assert read_lock(untagged.file("production"), PATH) == untagged
    assert all(line == line.rstrip() for line in untagged.text.splitlines())


def test_a_checkout_with_other_line_ends_says_the_same() -> None:
    assert read_lock(FILE.replace(b"\n", b"\r\n"), PATH) == LOCK


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 99, FILE * 100, b"<<<<<<< HEAD\n" + FILE, FILE + FILE, FILE.replace(b"aaaa", b"zzzz"),
        FILE.replace(b"package", b"Package"), FILE.replace(b"sha256:a", b"md5:a"), FILE.replace(b"bbbb", b"../b"),
        FILE.partition(b"from")[0],
    ],
)  # fmt: skip
def test_what_is_no_approval_lets_nothing_in(content: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        read_lock(content, PATH)
    assert [one.code for one in refused.value.findings] == ["MC-DEPLOY-061"]
