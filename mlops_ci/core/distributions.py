"""Which version of a library is installed."""

from importlib.metadata import PackageNotFoundError, version


def installed(distribution: str) -> str:
    """Its version; `none` where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "none"
