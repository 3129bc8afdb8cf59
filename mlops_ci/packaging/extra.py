"""The libraries that packages need beside the light core."""

from importlib.util import find_spec

from mlops_ci.errors import ServiceError

_MODULES = ("cyclonedx", "in_toto_attestation", "requests", "securesystemslib")


def need_extra() -> None:
    """Raises ServiceError where the tool was installed without its extra `package`."""
    absent = [name for name in _MODULES if find_spec(name) is None]
    if absent:
        raise ServiceError.at(
            "MC-PKG-060", "package", "what packages need is not installed beside mlops-ci",
            found=f"no module named {absent[0]}", expected="the extra package",
            do="pip install 'mlops-ci[dvc,package,runtime]'",
        )  # fmt: skip
