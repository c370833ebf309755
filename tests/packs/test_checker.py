"""A broken pack is told what is wrong, where, and what to do."""

import pytest

from kechuang.kit.packs import PackError, check_pack, load_pack

FILES = {
    "pack.yaml": """\
name: town
title: {zh-hans: 某市, en: Town}
version: "1.0.0"
extends: [national]
region: "419900"
files: {regions: regions.yaml, units: units.yaml, indicators: indicators.yaml, documents: documents.yaml,
        notes: notes.yaml}
""",
    "regions.yaml": """\
- {code: "419900", name: 某市, short_name: 某, name_en: T, level: prefecture, kind: 市, parent: "410000", order: 1}
- {code: "419901", name: 甲县, short_name: 甲, name_en: A, level: county, kind: 县, parent: "419900", order: 1}
- {code: "419900-Z1", name: 高新区, short_name: 高新, name_en: Z, level: zone, kind: 园区, parent: "419900", order: 2}
""",
    "units.yaml": """\
- {code: town/kjj, name: 市科技局, full_name: 某市科技局, aliases: [科技局], region: "419900", kind: department}
- {code: town/tjj, name: 市统计局, full_name: 某市统计局, aliases: [], region: "419900", kind: department}
- {code: town/czj, name: 市财政局, full_name: 某市财政局, aliases: [], region: "419900", kind: department}
- {code: town/jia, name: 甲县政府, full_name: 甲县人民政府, aliases: [], region: "419901", kind: county_government}
- code: town/counties
  name: 各县（市、区）
  full_name: 各县（市、区）人民政府
  aliases: [各县（市、区）政府〔管委会〕]
  region: "419900"
  kind: class
  members: {region_level: [county], kind: [county_government]}
""",
    "indicators.yaml": """\
- code: lab_count
  name: {zh-hans: 实验室数量, en: Laboratories}
  aliases: [实验室]
  unit: 家
  direction: up
  kind: stock
  frequency: yearly
  definition: 期末实验室数。
  responsible: town/kjj
""",
    "documents.yaml": """\
- slug: opinion
  doc_number: 某政〔2024〕1号
  title: 某市意见
  issuers: [某市人民政府]
  date: 2024-01-31
  effective_until: 2026-12-31
  region: "419900"
  kind: opinion
  is_restatement: true
  file: documents/opinion.txt
  industries: [C38]
  beneficiaries: [hnte]
  keywords: []
  status: in_force
""",
    "notes.yaml": """\
- {code: rate, topic: tax, title: 税率, text: 税率说明。, source: 某公告, valid: ["2020-01-01", "2021-12-31"]}
""",
    "documents/opinion.txt": "某市意见\n某政〔2024〕1号\n【本文为改写稿】\n",
}


@pytest.fixture
def town(tmp_path):
    """A small city pack that checks clean."""
    root = tmp_path / "town"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def problems(root):
    return [str(problem) for problem in check_pack(root)]


