"""The rules of the shipped packs: every national figure, every grant of the five documents, with evidence."""

import datetime
import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from kechuang.engines.rules.explain import Explainer
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import prepare
from kechuang.kit.packs import available_packs, load_pack

DAY = datetime.date(2026, 6, 30)
CITIES = ("nanyang", "pingdingshan")
SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SEEDS = {
    "000_485e9d249fa31b02.txt": "nanyang-industry-upgrading",
    "002_fd34b09a82c15831.txt": "nanyang-innovation-action",
}


@pytest.fixture(scope="module")
def national():
    return load_pack("national")


@pytest.fixture(scope="module")
def explainer(national):
    return Explainer(prepare(national.ruleset, today=DAY, declared=national.fact_kinds))


def figure(explainer, name, **facts):
    return explainer.complete(facts)[name]


@pytest.mark.parametrize("name", available_packs())
def test_rules_rest_on_facts_of_the_catalogue_and_on_nothing_else(name):
    pack = load_pack(name)
    needed = set(pack.ruleset.facts_needed())
    assert needed <= set(pack.fact_kinds)
    assert not needed & {figure.code for figure in pack.derived}
    assert [rule.id for rule in pack.rules] == [rule.id for rule in pack.ruleset.rules]


def test_city_adds_to_the_national_rules_and_replaces_none():
    national, city = load_pack("national"), load_pack("nanyang")
    assert city.rules[: len(national.rules)] == national.rules
    assert city.facts[: len(national.facts)] == national.facts
    assert city.rule("hnte").rule.criteria == national.rule("hnte").rule.criteria
    with pytest.raises(KeyError):
        city.rule("pds-talent")


def test_facts_say_how_the_engine_reckons_with_them(national):
    kinds = national.fact_kinds
    assert kinds["revenue"] == kinds["ip_class1"] == kinds["rd_expense_domestic_share"] == Kind.NUMBER
    assert kinds["region"] == kinds["industry"] == kinds["tier"] == Kind.TEXT
    assert (kinds["hnte_until"], kinds["hnte_valid"]) == (Kind.DATE, Kind.BOOLEAN)
    assert {fact.unit for fact in national.facts if fact.kind == "money"} == {"元"}
    assert {(fact.low, fact.high) for fact in national.facts if fact.kind == "ratio"} == {(0, 1)}
    assert all(fact.question.endswith("？") and fact.question_en for fact in national.facts)


def test_tiers_of_the_ladder_are_the_choices_of_the_fact(national):
    (tier,) = (fact for fact in national.facts if fact.code == "tier")
    assert [choice.code for choice in tier.choices] == ["untiered", *(each.code for each in national.ladders[0].tiers)]


def test_no_choice_is_a_word_for_unknown():
    words = {"none", "null", "na", "nan", "unknown"}
    facts = [fact for name in available_packs() for fact in load_pack(name).facts]
    assert [fact.code for fact in facts for choice in fact.choices if choice.code in words] == []


# The national figures, step by step, against NATIONAL_RULES and not against the pack.


@pytest.mark.parametrize(
    ("sales", "floor"),
    [(1, 0.05), (50_000_000, 0.05), (50_000_001, 0.04), (200_000_000, 0.04), (200_000_001, 0.03), (None, None)],
)
def test_rd_ratio_required_of_a_high_tech_enterprise(explainer, sales, floor):
    assert figure(explainer, "rd_ratio_floor", revenue=sales) == floor


@pytest.mark.parametrize(
    ("growth", "band"),
    [(0.35, (9, 10)), (0.349, (7, 8)), (0.25, (7, 8)), (0.15, (5, 6)), (0.05, (3, 4)), (0.001, (1, 2)), (0, (0, 0))],
)
def test_bands_of_growth(explainer, growth, band):
    facts = {"revenue": 1000 * (1 + growth), "revenue_y1": 1000, "revenue_y2": 1000 / (1 + growth)}
    assets = {name.replace("revenue", "net_assets"): value for name, value in facts.items()}
    if growth in (0.35, 0.25, 0.15, 0.05):  # the step itself, without the drift of two quotients
        facts = {"revenue": 100 + 200 * growth, "revenue_y1": 100, "revenue_y2": 100}
        assets = {name.replace("revenue", "net_assets"): value for name, value in facts.items()}
    known = explainer.complete({**facts, **assets})
    assert (known["hnte_sales_growth_low"], known["hnte_sales_growth_high"]) == band
    assert (known["hnte_assets_growth_low"], known["hnte_assets_growth_high"]) == band


