from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.indicators import (
    add_indicator,
    change_indicator,
    confirm_indicator,
    delete_indicator,
    merge_indicators,
)
from kechuang.apps.indicators.domain.names import find
from kechuang.apps.indicators.domain.targets import (
    add_target,
    change_target,
    decompose_target,
    missing_from,
    set_baseline,
    withdraw_target,
)
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import PUBLIC, SYSTEM, visible

D = Decimal


def test_parts_must_add_up_or_say_why(actors, target, counties) -> None:
    parts = {county: D(100) for county in counties[:4]}
    with pytest.raises(DomainError, match="100") as caught:
        decompose_target(actors["bureau_officer"], target=target, parts=parts)
    assert caught.value.field == "note"
    decompose_target(actors["bureau_officer"], target=target, parts=parts, note="其余由高新区在建园区补足")
    target.refresh_from_db()
    assert target.decomposition_note
    assert target.parts.count() == 4
    assert set(target.parts.values_list("period_end", flat=True)) == {target.period_end}


def test_parts_may_ask_for_more_than_the_whole(target, counties) -> None:
    decompose_target(SYSTEM, target=target, parts={county: D(200) for county in counties[:3]})
    assert target.parts.count() == 3


def test_parts_left_out_are_withdrawn_and_come_back(target, counties) -> None:
    decompose_target(SYSTEM, target=target, parts={county: D(250) for county in counties[:2]})
    decompose_target(SYSTEM, target=target, parts={counties[0]: D(500)})
    active = target.parts.filter(state=Target.State.ACTIVE)
    assert [part.region for part in active] == [counties[0]]
    decompose_target(SYSTEM, target=target, parts={county: D(250) for county in counties[:2]})
    assert target.parts.filter(state=Target.State.ACTIVE).count() == 2


def test_a_part_lies_below_the_whole(target, city) -> None:
    elsewhere = Region.objects.exclude(path__startswith=city.path).first()
    with pytest.raises(DomainError):
        decompose_target(SYSTEM, target=target, parts={elsewhere: D(500)})
    with pytest.raises(DomainError):
        decompose_target(SYSTEM, target=target, parts={city: D(500)})


def test_a_share_need_not_add_up(city, counties, pack) -> None:
    share = add_indicator(SYSTEM, code="share", name="试验占比", unit="%", kind="ratio", aggregation="none")
    whole = add_target(
        SYSTEM, indicator=share, region=city, title="占比55%", value=D(55), period_end=date(2025, 12, 31)
    )
    assert missing_from(whole, {counties[0]: D(20)}) == 0


@given(value=st.integers(0, 10_000), parts=st.lists(st.integers(0, 1_000), min_size=1, max_size=18))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_missing(value: int, parts: list[int]) -> None:
    indicator = Indicator(kind="stock", aggregation="sum", direction="up")
    floor = Target(indicator=indicator, comparator=">=", value=D(value))
    ceiling = Target(indicator=indicator, comparator="<=", value=D(value))
    shares = {n: D(part) for n, part in enumerate(parts)}
    assert missing_from(floor, shares) == max(value - sum(parts), 0)
    assert missing_from(ceiling, shares) == max(sum(parts) - value, 0)


def test_parts_follow_the_whole(actors, target, counties) -> None:
    decompose_target(SYSTEM, target=target, parts={counties[0]: D(500)})
    change_target(actors["bureau_officer"], target=target, period_end=date(2026, 12, 31))
    assert target.parts.get().period_end == date(2026, 12, 31)


def test_the_same_demand_is_in_force_once(actors, target, stock, city) -> None:
    with pytest.raises(DomainError):
        add_target(
            actors["bureau_officer"],
            indicator=stock,
            region=city,
            title="又一个",
            value=D(500),
            period_start=date(2025, 1, 1),
            period_end=date(2025, 12, 31),
        )


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("value_max", {"value_max": D(400)}),
        ("period_end", {"period_end": date(2024, 12, 31)}),
        ("baseline_on", {"baseline": D(3), "baseline_on": None}),
        ("baseline_on", {"baseline_on": date(2026, 1, 1)}),
    ],
)
def test_what_a_target_cannot_be(actors, target, field, values) -> None:
    with pytest.raises(DomainError) as caught:
        change_target(actors["bureau_officer"], target=target, **values)
    assert caught.value.field == field


