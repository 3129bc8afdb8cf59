from dataclasses import replace
from typing import Any

import pytest

from mlops_ci.errors import ServiceError, UsageError
from mlops_ci.tools.github import Forge, NotHereError, RestPullRequests, UnsureError, forge_of
from mlops_ci.tools.http import Answer
from tests.doubles.web import ScriptedWeb, answer

FORGE = Forge(api="https://git.example/api/v1", repository="octo/flights", token="canary")  # noqa: S106
HERE = "https://git.example/api/v1/repos/octo/flights"


def comments(count: int, *, first: int = 1) -> list[dict[str, Any]]:
    return [{"id": at, "body": f"{at}", "user": {"login": "o", "type": "User"}} for at in range(first, first + count)]


def read(web: ScriptedWeb) -> list[int]:
    return [one.id for one in RestPullRequests(FORGE, web).comments(7)]


def test_pages_are_followed_by_number_and_never_by_address() -> None:
    web = ScriptedWeb(
        answers=[
            answer(comments(2), Link='<https://evil.example/steal?page=2>; rel="next", <https://h?page=2>; rel="last"'),
            answer(comments(1, first=3), link='<https://h?page=1>; rel="prev"'),
        ]
    )
    assert read(web) == [1, 2, 3]
    assert {url for _, url, _ in web.asked} == {f"{HERE}/issues/7/comments"}
    assert [query["page"] for _, _, query in web.asked] == [1, 2]


@pytest.mark.parametrize(
    "headers", [{}, {"Link": '<https://h?page=1>; rel="next"'}, {"Link": '<https://h?page=2>; rel="next"'}]
)
def test_a_forge_that_ignores_paging_or_goes_round_in_circles_is_no_endless_loop(headers: dict[str, str]) -> None:
    web = ScriptedWeb(answers=[replace(answer(comments(100)), headers=headers)])
    assert len(read(web)) == 100
    assert len(web.asked) <= 2


def test_a_short_page_without_links_is_the_last() -> None:
    web = ScriptedWeb(answers=[answer(comments(40))])
    assert len(read(web)) == 40
    assert len(web.asked) == 1


def test_pages_are_asked_for_only_when_they_are_needed() -> None:
    web = ScriptedWeb(answers=[answer(comments(100), Link='<https://h?page=2>; rel="next"')])
    assert next(RestPullRequests(FORGE, web).comments(7)).id == 1
    assert len(web.asked) == 1


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_is_not_here_says_so_in_the_words_of_the_forge(status: int) -> None:
    web = ScriptedWeb(answers=[answer({"message": "Not\nhere" + "x" * 1_000}, status)])
    with pytest.raises(NotHereError) as error:
        RestPullRequests(FORGE, web).update(3, "x")
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("status", [301, 400, 401, 422, 429, 500, 503])
def test_all_else_is_a_service_that_failed(status: int) -> None:
    with pytest.raises(ServiceError):
        read(ScriptedWeb(answers=[answer({"message": "x"}, status)]))


@pytest.mark.parametrize("got", [None, answer({}, 500), answer({}, 502), answer({}, 504)])
def test_after_an_unclear_answer_nobody_knows_whether_it_was_written(got: Answer | None) -> None:
    with pytest.raises(UnsureError):
        RestPullRequests(FORGE, ScriptedWeb(answers=[got])).create(7, "x")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b"[[]]", b'[{"id": "1"}]', b"[" * 100_000, b"\xff", b"null", b'[{"id": true}]']
)
def test_an_answer_without_sense_is_a_service_that_failed(body: bytes) -> None:
    with pytest.raises(ServiceError):
        read(ScriptedWeb(answers=[Answer(status=200, headers={}, body=body)]))


@pytest.mark.parametrize(("status", "login"), [(200, "deployer"), (401, None), (403, None), (404, None)])
def test_a_forge_may_not_tell_whose_token_it_is(status: int, login: str | None) -> None:
    assert RestPullRequests(FORGE, ScriptedWeb(answers=[answer({"login": "deployer"}, status)])).own_login() == login


def test_open_pull_requests_are_found_by_branch_and_commit() -> None:
    found = [{"number": 7, "head": {"sha": "a"}}, {"number": 8, "head": {"sha": "b"}}, {"number": 9, "head": None}]
    web = ScriptedWeb(answers=[answer(found)])
    assert RestPullRequests(FORGE, web).with_head("o:b", "b") == (8,)
    assert web.asked == [("GET", f"{HERE}/pulls", {"state": "open", "head": "o:b", "per_page": 100})]


@pytest.mark.guarantee("G16")
def test_a_token_is_in_no_representation() -> None:
    assert "canary" not in repr(FORGE)


def test_addresses_come_from_the_runner() -> None:
    environ = {"GITHUB_API_URL": "https://git.example/api/v3/", "GITHUB_REPOSITORY": "octo/flights"}
    assert forge_of(environ, token="").api == "https://git.example/api/v3"
    assert forge_of({"GITHUB_REPOSITORY": "octo/flights"}, token="").api == "https://api.github.com"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"GITHUB_REPOSITORY": "octo"},
        {"GITHUB_REPOSITORY": "octo/../x/y"},
        {"GITHUB_REPOSITORY": "octo/flights?x"},
        {"GITHUB_REPOSITORY": "octo/flights", "GITHUB_API_URL": "file:///etc/passwd"},
        {"GITHUB_REPOSITORY": "octo/flights", "GITHUB_API_URL": "https://u:p@h"},
        {"GITHUB_REPOSITORY": "octo/flights", "GITHUB_API_URL": "nowhere"},
    ],
)
def test_what_names_no_forge_is_a_usage_error(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        forge_of(environ, token="")
