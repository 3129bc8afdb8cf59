"""What a runner needs for a DVC remote, by its scheme: the plug-in, and how credentials reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_ci.proposals.values import Remote


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """extra: of DVC, empty where none is needed. variables: what the remote takes its credentials from.

    files: whether credentials are files or settings, which no variable carries. broken: whether its plug-in can no
    longer be imported beside today's packages, so that nothing can open the remote.
    """

    extra: str = ""
    variables: tuple[str, ...] = ()
    files: bool = False
    broken: bool = False


_OPEN = Access()
_BY_SCHEME: Mapping[str, Access] = {
    "s3": Access(extra="s3", variables=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
    "azure": Access(extra="azure", variables=("AZURE_STORAGE_CONNECTION_STRING",)),
    "gdrive": Access(broken=True),
    "oss": Access(extra="oss", variables=("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_ENDPOINT")),
    "gs": Access(extra="gs", files=True),
    "ssh": Access(extra="ssh", files=True),
    "sftp": Access(extra="ssh", files=True),
    "hdfs": Access(extra="hdfs", files=True),
    "webhdfs": Access(extra="webhdfs", files=True),
    "webdav": Access(extra="webdav", files=True),
    "webdavs": Access(extra="webdav", files=True),
}


def access_to(remote: Remote) -> Access:
    """What a remote needs; an open one, a folder and plain http need no credentials."""
    access = _BY_SCHEME.get(remote.scheme, _OPEN)
    return Access(extra=access.extra, broken=access.broken) if remote.anonymous else access


def variables_of(remotes: tuple[Remote, ...]) -> tuple[str, ...]:
    """The variables of all remotes, each once."""
    return tuple(dict.fromkeys(name for remote in remotes for name in access_to(remote).variables))