@pytest.mark.parametrize(
    ("sales", "growth"),
    [
        ((120, 100, 0), 0.2),  # a first year of 0 leaves the later ratio
        ((120, 0, 100), 0),  # a second year of 0 gives no points
        ((80, 100, 100), -0.1),
        ((120, None, 100), None),
    ],
)
def test_growth_of_young_enterprises(explainer, sales, growth):
    facts = dict(zip(("revenue", "revenue_y1", "revenue_y2"), sales, strict=True))
    assert figure(explainer, "sales_growth", **facts) == (None if growth is None else pytest.approx(growth))


def test_growth_of_negative_net_assets_is_for_an_expert(explainer):
    assert figure(explainer, "hnte_assets_growth_low", net_assets=5, net_assets_y1=-3, net_assets_y2=2) is None


@pytest.mark.parametrize(
    ("first", "second", "band"),
    [
        (1, 0, (7, 8)),
        (0, 5, (5, 6)),
        (0, 4, (3, 4)),
        (0, 3, (3, 4)),
        (0, 2, (1, 2)),
        (0, 1, (1, 2)),
        (0, 0, (0, 0)),
        (None, 9, (None, None)),
        (0, None, (None, None)),
    ],
)
def test_bands_of_number_of_titles(explainer, first, second, band):
    known = explainer.complete({"ip_class1": first, "ip_class2": second})
    assert (known["hnte_ip_number_low"], known["hnte_ip_number_high"]) == band


@pytest.mark.parametrize(
    ("yearly", "band"),
    [(5, (25, 30)), (4.9, (19, 24)), (3, (13, 18)), (2, (7, 12)), (1, (1, 6)), (0.9, (0, 6)), (0, (0, 0))],
)
def test_bands_of_results_put_to_use(explainer, yearly, band):
    known = explainer.complete({"results_per_year": yearly})
    assert (known["hnte_results_low"], known["hnte_results_high"]) == band


def test_ip_points_stop_at_30_and_management_at_20(explainer):
    best = {"ip_class1": 3, "ip_class2": 9, "ip_self_developed": True, "hnte_points_standards": 2}
    assert figure(explainer, "hnte_ip_high", **best) == 30
    assert figure(explainer, "hnte_ip_low", **best, hnte_points_advanced=8, hnte_points_support=8) == 26
    assert (figure(explainer, "hnte_management_low"), figure(explainer, "hnte_management_high")) == (0, 20)


def test_only_acquired_ip_has_at_most_three_points_for_the_way(explainer):
    assert figure(explainer, "hnte_ip_way_high", ip_class1=1, ip_class2=0, ip_self_developed=False) == 3
    assert figure(explainer, "hnte_ip_way_high", ip_class1=1, ip_class2=0, ip_self_developed=True) == 6


SME_STAFF = [(0.30, 20), (0.29, 16), (0.25, 16), (0.20, 12), (0.15, 8), (0.10, 4), (0.09, 0)]
SME_SALES = [(0.06, 50), (0.059, 40), (0.05, 40), (0.04, 30), (0.03, 20), (0.02, 10), (0.019, 0)]
SME_COSTS = [(0.30, 50), (0.29, 40), (0.25, 40), (0.20, 30), (0.15, 20), (0.10, 10), (0.09, 0)]


@pytest.mark.parametrize(("share", "points"), SME_STAFF)
def test_sme_points_for_staff(explainer, share, points):
    assert figure(explainer, "sme_score_staff", rd_staff_count=round(share * 100), staff_count=100) == points


@pytest.mark.parametrize(("share", "points"), SME_SALES)
def test_sme_points_for_rd_over_sales(explainer, share, points):
    facts = {"rd_expense": round(share * 1000), "revenue": 1000, "costs_and_expenses": 1_000_000}
    assert figure(explainer, "sme_score_rd_sales", **facts) == points
    assert figure(explainer, "sme_score_rd", **facts) == points


@pytest.mark.parametrize(("share", "points"), SME_COSTS)
def test_sme_points_for_rd_over_costs(explainer, share, points):
    facts = {"rd_expense": round(share * 100), "revenue": 1_000_000, "costs_and_expenses": 100}
    assert figure(explainer, "sme_score_rd_costs", **facts) == points
    assert figure(explainer, "sme_score_rd", **facts) == points


