"""What becomes of the targets that documents set."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.receiving import receive_targets
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit import evidence
from kechuang.kit.evidence import links_for
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.publication import PublishedDocument, PublishedItem, deliver, withdraw_items

D = Decimal
COUNT = {
    "indicator": "高新技术企业数量",
    "comparator": ">=",
    "value": 500,
    "unit": "家",
    "period": "2025",
    "scope": "全市",
}


@pytest.fixture
def document(catalogue, city) -> PublishedDocument:
    """A document of the city; any record with a text may be a source, here the city itself."""
    if Region not in evidence.source_models():
        evidence.register_source(Region, label=str, url=lambda region, start, end: f"/{region.pk}#{start}-{end}")
    return PublishedDocument(1, "意见", "宛政办〔2022〕59号", date(2022, 8, 26), city.code, city)


def item(document: PublishedDocument, item_id: int, **payload: object) -> PublishedItem:
    content = COUNT | payload
    quote = f"{content['indicator']}达到{content.get('value')}{content.get('unit')}"
    return PublishedItem("target", item_id, document, content, item_id * 100, item_id * 100 + len(quote), quote)


def test_an_item_becomes_a_target_with_its_sentence(document, city) -> None:
    target = deliver(SYSTEM, [item(document, 1)])[1]
    assert isinstance(target, Target)
    assert (target.indicator.code, target.region, target.value) == ("hnte_count", city, 500)
    assert (target.period_start, target.period_end) == (date(2025, 1, 1), date(2025, 12, 31))
    assert target.origin == Target.Origin.DOCUMENT
    (link,) = links_for(target)[target.pk]
    assert link.quote.startswith("高新技术企业数量")


def test_delivering_again_changes_nothing_and_makes_nothing(document) -> None:
    first = deliver(SYSTEM, [item(document, 1)])[1]
    again = deliver(SYSTEM, [item(document, 1)])[1]
    assert first == again
    assert Target.objects.count() == 1
    assert len(links_for(again)[again.pk]) == 1


def test_a_corrected_item_changes_its_target(document) -> None:
    first = deliver(SYSTEM, [item(document, 1)])[1]
    again = deliver(SYSTEM, [item(document, 1, value=520)])[1]
    assert (again.pk, again.value) == (first.pk, 520)


def test_what_two_sentences_say_alike_is_one_target(document) -> None:
    records = deliver(SYSTEM, [item(document, 1), item(document, 2, period="十四五末", comparator=">")])
    assert records[1] == records[2]
    assert len(links_for(records[1])[records[1].pk]) == 2


def test_one_of_two_sentences_corrected_gets_a_target_of_its_own(document) -> None:
    shared = deliver(SYSTEM, [item(document, 1), item(document, 2)])[1]
    own = deliver(SYSTEM, [item(document, 2, value=520)])[2]
    assert own != shared
    shared.refresh_from_db()
    assert (shared.value, shared.state) == (500, "active")


def test_a_target_ends_with_its_last_sentence(document) -> None:
    one, two = item(document, 1), item(document, 2)
    target = deliver(SYSTEM, [one, two])[1]
    withdraw_items(SYSTEM, [one])
    target.refresh_from_db()
    assert target.state == Target.State.ACTIVE
    withdraw_items(SYSTEM, [two])
    target.refresh_from_db()
    assert target.state == Target.State.WITHDRAWN
    assert deliver(SYSTEM, [one])[1].state == Target.State.ACTIVE


def test_each_county_gets_its_part(document, city) -> None:
    sentence = item(
        document,
        1,
        indicator="技术合同成交额",
        value=350_000_000,
        unit="元",
        period="annual",
        scope="每个县市区",
    )
    target = deliver(SYSTEM, [sentence])[1]
    counties = Region.objects.filter(parent=city, level=Region.Level.COUNTY)
    assert target.is_umbrella
    assert set(target.parts.values_list("region_id", flat=True)) == set(counties.values_list("pk", flat=True))
    assert target.recurrence == Target.Recurrence.YEARLY
    assert (target.period_start, target.period_end) == (date(2022, 1, 1), date(2025, 12, 31))
    deliver(SYSTEM, [sentence])
    assert target.parts.count() == counties.count()
    withdraw_items(SYSTEM, [sentence])
    assert not Target.objects.filter(state=Target.State.ACTIVE).exists()


def test_an_unknown_indicator_waits_for_confirmation(document) -> None:
    target = deliver(SYSTEM, [item(document, 1, indicator="院士经济示范园数量", value=5, change="新增", unit="个")])[1]
    assert target.indicator.state == Indicator.State.TO_CONFIRM
    assert (target.indicator.kind, target.period_start) == ("flow", date(2022, 1, 1))
    share = deliver(SYSTEM, [item(document, 2, indicator="示范覆盖率", value=90, unit="%")])[2]
    assert (share.indicator.kind, share.indicator.aggregation) == ("ratio", "none")


def test_a_demand_without_a_number_is_kept(document) -> None:
    target = deliver(SYSTEM, [item(document, 1, value=None, unit=None, period=None)])[1]
    assert (target.value, target.period_end, target.unit) == (None, None, "家")


def test_a_range(document) -> None:
    target = deliver(SYSTEM, [item(document, 1, value=10, value_max=15)])[1]
    assert (target.value, target.value_max) == (10, 15)


def test_a_county_s_own_name_is_its_scope(document) -> None:
    target = deliver(SYSTEM, [item(document, 1, scope="宛城区", value=60)])[1]
    assert target.region.name == "宛城区"


def test_a_class_of_things_stays_in_the_words(document, city) -> None:
    one, other = receive_targets(
        SYSTEM, [item(document, 1, scope="每个重点产业", value=1), item(document, 2, scope="全市", value=1)]
    )
    assert (one.region, one.scope) == (city, "每个重点产业")
    assert one != other
