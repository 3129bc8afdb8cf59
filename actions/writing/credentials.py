"""A token for the commands of git that an action starts: in their environment, for one server, for one step.

Never an argument, which every process of the machine can read, and never a file, which later steps could.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit


def of_token(token: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables with which git shows the token to the runner's own server, and to no other; none without a token.

    See GIT_CONFIG_COUNT in git-config(1). What other steps have left for the same server is set aside: servers refuse
    two headers.
    """
    server = urlsplit(environ.get("GITHUB_SERVER_URL") or "https://github.com")
    if not token or server.scheme not in ("https", "http"):
        return {}
    key = f"http.{server.scheme}://{server.netloc}{server.path.rstrip('/')}/.extraheader"
    given = environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdecimal() else 0
    values = ("", f"AUTHORIZATION: basic {basic(token)}")
    pairs = {f"GIT_CONFIG_KEY_{first + place}": key for place in range(len(values))}
    pairs |= {f"GIT_CONFIG_VALUE_{first + place}": value for place, value in enumerate(values)}
    return {**pairs, "GIT_CONFIG_COUNT": str(first + len(values))}


def basic(token: str) -> str:
    """The token as the header holds it."""
    return b64encode(f"x-access-token:{token}".encode()).decode("ascii")


def to_hide(token: str, secrets: Iterable[str]) -> tuple[str, ...]:
    """All that must not be shown: secrets, the token, and the token as the header holds it."""
    return (*secrets, *((token, basic(token)) if token else ()))