@pytest.mark.parametrize(
    ("first", "second", "points"),
    [(1, 0, 30), (0, 4, 24), (0, 3, 18), (0, 2, 12), (0, 1, 6), (0, 0, 0), (None, 4, None), (0, None, None)],
)
def test_sme_points_for_results(explainer, first, second, points):
    assert figure(explainer, "sme_score_results", ip_class1=first, ip_class2=second) == points


def test_one_side_of_the_rd_points_settles_them_only_at_the_top(explainer):
    assert figure(explainer, "sme_score_rd", rd_expense=6, revenue=100) == 50
    assert figure(explainer, "sme_score_rd", rd_expense=5, revenue=100) is None
    assert figure(explainer, "sme_score_rd", rd_expense=20, revenue=0, costs_and_expenses=100) == 30


# The cities.


@pytest.mark.parametrize("name", CITIES)
def test_every_rule_of_a_city_stands_on_a_clause_of_its_documents(name):
    pack = load_pack(name)
    texts = {document.slug: document.read_text() for document in pack.documents}
    own = [*pack.rules[len(load_pack("national").rules) :], *pack.funds]
    assert all(entry.source.quote and entry.source.quote in texts[entry.source.document] for entry in own)
    assert {entry.source.document for entry in own} == set(texts)


@pytest.mark.parametrize("name", available_packs())
def test_every_rule_says_what_to_do_next_and_labels_each_condition(name):
    for rule in load_pack(name).rules:
        assert all(criterion.label and english for criterion, english in rule.criteria)
        assert rule.next
        assert rule.next_en


def test_restated_national_rules_do_not_pretend_to_quote(national):
    assert all(rule.source.quote is None and rule.source.restatement for rule in national.rules)


def test_amounts_of_nanyang_are_those_of_the_documents():
    """Per document: what one case of each benefit comes to and what the document says the figure is."""
    rules = [rule for rule in load_pack("nanyang").rules if rule.kind == "benefit" and rule.rule.amount]
    told = {(rule.id, rule.rule.amount, rule.amount_is) for rule in rules}
    assert told == {
        ("ny-hnte-first", "100000", "exact"),
        ("ny-hnte-third", "100000", "exact"),
        ("ny-hnte-relocation", "1500000", "ceiling"),
        ("ny-leading-first", "1000000", "ceiling"),
        ("ny-zone-national", "1000000", "exact"),
        ("ny-zone-provincial", "300000", "exact"),
        ("ny-carrier-national", "500000 * carriers_new_national", "exact"),
        ("ny-carrier-provincial", "100000 * carriers_new_provincial", "exact"),
        ("ny-platform-national", "1000000 * platforms_new_national", "ceiling"),
        ("ny-platform-provincial", "300000 * platforms_new_provincial", "ceiling"),
        ("ny-academician-station", "1000000", "ceiling"),
        ("ny-top-talent", "50000000", "ceiling"),
        ("ny-outside-team", "1000000 * outside_teams_introduced", "floor"),
        ("ny-team-cultivated", "500000 * teams_cultivated", "exact"),
        ("ny-rd-outside", "100000", "exact"),
        ("ny16-leading-first", "1000000", "ceiling"),
        ("ny16-academician-station", "1000000", "exact"),
        ("ny16-team-cultivated", "500000 * teams_cultivated", "exact"),
        ("ny16-rd-outside", "1000000", "exact"),
        ("ny16-rd-outside-ledger", "1000000", "exact"),
        ("ny16-phd-stipend", "5000", "exact"),
        ("ny24-major-project", "3000000 * city_major_projects", "range"),
        ("ny24-key-rd-project", "1500000 * city_key_rd_projects", "range"),
    }
    assert {rule.payer for rule in rules if rule.source.document == "nanyang-industry-upgrading"} == {
        "benefiting_treasury"
    }


@pytest.mark.parametrize(("seed", "slug"), SEEDS.items())
def test_amounts_of_benefits_and_funds_are_those_of_the_labels(seed, slug):
    """Each labelled sum, exact, the most or the least, is the sum of a rule or fund, and there are no others."""
    path = SHARED / "gold" / f"{seed}.jsonl"
    if not path.exists():
        pytest.skip(f"the labels are not beside the repository: no {path}")
    labels = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    pack = load_pack("nanyang")
    meaning = {"exact": "=", "ceiling": "<=", "floor": ">="}
    rules = [rule for rule in pack.rules if rule.source.document == slug and rule.rule.amount]
    ours = {(int((rule.rule.amount or "").split(" ")[0]), meaning[rule.amount_is]) for rule in rules}
    assert ours == {(each["amount"], each["op"]) for each in labels if each["kind"] == "benefit" and each["amount"]}
    funds = {fund.amount for fund in pack.funds if fund.source.document == slug}
    assert funds == {each["amount"] for each in labels if each["kind"] == "fund"}


