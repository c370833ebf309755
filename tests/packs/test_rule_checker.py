"""Broken facts, rules, funds and cases are told where they stand and what to do."""

import pytest

from kechuang.kit.packs import PackError, check_pack, load_pack

FILES = {
    "pack.yaml": """\
name: town
title: {zh-hans: 某市, en: Town}
version: "1.0.0"
extends: [national]
region: "419900"
files: {regions: regions.yaml, units: units.yaml, documents: documents.yaml, facts: facts.yaml, rules: rules.yaml}
""",
    "regions.yaml": """\
- {code: "419900", name: 某市, short_name: 某, name_en: T, level: prefecture, kind: 市, parent: "410000", order: 1}
""",
    "units.yaml": """\
- {code: town/kjj, name: 市科技局, full_name: 某市科技局, aliases: [], region: "419900", kind: department}
- {code: town/tjj, name: 市统计局, full_name: 某市统计局, aliases: [], region: "419900", kind: department}
- {code: town/czj, name: 市财政局, full_name: 某市财政局, aliases: [], region: "419900", kind: department}
""",
    "documents.yaml": """\
- slug: opinion
  doc_number: 某政〔2024〕1号
  title: 某市意见
  issuers: [某市人民政府]
  date: 2024-01-31
  region: "419900"
  kind: opinion
  is_restatement: true
  file: documents/opinion.txt
  industries: []
  beneficiaries: []
  keywords: []
  status: in_force
""",
    "documents/opinion.txt": "某市意见\n某政〔2024〕1号\n【本文为改写稿】\n"
    "对新建实验室，一次性补助20万元。设立1亿元基金。\n",
    "facts.yaml": """\
- code: labs
  name: {zh-hans: 新建实验室数, en: New laboratories}
  kind: count
  unit: 个
  period: yearly
  definition: 当年新建的实验室数。
  question: {zh-hans: 今年新建几个实验室？, en: "How many?"}
  low: 0
  high: 9
  source: declared
""",
    "rules.yaml": """\
derived:
- {code: labs_per_head, name: {zh-hans: 人均实验室数, en: Labs per head}, unit: 个/人, expression: labs / staff_count}
rules:
- id: lab
  title: 新建实验室补助
  name_en: Subsidy for laboratories
  kind: benefit
  subject: organisation
  payer: city
  per: once
  form: subsidy
  source: {document: opinion, quote: 对新建实验室，一次性补助20万元}
  valid: ["2024-01-31", null]
  when:
    - {sql: labs >= 1, label: 新建实验室, label_en: New laboratory}
  amount: "200000 * labs"
  fund: purse
  next: {zh-hans: 申报。, en: Apply.}
  without_application: false
- id: strong
  title: 强企
  name_en: Strong enterprise
  kind: tier
  tier: gazelle
  subject: enterprise
  payer: none
  per: unstated
  form: recognition
  source: {document: 某规〔2020〕3号, restatement: 收入高者为强。}
  valid: [null, null]
  when:
    - {sql: revenue > 5, label: 收入, label_en: Revenue}
  next: {zh-hans: 努力。, en: Strive.}
  without_application: false
funds:
- code: purse
  name: 基金
  name_en: Fund
  amount: 100000000
  per: once
  payer: city
  source: {document: 某政〔2024〕1号, quote: 设立1亿元基金}
  valid: ["2024-01-31", "2026-12-31"]
""",
    "rule_cases/cases.yaml": """\
- name: 两个实验室
  on: 2026-06-30
  given: {labs: 2}
  expect: {lab: {answer: yes, amount: 400000}, strong: unknown}
""",
}


@pytest.fixture
def town(tmp_path):
    """A small city pack with a fact, two rules, a fund and a case, all in order."""
    root = tmp_path / "town"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def problems(root):
    return [str(problem) for problem in check_pack(root)]


def test_sound_pack_has_no_problems(town):
    assert problems(town) == []
    rule = load_pack(town).rule("lab")
    assert (rule.fund, rule.amount_is, rule.labels_en) == ("purse", "exact", ("New laboratory",))
    assert [(criterion.text, english) for criterion, english in rule.criteria] == [("labs >= 1", "New laboratory")]


