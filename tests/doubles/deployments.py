"""Deployments of a forge in memory."""

from dataclasses import dataclass, field

from mlops_ci.tools.github_deployments import Deployment, State, Told, Wanted


@dataclass(kw_only=True)
class RecordedDeployments:
    """See Deployments. known: what is there, each with what was told of it before. error: of everything that writes."""

    known: list[tuple[Deployment, tuple[Told, ...]]] = field(default_factory=list)
    said: list[tuple[int, State, str]] = field(default_factory=list)
    error: Exception | None = None
    asked: int = 0

    def newest(self, wanted: Wanted) -> tuple[Deployment, ...]:
        self.asked += 1
        return tuple(one for one, _ in self.known)

    def told(self, deployment: Deployment) -> tuple[Told, ...]:
        return next(said for one, said in self.known if one == deployment)

    def create(self, wanted: Wanted) -> Deployment:
        self.asked += 1
        if self.error is not None:
            raise self.error
        made = Deployment(id=len(self.known) + 1, package=wanted.package)
        self.known.insert(0, (made, ()))
        return made

    def tell(self, deployment: Deployment, state: State, *, words: str, page: str) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
        self.said.append((deployment.id, state, page))

    def approvers(self, run: int, environment: str) -> tuple[str, ...]:
        return ()