def change(root, name, old, new):
    text = (root / name).read_text("utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), "utf-8")


def test_sound_pack_has_no_problems_and_merges_the_national_one(town):
    assert problems(town) == []
    pack = load_pack(town)
    assert [region.code for region in pack.regions] == ["000000", "410000", "419900", "419901", "419900-Z1"]
    assert {each.responsible for each in pack.indicators} == {"town/kjj", "town/tjj", "town/czj"}


BROKEN = [
    (
        "units.yaml",
        '科技局], region: "419900"',
        '科技局], region: "419988"',
        "units.yaml[0].region: there is no region 419988.",
    ),
    (
        "units.yaml",
        "code: town/tjj",
        "code: city/tjj",
        "units.yaml[1].code: the unit city/tjj should begin with the name of its pack",
    ),
    (
        "units.yaml",
        "code: town/tjj",
        "code: town/kjj",
        "units.yaml[1]: town/kjj is used twice, first at units.yaml[0].",
    ),
    (
        "units.yaml",
        "name: 市统计局",
        "name: 科技局",
        "units.yaml[1].aliases: the name 科技局 already stands for town/kjj.",
    ),
    ("units.yaml", "name: 甲县政府", "name: 各县(市、区)政府(管委会)", "already stands for town/jia."),
    ("units.yaml", "region_level: [county]", "region_level: [zone]", "no unit belongs to the class town/counties."),
    ("units.yaml", "  kind: class\n", "  kind: party\n", "units.yaml[4].members: only a class has members."),
    (
        "regions.yaml",
        '"419901"',
        "419901",
        'regions.yaml[1].code: 419901 is read as a number, which loses leading zeros. Write it in quotes: "419901".',
    ),
    (
        "regions.yaml",
        '"419901"',
        '"41990"',
        "regions.yaml[1].code: 41990 has not the expected form: six digits of GB/T 2260;",
    ),
    (
        "regions.yaml",
        '"419901"',
        '"420001"',
        "regions.yaml[1].code: the code 420001 does not begin as its parent 419900 does: 4199.",
    ),
    (
        "regions.yaml",
        "level: zone",
        "level: county",
        "regions.yaml[2].level: 419900-Z1 should have the level zone if and only if",
    ),
    (
        "regions.yaml",
        'parent: "410000"',
        'parent: "419901"',
        "regions.yaml[0].parent: following the parents of 419900 leads back to it.",
    ),
    ("regions.yaml", 'parent: "410000"', 'parent: "990000"', "regions.yaml[0].parent: there is no region 990000."),
    ("indicators.yaml", "town/kjj", "town/xxx", "indicators.yaml[0].responsible: there is no unit town/xxx."),
    (
        "indicators.yaml",
        "direction: up",
        "direction: sideways",
        "indicators.yaml[0].direction: sideways is not one of: up, down.",
    ),
    (
        "indicators.yaml",
        "[实验室]",
        "[高新技术企业]",
        "indicators.yaml[0].aliases: the name 高新技术企业 already stands for hnte_count.",
    ),
    (
        "indicators.yaml",
        "  unit: 家\n",
        "  unit: 家\n  colour: red\n",
        "indicators.yaml[0]: colour is not known here. Correct the name or take it out. Known: code,",
    ),
    ("indicators.yaml", "[实验室]", "实验室", "indicators.yaml[0].aliases: this should be a list."),
    ("indicators.yaml", "  unit: 家\n", "", "indicators.yaml[0]: unit is missing. Add it."),
    ("documents.yaml", "C38", "C99", "documents.yaml[0].industries: there is no industry C99."),
    (
        "documents.yaml",
        "[hnte]",
        "[bakers]",
        "documents.yaml[0].beneficiaries: there is no class of beneficiaries bakers. Known: carrier, enterprise,",
    ),
    (
        "documents.yaml",
        "2024-01-31",
        '"2024-02-31"',
        "documents.yaml[0].date: 2024-02-31 is not a day of the calendar.",
    ),
    ("documents.yaml", "2024-01-31", "2024-02-31", "documents.yaml: this is not valid YAML:"),
    (
        "documents.yaml",
        "2026-12-31",
        "2023-12-31",
        "documents.yaml[0].effective_until: the last day, 2023-12-31, lies before the first, 2024-01-31.",
    ),
    (
        "documents.yaml",
        "opinion.txt",
        "other.txt",
        "documents.yaml[0].file: the text documents/other.txt does not exist.",
    ),
    (
        "documents.yaml",
        "某政〔2024〕1号",
        "某政2024",
        "documents.yaml[0].doc_number: 某政2024 has not the expected form: a number such as 宛政办〔2022〕59号.",
    ),
    (
        "documents/opinion.txt",
        "改写稿",
        "原文",
        "documents.yaml[0].file: documents/opinion.txt does not say that it is a 改写稿 of 某政〔2024〕1号.",
    ),
    (
        "notes.yaml",
        "2021-12-31",
        "2019-12-31",
        "notes.yaml[0].valid[1]: the last day, 2019-12-31, lies before the first",
    ),
    ("notes.yaml", "[", "[[", "notes.yaml: this is not valid YAML:"),
    ("pack.yaml", "notes.yaml}", "missing.yaml}", "pack.yaml.files.notes: the file missing.yaml does not exist."),
    (
        "pack.yaml",
        "[national]",
        "[nation]",
        "pack.yaml.extends[0]: the extended pack nation is neither shipped nor beside this one.",
    ),
    (
        "pack.yaml",
        "[national]",
        "[town]",
        "pack.yaml.extends[0]: the packs extend each other in a circle: town → town.",
    ),
    (
        "pack.yaml",
        "notes: ",
        "jokes: ",
        "pack.yaml.files: jokes is not known here. Correct the name or take it out. Known: regions, units,",
    ),
    ("pack.yaml", 'region: "419900"', 'region: "419999"', "pack.yaml.region: there is no region 419999."),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), BROKEN, ids=[each[3][:40] for each in BROKEN])
