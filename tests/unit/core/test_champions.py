"""Texts of champions: which kind each names."""

import pytest

from mlops_ci.core.champions import ChampionKind, kind_of

ENVIRONMENTS = ("staging", "production", "2026")
KINDS = {
    "base": ChampionKind.BASE,
    "production": ChampionKind.ENVIRONMENT,
    "2026": ChampionKind.ENVIRONMENT,
    "delays@v1.2.3": ChampionKind.VERSION,
    "production@v1.0.0": ChampionKind.VERSION,
    "2025": ChampionKind.RUN,
    "20260801T10": ChampionKind.RUN,
    "20260801T101010Z-0123456789": ChampionKind.RUN,
    "20260801T101010Z-0123456789-0123456789ab": ChampionKind.RUN,
}
NONE = (
    "", "Base", "producton", "delays", "delays@", "delays@1.2.3", "delays@v1.2", "delays@latest", "@v1.2.3", "HEAD",
    "De lays@v1.2.3", "v1.2.3", "delays#production", "7c39e1d", "20260801T101010Z-0123456789-0123456789abc",
    "20260801T10Z", "2026*", "../base",
)  # fmt: skip


@pytest.mark.parametrize("text", KINDS)
def test_each_text_names_one_kind(text: str) -> None:
    assert kind_of(text, ENVIRONMENTS) is KINDS[text]


@pytest.mark.parametrize("text", NONE, ids=[f"none-{number}" for number, _ in enumerate(NONE)])
def test_what_names_nobody_is_no_champion(text: str) -> None:
    assert kind_of(text, ENVIRONMENTS) is None
