"""Every shipped pack checks clean, and holds what a city needs."""

import datetime

import pytest

from kechuang.kit.packs import available_packs, check_pack, fold, load_pack

CITIES = {"nanyang": ("411300", 13, 5), "pingdingshan": ("410400", 10, 2)}


def test_three_packs_are_shipped():
    assert available_packs() == ("nanyang", "national", "pingdingshan")


@pytest.mark.parametrize("name", available_packs())
def test_pack_checks_clean(name):
    assert [str(problem) for problem in check_pack(name)] == []


@pytest.mark.parametrize("name", CITIES)
def test_city_has_its_counties_and_zones_under_the_national_regions(name):
    city, counties, zones = CITIES[name]
    pack = load_pack(name)
    children = [region for region in pack.regions if region.parent == city]
    assert pack.region == city
    assert [region.code for region in pack.regions[:3]] == ["000000", "410000", city]
    assert [sum(region.level == level for region in children) for level in ("county", "zone")] == [counties, zones]
    assert [region.order for region in children] == list(range(1, counties + zones + 1))


@pytest.mark.parametrize("name", CITIES)
def test_every_county_and_zone_has_a_government_and_every_county_a_workstation(name):
    pack = load_pack(name)
    level = {region.code: region.level for region in pack.regions}
    by_kind = {
        kind: sorted(unit.region for unit in pack.units if unit.kind == kind)
        for kind in ("county_government", "workstation")
    }
    assert by_kind["county_government"] == sorted(code for code in level if level[code] in ("county", "zone"))
    assert by_kind["workstation"] == sorted(code for code in level if level[code] == "county")


def test_class_of_units_stands_for_all_county_governments_and_zone_committees():
    pack = load_pack("nanyang")
    counties = next(unit for unit in pack.units if unit.name == "各县（市、区）人民政府（管委会）")
    assert len(pack.members(counties)) == 18
    assert pack.members(pack.units[0]) == ()


@pytest.mark.parametrize(
    ("city", "spelling", "code"),
    [
        ("nanyang", "各县市区政府〔管委会〕", "nanyang/counties"),
        ("nanyang", "各县(市、区)人民政府", "nanyang/counties"),
        ("nanyang", "市卫生健康体育委", "nanyang/wjw"),
        ("nanyang", "市人力资源社会保障局", "nanyang/rsj"),
        ("pingdingshan", "各县（市、区）人民政府（管委会，下同）", "pingdingshan/counties"),
        ("pingdingshan", "市发改委", "pingdingshan/fgw"),
    ],
)
def test_spellings_of_the_documents_lead_to_the_unit(city, spelling, code):
    by_name = {fold(name): unit.code for unit in load_pack(city).units for name in unit.names}
    assert by_name[fold(spelling)] == code


def test_national_indicators_belong_to_the_units_of_the_city():
    responsible = {each.code: each.responsible for each in load_pack("pingdingshan").indicators}
    assert responsible["hnte_count"] == "pingdingshan/kjj"
    assert responsible["rd_expenditure"] == "pingdingshan/tjj"
    assert {each.code: each.responsible for each in load_pack("national").indicators}["hnte_count"] == "{city}/kjj"


def test_national_classifications_are_complete():
    pack = load_pack("national")
    sections = [industry.code for industry in pack.industries if industry.parent is None]
    divisions = [industry.code[1:] for industry in pack.industries if industry.parent]
    assert "".join(sections) == "ABCDEFGHIJKLMNOPQRST"
    assert divisions == [f"{number:02}" for number in range(1, 98)]
    assert all(industry.code.startswith(industry.parent or "") for industry in pack.industries)
    assert len(pack.fields) == 8
    assert [tier.code for tier in pack.ladders[0].tiers][:2] == ["tech_sme", "hnte"]


def test_cities_inherit_supervision_and_vocabularies():
    pack = load_pack("nanyang")
    assert pack.supervision is not None
    assert (pack.supervision.due_soon_days, pack.supervision.remind_before) == (30, (30, 7, 1))
    assert pack.beneficiaries == load_pack("national").beneficiaries


def test_documents_are_restatements_with_number_and_date():
    documents = [document for name in CITIES for document in load_pack(name).documents]
    assert all(document.is_restatement for document in documents)
    assert {document.doc_number: document.date for document in documents} == {
        "宛政办〔2022〕59号": datetime.date(2022, 8, 26),
        "宛政办〔2023〕46号": datetime.date(2023, 11, 23),
        "宛办〔2022〕16号": datetime.date(2022, 5, 13),
        "平政〔2019〕16号": datetime.date(2019, 7, 3),
        None: None,
    }
    assert all(document.read_bytes().decode() == document.read_text() for document in documents)