def test_who_keeps_targets(actors, target) -> None:
    for role in ("county_workstation", "responsible_unit", "bureau_leader", "auditor", "expert", "organisation_admin"):
        with pytest.raises(Refused):
            set_baseline(actors[role], target=target, value=D(1), on=date(2024, 1, 1), source="")
    with pytest.raises(Refused):
        set_baseline(PUBLIC, target=target, value=D(1), on=date(2024, 1, 1), source="")
    changed = set_baseline(actors["bureau_officer"], target=target, value=D(280), on=date(2024, 12, 31), source="年报")
    assert changed.baseline == 280


def test_an_officer_of_another_city_reads_but_does_not_change(actors, target, city) -> None:
    Target.objects.filter(pk=target.pk).update(origin=Target.Origin.DOCUMENT)
    target.refresh_from_db()
    officer = actors["bureau_officer"]
    grant = officer.grants[0]
    stranger = type(officer)(user_id=1, grants=(type(grant)(role=grant.role, region="410000/410400/"),))
    assert target in visible(stranger, Target)
    with pytest.raises(Refused):
        change_target(stranger, target=target, value=D(1))


def test_who_sees_what(actors, target, stock, counties) -> None:
    decompose_target(SYSTEM, target=target, parts={counties[0]: D(250), counties[1]: D(250)})
    assert visible(PUBLIC, Target).count() == 0
    assert visible(actors["county_workstation"], Target).count() == 1
    for role in ("bureau_officer", "bureau_leader", "auditor", "platform_admin"):
        assert visible(actors[role], Target).count() == 3
    Target.objects.update(origin=Target.Origin.DOCUMENT)
    assert list(visible(PUBLIC, Target)) == [target]
    assert visible(actors["county_workstation"], Target).count() == 2


def test_a_document_s_target_is_not_withdrawn_by_hand(actors, target) -> None:
    Target.objects.filter(pk=target.pk).update(origin=Target.Origin.DOCUMENT)
    with pytest.raises(DomainError):
        withdraw_target(actors["bureau_officer"], target=target)
    Target.objects.filter(pk=target.pk).update(origin=Target.Origin.OFFICER)
    assert withdraw_target(actors["bureau_officer"], target=target).state == Target.State.WITHDRAWN


def test_names_lead_to_one_indicator(actors, stock) -> None:
    officer = actors["bureau_officer"]
    change_indicator(officer, indicator=stock, aliases=["试验 企业", "试验企业总数"])
    assert find(["试验企业", "试验企业总数", "无此指标"]).keys() == {"试验企业", "试验企业总数"}
    with pytest.raises(DomainError) as caught:
        add_indicator(officer, code="other", name="另一指标", aliases=["试验企业总数"])
    assert caught.value.field == "aliases"


def test_merging(actors, approved, target, stock, city) -> None:
    officer = actors["bureau_officer"]
    other = add_indicator(officer, code="twin", name="受试单位数量", unit="家", kind="stock", frequency="monthly")
    twin = add_target(officer, indicator=other, region=city, title="500家", value=D(500), period_end=date(2025, 12, 31))
    different = add_target(
        officer, indicator=other, region=city, title="600家", value=D(600), period_end=date(2026, 12, 31)
    )
    approved(other, city, "2025-01", 310)
    merge_indicators(officer, keep=stock, merge=other)
    for row in (other, twin, different):
        row.refresh_from_db()
    assert (other.state, other.merged_into) == (Indicator.State.MERGED, stock)
    assert (twin.state, different.state, different.indicator) == ("withdrawn", "active", stock)
    assert stock.observations.count() == 1
    assert find(["受试单位"])["受试单位"] == stock
    with pytest.raises(DomainError):
        merge_indicators(officer, keep=stock, merge=other)


def test_indicators_that_both_have_figures_are_not_merged(actors, approved, stock, city) -> None:
    other = add_indicator(SYSTEM, code="twin", name="受试单位数量", unit="家", frequency="monthly")
    for indicator in (stock, other):
        approved(indicator, city, "2025-01", 310)
    with pytest.raises(DomainError):
        merge_indicators(actors["bureau_officer"], keep=stock, merge=other)
    with pytest.raises(DomainError):
        delete_indicator(actors["bureau_officer"], indicator=other)


def test_indicators_of_different_units_are_not_merged(actors, stock, flow) -> None:
    with pytest.raises(DomainError):
        merge_indicators(actors["bureau_officer"], keep=stock, merge=flow)


def test_confirming(actors, stock) -> None:
    Indicator.objects.filter(pk=stock.pk).update(state=Indicator.State.TO_CONFIRM)
    with pytest.raises(Refused):
        confirm_indicator(actors["county_workstation"], indicator=stock)
    assert confirm_indicator(actors["bureau_officer"], indicator=stock, kind="flow").state == "confirmed"
