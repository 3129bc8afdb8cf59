"""Whether the SDK is there, which is an extra. Nothing of it is imported here."""

from importlib.util import find_spec

from mlops_ci.errors import ServiceError


def need_sdk() -> None:
    """Raise ServiceError where the docker SDK is not installed beside mlops-ci."""
    if find_spec("docker") is None:
        raise ServiceError.at(
            "MC-DOCKER-011", "docker", "the docker SDK is not installed beside mlops-ci",
            found="no module named docker", expected="the extra `docker`", do="pip install 'mlops-ci[docker]'",
        )  # fmt: skip
