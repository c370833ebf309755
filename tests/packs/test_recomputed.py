"""The tech-SME score and the innovation score of high-tech enterprises, reckoned a second time.

What stands here is written from the national figures in plain Python and exact fractions; it shares nothing with the
pack but the codes of the facts. 300 invented enterprises by a fixed seed, many of them on or beside a step, some with
gaps.
"""

import datetime
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from kechuang.engines.rules.explain import Explainer
from kechuang.engines.rules.program import prepare
from kechuang.kit.packs import load_pack

DAY = datetime.date(2026, 6, 30)
ENTERPRISES = 300

STAFF = ((30, 20), (25, 16), (20, 12), (15, 8), (10, 4))
OVER_SALES = ((6, 50), (5, 40), (4, 30), (3, 20), (2, 10))
OVER_COSTS = ((30, 50), (25, 40), (20, 30), (15, 20), (10, 10))
GROWTH = ((35, (9, 10)), (25, (7, 8)), (15, (5, 6)), (5, (3, 4)))
RESULTS = ((5, (25, 30)), (4, (19, 24)), (3, (13, 18)), (2, (7, 12)), (1, (1, 6)))
TITLES_1, TITLES_2 = (7, 8), ((5, (5, 6)), (3, (3, 4)), (1, (1, 2)))
MOST = {"advanced": 8, "support": 8, "standards": 2, "accounts": 6, "rd_body": 6, "incentive": 4, "people": 4}
MANAGEMENT = ("accounts", "rd_body", "incentive", "people")

SME_FACTS = ("staff_count", "rd_staff_count", "revenue", "costs_and_expenses", "rd_expense", "ip_class1", "ip_class2")
# What a missing fact may turn out to be: enough to reach every number of points.
POSSIBLE = {
    "revenue": (0, 1, 10**14),
    "costs_and_expenses": (0, 1, 10**14),
    "ip_class1": (0, 1),
    "ip_class2": (0, 1, 2, 3, 4),
    "rd_staff_count": (0, 1, 10**6),
}


@pytest.fixture(scope="module")
def explainer():
    pack = load_pack("national")
    return Explainer(prepare(pack.ruleset, today=DAY, declared=pack.fact_kinds))


def step(value, steps, otherwise):
    return next((points for least, points in steps if value >= least), otherwise)


def percent(part, whole):
    return Fraction(part) / Fraction(whole) * 100


def sme_points(facts):
    """Points for S&T staff, R&D and results; everything known."""
    spent = facts["rd_expense"]
    staff = step(percent(facts["rd_staff_count"], facts["staff_count"]), STAFF, 0)
    sales, costs = facts["revenue"], facts["costs_and_expenses"]
    research = max(
        step(percent(spent, sales), OVER_SALES, 0) if sales else 0,
        step(percent(spent, costs), OVER_COSTS, 0) if costs else 0,
    )
    results = 30 if facts["ip_class1"] else (0, 6, 12, 18, 24)[min(facts["ip_class2"], 4)]
    return staff, research, results


def sme_answer(facts):
    """Yes or no where it is the same whatever the missing facts are, None where it is not."""
    gaps = [code for code in SME_FACTS if facts[code] is None]
    answers = set()
    for values in product(*(POSSIBLE[code] for code in gaps)):
        staff, research, results = sme_points({**facts, **dict(zip(gaps, values, strict=True))})
        answers.add(staff + research + results >= 60 and staff > 0)
    return answers.pop() if len(answers) == 1 else None


def growth_band(last, before, first):
    if last is None:
        return 0, 10
    mean = (percent(before - first, first) + percent(last - before, before)) / 2
    return step(mean, GROWTH, (1, 2) if mean > 0 else (0, 0))


def judged(facts, name):
    """The points that an expert gave for a part, or all there can be."""
    points = facts[f"hnte_points_{name}"]
    return (0, MOST[name]) if points is None else (points, points)


def added(*bands):
    return tuple(map(sum, zip(*bands, strict=True)))


def hnte_band(facts):
    """The least and the most that the innovation score can be; what is missing counts as nothing and as all."""
    if facts["hnte_score_expert"] is not None:
        return facts["hnte_score_expert"], facts["hnte_score_expert"]
    first, second = facts["ip_class1"], facts["ip_class2"]
    titles = judged(facts, "standards")
    if first + second:
        number = TITLES_1 if first else step(second, TITLES_2, (0, 0))
        way = (1, 6) if facts["ip_self_developed"] else (1, 3)
        titles = added(titles, number, way, judged(facts, "advanced"), judged(facts, "support"))
    yearly = facts["results_per_year"]
    low, high = added(
        [min(30, bound) for bound in titles],
        (0, 30) if yearly is None else step(yearly, RESULTS, (0, 6) if yearly else (0, 0)),
        *(judged(facts, name) for name in MANAGEMENT),
        growth_band(*(facts[code] for code in ("revenue", "revenue_y1", "revenue_y2"))),
        growth_band(*(facts[code] for code in ("net_assets", "net_assets_y1", "net_assets_y2"))),
    )
    return low, high