BROKEN = [
    (
        "rules.yaml",
        "sql: labs >= 1",
        "sql: labz >= 1",
        "rules.yaml.rules[0], condition 1: there is no indicator “labz”",
    ),
    ("rules.yaml", "sql: labs >= 1", "sql: labs >= staff_count", "rules.yaml.rules[0], condition 1: "),
    ("rules.yaml", "sql: labs >= 1", "sql: labs > 9", "rules.yaml.rules[0], condition 1: this can never hold."),
    ("rules.yaml", "sql: labs >= 1", "sql: labs = 'two'", "rules.yaml.rules[0], condition 1: "),
    ("rules.yaml", "sql: labs >= 1", "sql: pg_sleep(9)", "rules.yaml.rules[0]: rule lab, condition 1: "),
    ("rules.yaml", "labs / staff_count", "labs / stuff_count", "rules.yaml.derived[0]: there is no indicator"),
    (
        "rules.yaml",
        "一次性补助20万元",
        "一次性补助30万元",
        "rules.yaml.rules[0].source.quote: these words do not stand",
    ),
    ("rules.yaml", "设立1亿元基金", "设立2亿元基金", "rules.yaml.funds[0].source.quote: these words do not stand"),
    (
        "rules.yaml",
        "tier: gazelle",
        "tier: tiger",
        "rules.yaml.rules[1].tier: there is no tier tiger. Known: tech_sme,",
    ),
    ("rules.yaml", "  tier: gazelle\n", "", "rules.yaml.rules[1].tier: a rule of the kind tier names its tier"),
    ("rules.yaml", "fund: purse", "fund: pocket", "rules.yaml.rules[0].fund: there is no fund pocket."),
    (
        "rules.yaml",
        "  fund: purse\n",
        "  conflict: [strong]\n",
        "there is no rule or fund strong whose conflict names lab",
    ),
    ("rules.yaml", "  fund: purse\n", "  amount_is: unstated\n", "unstated does not fit the amount"),
    ("rules.yaml", "  fund: purse\n", "  amount_from: 5\n", "exact does not fit the amount"),
    ("rules.yaml", '"2026-12-31"', '"2023-12-31"', "rules.yaml.funds[0].valid: the last day, 2023-12-31, lies before"),
    ("rules.yaml", "id: strong", "id: lab", "rules.yaml.rules[1]: lab is used twice, first at rules.yaml.rules[0]."),
    (
        "facts.yaml",
        "code: labs",
        "code: labs_per_head",
        "facts.yaml[0].code: the figure labs_per_head is used as a fact",
    ),
    (
        "rules.yaml",
        "code: labs_per_head",
        "code: hnte_until",
        "rules.yaml.derived[0].code: the figure hnte_until is used",
    ),
    (
        "rules.yaml",
        "code: labs_per_head",
        "code: labs",
        "rules.yaml: indicators.labs: it uses “labs”, which stands below",
    ),
    ("rules.yaml", ", label_en: Revenue", "", "rules.yaml.rules[1].when[0]: label_en is missing. Add it."),
    ("rules.yaml", "payer: city\n  per: once\n  form", "payer: king\n  per: once\n  form", "king is not one of: city,"),
    ("facts.yaml", "high: 9", "high: -1", "facts.yaml[0].high: the highest value, -1, lies below the lowest, 0."),
    (
        "facts.yaml",
        "  low: 0\n",
        "  choices: [{code: a, name: 甲, name_en: A}]\n",
        "facts.yaml[0].choices: choices belong to facts of the kind text only.",
    ),
    (
        "rule_cases/cases.yaml",
        "400000",
        "500000",
        "rule_cases/cases.yaml “两个实验室”, lab: expected the amount 500,000 yuan, it is 400,000 yuan.",
    ),
    ("rule_cases/cases.yaml", "strong:", "weak:", "rule_cases/cases.yaml “两个实验室”, weak: there is no such rule"),
    (
        "rule_cases/cases.yaml",
        "labs: 2",
        "labs: two",
        "rule_cases/cases.yaml “两个实验室”: labs: “two” is not a number",
    ),
    (
        "rule_cases/cases.yaml",
        "given:",
        "gives:",
        "rule_cases/cases.yaml: case “两个实验室”: “gives” is no part of a case",
    ),
    ("rule_cases/cases.yaml", "{labs: 2}", "{labs: 2", "rule_cases/cases.yaml: "),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), BROKEN, ids=[f"{each[1]}-{each[2]}" for each in BROKEN])
def test_broken_rules_are_told_where_and_why(town, name, old, new, said):
    text = (town / name).read_text("utf-8")
    assert old in text
    (town / name).write_text(text.replace(old, new, 1), "utf-8")
    assert any(said in problem for problem in problems(town)), problems(town)


def test_rule_that_the_engine_cannot_read_keeps_the_pack_from_loading(town):
    text = FILES["rules.yaml"].replace("sql: labs >= 1", "sql: (SELECT 1) > 0")
    (town / "rules.yaml").write_text(text, "utf-8")
    with pytest.raises(PackError, match="a rule cannot look anything up"):
        load_pack(town)


def test_changed_fact_that_breaks_an_inherited_rule_names_that_rule(town):
    text = FILES["facts.yaml"].replace("code: labs", "code: hnte_valid").replace("labs", "hnte_valid")
    (town / "facts.yaml").write_text(FILES["facts.yaml"] + text, "utf-8")
    assert any(problem.startswith("pack.yaml.extends (rule ") for problem in problems(town)), problems(town)
