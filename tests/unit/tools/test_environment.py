from mlops_ci.tools.environment import without_own

HEADER = "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46dDBrZW4="  # x-access-token:t0ken


def test_neither_the_token_nor_a_setting_of_git_that_shows_it_goes_on() -> None:
    given = {
        "PATH": "/bin", "MLOPS_CI_TOKEN": "t0ken", "MLOPS_CI_SIGNING_KEY": "key", "GIT_CONFIG_COUNT": "4",
        "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "http.https://h/.extraheader", "GIT_CONFIG_VALUE_1": "",
        "GIT_CONFIG_KEY_2": "http.https://h/.extraheader", "GIT_CONFIG_VALUE_2": HEADER,
        "GIT_CONFIG_KEY_3": "a.b", "GIT_CONFIG_VALUE_3": "c",
    }  # fmt: skip
    assert without_own(given) == {
        "PATH": "/bin", "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "http.https://h/.extraheader", "GIT_CONFIG_VALUE_1": "",
        "GIT_CONFIG_KEY_2": "a.b", "GIT_CONFIG_VALUE_2": "c",
    }  # fmt: skip


def test_settings_that_were_given_without_a_token_of_ours_are_the_users() -> None:
    given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": HEADER}
    assert without_own(given) == given
