"""Where an enterprise stands, and what it lacks for the next rung."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification, revoke_certification
from kechuang.apps.cultivation.domain.providers import certification_facts
from kechuang.apps.cultivation.domain.queries.ladder import place_of
from kechuang.apps.cultivation.domain.reserve import enter_reserve
from kechuang.apps.cultivation.interfaces.gap_words import Line, lines_of
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.policy.domain.rules import draft_rule, keep_formula, keep_rule
from kechuang.apps.policy.models import Rule
from kechuang.kit.facts import provided_facts
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import assert_constant_queries

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def test_the_gap_names_the_staff_that_are_short(known_company: Organisation) -> None:
    add_certification(SYSTEM, organisation=known_company, tier="tech_sme", issued_on=date(TODAY.year, 1, 1))
    place = place_of(known_company)
    rung = place.rung("hnte")
    assert rung is not None
    assert rung.report is not None
    assert [each.tier.code for each in place.next_rungs] == ["hnte"]
    staff = next(line for line in lines_of(rung.report) if "科技人员" in line.label)
    assert staff.verdict == "short"
    assert any(short.short == "多2人" or "2人" in short.short for short in staff.shorts), staff.shorts
    assert staff.advice
    ratio = next(line for line in lines_of(rung.report) if "近三年研发费用" in line.label)
    assert ratio.verdict == "met"


def test_what_is_not_known_is_asked_for_and_never_counts_as_missed(catalogue: Any, company: Organisation) -> None:
    report = place_of(company).rung("hnte").report  # type: ignore[union-attr]
    assert report is not None
    assert report.reached is None or report.count("short")
    assert "staff_count" in report.missing
    assert report.count("unknown") > 4


def test_a_threshold_that_nobody_set_is_not_set_and_never_missed(known_company: Organisation) -> None:
    report = place_of(known_company).rung("gazelle").report  # type: ignore[union-attr]
    assert report is not None
    revenue = next(each for each in report.judged if "threshold_gazelle_revenue" in each.explained.text)
    assert revenue.verdict == "unset"
    assert "threshold_gazelle_revenue" not in report.missing


def test_records_tell_the_facts_and_what_is_not_recorded_stays_unknown(catalogue: Any, company: Organisation) -> None:
    today = TODAY
    assert not any(certification_facts([company.pk], today.year).values())
    add_certification(
        SYSTEM, organisation=company, tier="hnte", issued_on=today - timedelta(days=1000), times=2, number="GR1"
    )
    told = provided_facts([company.pk], today.year)
    assert told["hnte_valid"][company.pk] is True
    assert told["hnte_times"][company.pk] == 2
    assert company.pk not in told["hnte_first_year"]
    assert company.pk not in told["hnte_consecutive"]
    assert company.pk not in told["tech_sme_valid"]
    assert told["tier"][company.pk] == "hnte"


def test_recognitions_in_a_row_are_counted_back_to_the_first_gap(catalogue: Any, company: Organisation) -> None:
    for times, year in enumerate((TODAY.year - 12, TODAY.year - 5, TODAY.year - 2), start=1):
        add_certification(
            SYSTEM, organisation=company, tier="hnte", issued_on=date(year, 1, 10), times=times, number=f"GR{year}"
        )
    told = provided_facts([company.pk], TODAY.year)
    assert told["hnte_consecutive"][company.pk] == 2
    assert told["hnte_times"][company.pk] == 3
    assert told["hnte_first_year"][company.pk] == TODAY.year - 12


def test_a_revoked_or_expired_certificate_does_not_hold(catalogue: Any, company: Organisation) -> None:
    row = add_certification(SYSTEM, organisation=company, tier="hnte", issued_on=TODAY - timedelta(days=10))
    revoke_certification(SYSTEM, certification=row, reason="不再符合条件")
    told = provided_facts([company.pk], TODAY.year)
    assert told["hnte_valid"][company.pk] is False
    assert company.pk not in told["tier"]


def test_recognition_ends_the_stay_in_the_library(catalogue: Any, company: Organisation) -> None:
    entry = enter_reserve(
        SYSTEM, organisation=company, tier="hnte", entered_on=TODAY - timedelta(days=100), reason="有研发投入"
    )
    assert provided_facts([company.pk], TODAY.year)["reserve_listed"][company.pk] is True
    add_certification(SYSTEM, organisation=company, tier="hnte", issued_on=TODAY - timedelta(days=3))
    entry.refresh_from_db()
    assert (entry.left_on, entry.exit_reason) == (TODAY - timedelta(days=3), "recognised")
    assert provided_facts([company.pk], TODAY.year)["reserve_listed"][company.pk] is False


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_and_both_papers_open(client_as: Any, known_company: Organisation, language: str) -> None:
    client = client_as("organisation_admin")
    client.cookies["django_language"] = language
    assert client.get(reverse("cultivation:mine")).status_code == 302
    page = client.get(reverse("cultivation:ladder", args=[known_company.pk]) + "?tier=hnte")
    assert page.status_code == 200
    assert known_company.name in page.content.decode()
    word = client.get(reverse("cultivation:diagnosis", args=[known_company.pk, "docx"]))
    paper = client.get(reverse("cultivation:diagnosis", args=[known_company.pk, "pdf"]))
    assert word.content.startswith(b"PK")
    assert paper.content.startswith(b"%PDF")
    assert client.get(reverse("cultivation:diagnosis", args=[known_company.pk, "exe"])).status_code == 404


def test_strangers_see_no_gap_report(client_as: Any, company: Organisation, people: Any) -> None:
    url = reverse("cultivation:ladder", args=[company.pk])
    assert client_as("public").get(url).status_code == 302
    assert client_as("expert").get(url).status_code == 403
    assert client_as("responsible_unit").get(url).status_code == 403


def test_the_page_needs_as_many_queries_for_one_certificate_as_for_three(
    client_as: Any, known_company: Organisation
) -> None:
    def make(count: int) -> None:
        start = known_company.certifications.count()
        for number in range(start, start + count):
            add_certification(
                SYSTEM,
                organisation=known_company,
                tier="hnte",
                issued_on=TODAY - timedelta(days=400 * number),
                number=f"GR{number}",
            )

    assert_constant_queries(
        client_as("organisation_admin"), reverse("cultivation:ladder", args=[known_company.pk]), make
    )


def test_a_newly_published_threshold_changes_the_gap(known_company: Organisation, actors: dict[str, Actor]) -> None:
    nation = Rule.objects.get(code="hnte", region__code="000000")
    assert nation.current is not None
    definition = deepcopy(nation.current.definition)
    staff = next(each for each in definition["when"] if "科技人员" in each["label"])
    staff["sql"], staff["label"] = "rd_staff_share >= 0.05", "科技人员占职工总数不低于5%"
    city = Region.objects.get(code="411300")
    draft_rule(actors["bureau_officer"], region=city, definition=definition)
    assert condition(known_company, "科技人员占").verdict == "short", "a draft changes nothing"
    keep_rule(SYSTEM, region=city, definition=definition)
    line = condition(known_company, "科技人员占")
    assert (line.verdict, line.label) == ("met", "科技人员占职工总数不低于5%")


def test_a_threshold_that_the_city_fills_in_is_measured(known_company: Organisation) -> None:
    city = Region.objects.get(code="411300")
    keep_formula(
        SYSTEM, region=city, code="threshold_gazelle_revenue", name="“瞪羚”企业营业收入门槛", name_en="Gazelle revenue",
        unit="元", expression="100000000", order=90, check_again="",
    )  # fmt: skip
    line = next(each for each in report_lines(known_company, "gazelle") if "营业收入" in each.label)
    assert line.verdict == "short"
    assert [short.short for short in line.shorts] == ["还差6,000万元"]


def test_a_rung_whose_rule_has_ended_asks_for_nothing(known_company: Organisation) -> None:
    day = date(2020, 1, 1)
    rungs = {rung.tier.code: rung for rung in place_of(known_company, day).rungs}
    assert rungs["gazelle"].report is None
    assert rungs["hnte"].report is not None


def report_lines(company: Organisation, tier: str) -> list[Line]:
    rung = place_of(company).rung(tier)
    assert rung is not None
    assert rung.report is not None
    return lines_of(rung.report)


def condition(company: Organisation, words: str) -> Line:
    """The condition of the high-tech rung with these words in its label."""
    return next(line for line in report_lines(company, "hnte") if words in line.label)
