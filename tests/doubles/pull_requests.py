"""Pull requests in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mlops_ci.tools.github import Comment, NotHereError, UnsureError


@dataclass(kw_only=True)
class MemoryPullRequests:
    """See PullRequests. login: of the token's user. lost: how many answers to `create` get lost.

    forgetful: what was created is not there afterwards.
    """

    existing: list[Comment] = field(default_factory=list)
    login: str | None = None
    allowed: bool = True
    lost: int = 0
    forgetful: bool = False
    heads: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def own_login(self) -> str | None:
        self.asked.append("own_login")
        return self.login

    def with_head(self, label: str, commit: str) -> tuple[int, ...]:
        self.asked.append("with_head")
        return self.heads.get((label, commit), ())

    def comments(self, number: int) -> Iterator[Comment]:
        self.asked.append(f"comments {number}")
        yield from list(self.existing)

    def create(self, number: int, body: str) -> Comment:
        self.asked.append(f"create {number}")
        if not self.allowed:
            raise NotHereError("403 Resource not accessible by integration")
        made = Comment(
            id=900 + len(self.existing), body=body, author="github-actions[bot]", bot=True, url="https://h/c"
        )
        if not self.forgetful:
            self.existing.append(made)
        if self.lost:
            self.lost -= 1
            raise UnsureError("it answered 502")
        return made

    def update(self, comment: int, body: str) -> Comment:
        self.asked.append(f"update {comment}")
        at = next(at for at, one in enumerate(self.existing) if one.id == comment)
        self.existing[at] = replace(self.existing[at], body=body)
        return self.existing[at]
