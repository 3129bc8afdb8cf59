from mlops_ci.report.fitting import Section, fit


def a_section(kind: str, rank: int, *items: str) -> Section:
    return Section(kind=kind, rank=rank, head=f"{kind}:", items=items)


def test_the_page_keeps_its_order_when_all_fits() -> None:
    fitted = fit([a_section("late", 1, "a"), a_section("early", 0, "b", "c")], 1_000)
    assert (fitted.texts, fitted.cut) == (("late:a", "early:b\nc"), ())


def test_the_first_rank_is_filled_first_and_nothing_lower_squeezes_in() -> None:
    fitted = fit([a_section("low", 1, "a"), a_section("high", 0, "b", "c" * 100)], 40)
    assert fitted.texts == ("high:b",)
    assert fitted.cut == ("1 low", "1 high")


def test_room_is_counted_in_bytes() -> None:
    assert fit([a_section("x", 0, "é" * 10)], 20).texts == ()