def test_only_what_is_granted_once_to_a_subject_is_limited_for_good():
    """What is granted for each platform, carrier, workstation, team or project is no less owed for the next one."""
    once = {rule.id for rule in load_pack("nanyang").rules if rule.rule.limits.once}
    assert once == {
        *("ny-hnte-first", "ny-hnte-third", "ny-hnte-relocation", "ny-leading-first", "ny16-leading-first"),
        *("ny-zone-national", "ny-zone-provincial", "ny-rd-outside", "ny16-rd-outside", "ny16-rd-outside-ledger"),
    }


def test_funds_of_nanyang_are_those_of_the_documents():
    assert {fund.code: fund.amount for fund in load_pack("nanyang").funds} == {
        "ny-major-projects": 10_000_000,
        "ny16-major-projects": 10_000_000,
        "ny-basic-research": 3_000_000,
        "ny16-basic-research": 3_000_000,
        "ny-innovation-fund": 1_000_000_000,
        "ny16-innovation-fund": None,
        "ny-credit-reserve": None,
        "ny24-loan-interest-fund": 30_000_000,
        "ny24-tech-loan-fund": 6_000_000_000,
        "ny24-science-fund": 300_000_000,
        "ny24-guidance-fund": 5_000_000_000,
    }


def test_both_versions_of_a_contradiction_stand_and_only_the_higher_is_paid():
    pack = load_pack("nanyang")
    pair = [pack.rule("ny-rd-outside"), pack.rule("ny16-rd-outside")]
    assert [rule.rule.amount for rule in pair] == ["100000", "1000000"]
    assert pair[1].id in pair[0].conflict
    assert pair[0].id in pair[1].conflict
    for rule in pack.rules:
        for other in rule.conflict:
            assert pack.rule(other).rule.group == rule.rule.group is not None


@pytest.mark.parametrize("name", CITIES)
def test_thresholds_that_no_document_sets_are_unknown_and_never_asked_for(name):
    pack = load_pack(name)
    unset = {figure.code for figure in pack.derived if not figure.is_set}
    assert {"threshold_gazelle_revenue", "threshold_leader_revenue"} <= unset
    assert not unset & set(pack.fact_kinds)


def test_city_fills_in_a_threshold_under_its_code(tmp_path):
    city = tmp_path / "town"
    city.mkdir()
    (city / "pack.yaml").write_text(
        'name: town\ntitle: {zh-hans: 某市, en: Town}\nversion: "1.0.0"\nextends: [nanyang]\nregion: "411300"\n'
        "files: {rules: rules.yaml}\n",
        "utf-8",
    )
    (city / "rules.yaml").write_text(
        "derived:\n- {code: threshold_gazelle_revenue, name: {zh-hans: 门槛, en: Threshold}, unit: 元, "
        "expression: 50000000}\n",
        "utf-8",
    )
    pack = load_pack(city)
    program = prepare(pack.ruleset, today=DAY, declared=pack.fact_kinds)
    facts = {"region": "411303", "hnte_valid": True, "revenue": 60_000_000.0}
    answers = {each.rule: each.answer for each in Explainer(program).explain(facts)}
    assert (answers["ny-gazelle"], answers["ny-eaglet"]) == (True, None)


@pytest.mark.parametrize("name", available_packs())
def test_cases_show_every_rule_with_yes_no_and_unknown(name):
    """Of a city, unset thresholds leave tiers without a yes."""
    pack = load_pack(name)
    extended = {rule.id for parent in pack.extends for rule in load_pack(parent).rules}
    shown = {rule.id: set() for rule in pack.rules if rule.id not in extended}
    for case in _cases(name):
        for rule, expected in case["expect"].items():
            shown[rule].add(expected["answer"] if isinstance(expected, dict) else expected)
    unset = {each.code for each in pack.derived if not each.is_set}
    for rule, answers in shown.items():
        reads = " ".join(criterion.text for criterion in pack.rule(rule).rule.criteria)
        wanted = {False, "unknown"} if any(code in reads for code in unset) else {True, False, "unknown"}
        assert wanted <= answers, rule


def _cases(name):
    for file in files("kechuang").joinpath("packs", name, "rule_cases").iterdir():
        yield from yaml.safe_load(file.read_text("utf-8"))
