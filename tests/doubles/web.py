"""HTTP in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.tools.http import Answer, Body, Query, UnreachableError


@dataclass(kw_only=True)
class ScriptedWeb:
    """See Http. Answers in their order, the last one for ever; None: nobody answers."""

    answers: list[Answer | None]
    asked: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def send(self, method: str, url: str, *, query: Query | None = None, body: Body | None = None) -> Answer:
        self.asked.append((method, url, dict(query or body or {})))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise UnreachableError("it did not answer in time")
        return answer


def answer(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer with JSON; `Link` and other headers by name."""
    return Answer(status=status, headers=headers, body=json.dumps(value).encode())