def hnte_answer(facts):
    low, high = hnte_band(facts)
    return True if low > 70 else False if high <= 70 else None


def near(random, whole, percents):
    """A part of a whole that stands on a step, or one beside it."""
    return max(0, whole * random.choice(percents) // 100 + random.choice((-1, 0, 0, 1)))


def three_years(random, code):
    """Last, before, first: mostly a mean growth that stands on a step or one yuan beside it."""
    first = random.choice((1000, 4000, 90000, 1234567))
    before = first * random.choice((50, 80, 100, 100, 110, 150)) // 100
    wanted = Fraction(random.choice((-10, 0, 5, 15, 25, 35, 60)), 100)
    last = int((2 * (1 + wanted) - Fraction(before, first)) * before) + random.choice((-1, 0, 0, 1))
    return {code: max(last, 0), f"{code}_y1": before, f"{code}_y2": first}


def enterprise(random):
    staff, sales, costs = (
        random.choice((20, 100, 480)),
        random.choice((10**6, 48 * 10**6, 9 * 10**8)),
        random.choice((10**6, 10**7)),
    )
    facts = {
        "staff_count": staff,
        "rd_staff_count": near(random, staff, (0, 10, 15, 20, 25, 30)),
        "costs_and_expenses": random.choice((costs, costs, costs, 0)),
        "rd_expense": random.choice((near(random, sales, range(7)), near(random, costs, (10, 15, 20, 25, 30)))),
        "ip_class1": random.choice((0, 0, 0, 1, 3)),
        "ip_class2": random.randint(0, 6),
        "ip_self_developed": random.random() < 0.7,
        "results_per_year": random.randint(0, 16) / 3 if random.random() < 0.5 else random.randint(0, 6),
        "hnte_score_expert": random.choice((*(None,) * 9, random.randint(60, 80))),
        **three_years(random, "net_assets"),
        **three_years(random, "revenue"),
        **{f"hnte_points_{name}": random.choice((None, most, random.randint(0, most))) for name, most in MOST.items()},
    }
    if random.random() < 0.6:
        facts["revenue"] = sales
    return facts


def with_gaps(random, facts):
    gaps = [code for code in POSSIBLE if random.random() < 0.25]
    return {**facts, **dict.fromkeys(gaps)}


def invented():
    random = Random(20260630)  # noqa: S311
    return [enterprise(random) for _ in range(ENTERPRISES)]


def answer(explainer, rule, facts):
    (found,) = explainer.explain({code: value for code, value in facts.items() if value is not None}, [rule])
    return found.answer


def test_sme_score_of_300_enterprises(explainer):
    seen = set()
    for facts in invented():
        known = explainer.complete(facts)
        staff, research, results = sme_points(facts)
        ours = tuple(known[code] for code in ("sme_score_staff", "sme_score_rd", "sme_score_results", "sme_score"))
        assert ours == (staff, research, results, staff + research + results), facts
        assert known["sme_score_low"] == known["sme_score_high"] == known["sme_score"], facts
        assert answer(explainer, "tech-sme-score", facts) is sme_answer(facts), facts
        seen |= {("staff", staff), ("research", research), ("results", results)}
    assert {points for part, points in seen if part == "staff"} == {0, 4, 8, 12, 16, 20}
    assert {points for part, points in seen if part == "research"} == {0, 10, 20, 30, 40, 50}
    assert {points for part, points in seen if part == "results"} == {0, 6, 12, 18, 24, 30}


def test_sme_answer_where_facts_are_missing_is_unknown_only_if_they_can_change_it(explainer):
    random, seen = Random(7), []  # noqa: S311
    for facts in invented():
        partly = with_gaps(random, {**facts, "rd_expense": facts["rd_expense"] or 1})
        seen.append(sme_answer(partly))
        assert answer(explainer, "tech-sme-score", partly) is seen[-1], partly
    assert set(seen) == {True, False, None}


def test_innovation_score_of_300_enterprises(explainer):
    seen = []
    for facts in invented():
        known = explainer.complete(facts)
        assert (known["hnte_score_low"], known["hnte_score_high"]) == hnte_band(facts), facts
        seen.append(hnte_answer(facts))
        assert answer(explainer, "hnte-score", facts) is seen[-1], facts
    assert set(seen) == {True, False, None}


def test_innovation_answer_where_facts_are_missing_is_unknown_only_if_they_can_change_it(explainer):
    random, seen = Random(11), []  # noqa: S311
    for facts in invented():
        gaps = [code for code in ("results_per_year", "net_assets", "revenue") if random.random() < 0.3]
        generous = {f"hnte_points_{name}": most for name, most in MOST.items() if random.random() < 0.7}
        partly = {**facts, **generous, **dict.fromkeys(gaps)}
        seen.append(hnte_answer(partly))
        assert answer(explainer, "hnte-score", partly) is seen[-1], partly
    assert set(seen) == {True, False, None}