def test_broken_pack_is_told_where_and_why(town, name, old, new, said):
    change(town, name, old, new)
    assert any(said in problem for problem in problems(town)), problems(town)


def test_inherited_indicator_without_its_unit_names_the_indicator(town):
    change(town, "units.yaml", "town/tjj", "town/tj")
    place = "pack.yaml.extends (indicator rd_expenditure)"
    assert f"{place}: there is no unit town/tjj. Add it to units.yaml or correct the code." in problems(town)


def test_all_files_with_problems_are_named_at_once(town):
    change(town, "regions.yaml", "level: county", "level: village")
    change(town, "units.yaml", "kind: county_government}", "kind: village}")
    assert {problem.file for problem in check_pack(town)} == {"regions.yaml", "units.yaml"}


def test_supervision_rules_must_be_complete_in_the_end(town):
    (town / "supervision.yaml").write_text("silent_days: 10\n", "utf-8")
    change(town, "pack.yaml", "notes: notes.yaml", "notes: notes.yaml, supervision: supervision.yaml")
    assert problems(town) == []
    change(town, "pack.yaml", "[national]", "[]")
    assert problems(town)[0].startswith(
        "supervision.yaml: due_soon_days, reminders, report_frequency, working_calendar"
    )


def test_file_that_is_not_text(town):
    (town / "units.yaml").write_bytes("- 市科技局".encode("gb18030"))
    assert problems(town) == ["units.yaml: the file is not UTF-8 text. Save it again as UTF-8."]


def test_pack_beside_another_can_be_extended_and_its_entries_replaced(town):
    district = town.parent / "district"
    district.mkdir()
    (district / "pack.yaml").write_text(
        'name: district\ntitle: {zh-hans: 甲县, en: A}\nversion: "1.0.0"\nextends: [town]\nregion: "419901"\n'
        "files: {regions: regions.yaml, supervision: supervision.yaml}\n",
        "utf-8",
    )
    (district / "regions.yaml").write_text(FILES["regions.yaml"].splitlines()[1].replace("甲县", "新甲县"), "utf-8")
    (district / "supervision.yaml").write_text("silent_days: 10\n", "utf-8")
    pack = load_pack(district)
    assert problems(district) == []
    assert [region.name for region in pack.regions] == ["中华人民共和国", "河南省", "某市", "新甲县", "高新区"]
    assert pack.supervision is not None
    assert (pack.supervision.silent_days, pack.supervision.due_soon_days) == (10, 30)


def test_broken_extended_pack_is_sent_to_its_own_check(town):
    district = town.parent / "district"
    district.mkdir()
    (district / "pack.yaml").write_text(FILES["pack.yaml"].replace("town", "district").replace("national", "town"))
    change(town, "regions.yaml", "level: county", "level: village")
    assert "pack.yaml.extends[0]: the extended pack town has problems of its own. Check it first." in problems(district)


def test_unknown_pack_lists_those_that_are_shipped():
    (problem,) = check_pack("atlantis")
    assert str(problem).startswith("there is no pack atlantis. Shipped: nanyang, national, pingdingshan")
    with pytest.raises(PackError, match="there is no pack atlantis"):
        load_pack("atlantis")


def test_regions_may_be_listed_in_any_order(town):
    lines = FILES["regions.yaml"].splitlines(keepends=True)
    (town / "regions.yaml").write_text("".join(reversed(lines)), "utf-8")
    assert problems(town) == []
    assert [region.code for region in load_pack(town).regions][2] == "419900"
