"""Who is entitled, computed again to the last value; awards that nobody gets twice; totals that sum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.directory.models import Organisation, Region, User
from kechuang.apps.directory.uscc import check_character
from kechuang.apps.policy.domain import awards
from kechuang.apps.policy.domain.queries import awards as reading
from kechuang.apps.policy.domain.rule_examples import keep_example
from kechuang.apps.policy.domain.rules import draft_version, publish_version
from kechuang.apps.policy.models import Rule
from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import queries_of
from kechuang.kit.testing_jobs import run_jobs
from kechuang.kit.workflow import history
from tests.apps.policy.rules import ALL, definition, make_rules, tell

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1
ONCE = definition("once", ["hnte_valid"], amount=70000, limits={"once": True}, payer="benefiting_treasury")
CEILING = definition("most", ["hnte_valid"], amount=200000, amount_is="ceiling")


def make_companies(count: int, start: int = 0) -> list[Organisation]:
    """Verified high-tech enterprises spread over the counties."""
    counties = list(Region.objects.filter(path__contains="411300", level=Region.Level.COUNTY).order_by("code"))
    made = []
    for number in range(start, start + count):
        body = f"9141130000000{number:04d}"
        made.append(
            Organisation.objects.create(
                uscc=body + check_character(body), name=f"南阳测试科技{number}号有限公司", industry="C38",
                region=counties[number % len(counties)], state=Organisation.State.VERIFIED,
            )
        )  # fmt: skip
        tell(made[-1], hnte_valid=True, hnte_times=1 + number % 2, revenue=10_000_000, rd_expense=600_000 + number)
    return made


@pytest.fixture
def companies(city: Region) -> list[Organisation]:
    make_rules(city, *ALL, ONCE)
    return make_companies(6)


@pytest.fixture
def run(companies: list[Organisation], officer: Actor, city: Region) -> EligibilityRun:
    return awards.assess(officer, region=city, year=YEAR)


def test_a_run_counts_what_the_rules_say(run: EligibilityRun) -> None:
    assert run.tallies["hnte"]["yes"] == 3
    assert run.tallies["hnte"]["payable"] == 3 * 100_000_00
    # in the group of hnte the lower amount is payable only to those who do not get the higher one
    assert run.tallies["hnte-small"] == run.tallies["hnte-small"] | {"yes": 6, "payable": 3 * 50_000_00}
    assert "county" not in run.tallies, "a right of county governments is no organisation's"
    assert run.subjects == run.tallies["hnte"]["yes"] + run.tallies["hnte"]["no"] + run.tallies["hnte"]["unknown"]


def test_totals_by_payer_and_county_sum_to_the_whole(run: EligibilityRun) -> None:
    benefits = reading.benefits_of(run)
    whole = sum(each.fen for each in benefits)
    assert whole == sum(tally["payable"] for tally in run.tallies.values())
    assert sum(line.fen for line in reading.payers_of(benefits)) == whole
    assert sum(line.fen for line in reading.counties_of(run)) == whole
    counted = [sum(line.count for line in lines) for lines in (reading.payers_of(benefits), reading.counties_of(run))]
    assert counted[0] == counted[1]
    assert sum(line.count for line in reading.counties_of(run, "hnte")) == 3


def test_a_run_is_computed_again_to_the_last_value(
    run: EligibilityRun, companies: list[Organisation], officer: Actor, actor: Callable[[str], Actor]
) -> None:
    tell(companies[0], hnte_valid=False)  # facts and rules move on, the run does not
    rule = Rule.objects.get(code="hnte")
    version = draft_version(officer, rule=rule, definition=definition("hnte", ["hnte_valid"], amount=1, group="hnte"))
    keep_example(officer, version=version, name="有证书", given={"hnte_valid": True}, expect="yes")
    version.refresh_from_db()
    publish_version(actor("bureau_leader"), version=version)
    again = awards.recompute(actor("auditor"), run=run)
    assert again.same
    assert again.sha256 == run.sha256
    assert not again.differences


def test_what_was_received_is_part_of_the_run(
    run: EligibilityRun, companies: list[Organisation], officer: Actor, city: Region
) -> None:
    awards.confirm_awards(officer, run=run, code="once")
    for company in companies:
        tell(company, hnte_valid=True)
    later = awards.assess(officer, region=city, year=YEAR + 1)
    assert later.tallies["once"] == later.tallies["once"] | {"yes": 6, "payable": 0}
    assert awards.recompute(officer, run=later).same
    same_year = awards.assess(officer, region=city, year=YEAR)
    assert same_year.tallies["once"]["payable"] == 0, "what was granted for the year is not payable again"
    assert same_year.tallies["intense"] == run.tallies["intense"]
    assert awards.recompute(officer, run=same_year).same


def test_of_a_group_nothing_is_payable_once_another_is_granted(
    run: EligibilityRun, officer: Actor, city: Region
) -> None:
    awards.confirm_awards(officer, run=run, code="hnte")
    again = awards.assess(officer, region=city, year=YEAR)
    assert again.tallies["hnte"] == again.tallies["hnte"] | {"yes": 3, "payable": 0}
    assert again.tallies["hnte-small"]["payable"] == 3 * 50_000_00, "those who were granted neither"
    next_year = awards.assess(officer, region=city, year=YEAR + 1)
    assert next_year.tallies["hnte"]["payable"] == run.tallies["hnte"]["payable"]


def test_of_a_group_of_rights_granted_once_one_is_had_for_good(
    companies: list[Organisation], officer: Actor, city: Region
) -> None:
    here, there = (
        definition(code, ["hnte_valid"], amount=amount, group="station", limits={"once": True})
        for code, amount in (("station", 1_000_000), ("station-plan", 500_000))
    )
    make_rules(city, here, there)
    awards.confirm_awards(officer, run=awards.assess(officer, region=city, year=YEAR), code="station")
    later = awards.assess(officer, region=city, year=YEAR + 1)
    assert (later.tallies["station"]["payable"], later.tallies["station-plan"]["payable"]) == (0, 0)


def test_a_run_cannot_be_changed(run: EligibilityRun) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        EligibilityRun.objects.filter(pk=run.pk).update(sha256="0" * 64)


def test_nobody_is_confirmed_twice(run: EligibilityRun, officer: Actor) -> None:
    first = awards.confirm_awards(officer, run=run, code="hnte")
    again = awards.confirm_awards(officer, run=run, code="hnte")
    assert (first.new, first.payable, again.new, again.known) == (3, 3 * 100_000_00, 0, 3)
    award = Award.objects.filter(rule__code="hnte")[0]
    assert [step.to_state for step in history(award)] == ["confirmed"]


def test_of_a_group_one_award_a_year(run: EligibilityRun, officer: Actor) -> None:
    awards.confirm_awards(officer, run=run, code="hnte")
    award = Award.objects.filter(rule__code="hnte")[0]
    award.pk, award.rule = None, Rule.objects.get(code="hnte-small")
    with pytest.raises(IntegrityError, match="award_highest_of_group"), transaction.atomic():
        award.save(force_insert=True)


def test_once_is_once(run: EligibilityRun, officer: Actor) -> None:
    awards.confirm_awards(officer, run=run, code="once")
    award = Award.objects.filter(rule__code="once")[0]
    award.pk, award.year = None, YEAR + 3
    with pytest.raises(IntegrityError, match="award_once_for_good"), transaction.atomic():
        award.save(force_insert=True)


def test_the_way_to_the_payment_has_four_eyes(
    run: EligibilityRun, officer: Actor, actor: Callable[[str], Actor]
) -> None:
    awards.confirm_awards(officer, run=run, code="hnte")
    keys = list(Award.objects.values_list("pk", flat=True))
    leader = actor("bureau_leader")
    with pytest.raises(Stale):
        awards.step_awards(leader, awards=keys, name="release")
    awards.step_awards(officer, awards=keys, name="publish")
    with pytest.raises(DomainError, match="公示"):
        awards.step_awards(leader, awards=keys, name="release")
    Award.objects.update(notice_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refused):
        awards.step_awards(officer, awards=keys, name="release")
    awards.step_awards(leader, awards=keys, name="release")
    awards.step_awards(officer, awards=keys, name="pay")
    assert {award.state for award in Award.objects.all()} == {AwardState.PAID}
    with pytest.raises(IntegrityError, match="award_four_eyes"), transaction.atomic():
        Award.objects.update(released_by=officer.user_id)
    with pytest.raises(DomainError):
        awards.step_awards(officer, awards=keys, name="withdraw")


def test_withdrawn_may_be_confirmed_again(run: EligibilityRun, officer: Actor) -> None:
    awards.confirm_awards(officer, run=run, code="hnte")
    keys = list(Award.objects.values_list("pk", flat=True))
    with pytest.raises(DomainError):
        awards.step_awards(officer, awards=keys, name="withdraw")
    awards.step_awards(officer, awards=keys, name="withdraw", reason="重复申报")
    assert awards.confirm_awards(officer, run=run, code="hnte").new == 3


def test_totals_of_awards_sum(run: EligibilityRun, officer: Actor) -> None:
    for code in ("hnte", "hnte-small", "intense", "once"):
        awards.confirm_awards(officer, run=run, code=code)
    rows = reading.awards_for(officer, {})
    whole = sum(award.payable for award in rows)
    for by in ("payer", "county", "state"):
        assert sum(line.fen for line in reading.totals_of(rows, by)) == whole


@pytest.mark.parametrize("role", ["bureau_leader", "auditor", "county_workstation", "organisation_admin", "public"])
def test_only_officers_confirm(run: EligibilityRun, actor: Callable[[str], Actor], role: str) -> None:
    with pytest.raises(Refused):
        awards.confirm_awards(actor(role), run=run, code="hnte")


def test_pages(run: EligibilityRun, officer: Actor, client_as: Callable[[str], Client]) -> None:
    client = client_as("bureau_officer")
    assert "300万元" not in client.get(reverse("policy:runs")).content.decode()
    page = client.get(reverse("policy:run", args=[run.pk])).content.decode()
    assert "规则hnte" in page
    assert "30万元" in page
    assert "有限公司" in client.get(reverse("policy:entitled", args=[run.pk, "hnte"])).content.decode()
    company = reading.entitled_frame(run, "hnte")["subject"][0]
    why = client.get(reverse("policy:why", args=[run.pk, "hnte", company])).content.decode()
    assert "<dt>认定次数</dt><dd>1次</dd>" in why
    assert client.get(reverse("policy:entitled", args=[run.pk, "nothing"])).status_code == 404
    done = client.post(reverse("policy:confirm", args=[run.pk, "hnte"]), {"everything": "1"}, follow=True)
    assert "30万元" in done.content.decode()
    assert client.post(reverse("policy:recompute", args=[run.pk]), follow=True).status_code == 200
    client.post(reverse("policy:awards-step"), {"everything": "1", "step": "publish"})
    assert Award.objects.filter(state="public_notice").count() == 3
    sheet = client.get(reverse("policy:notice")).content.decode()
    assert "有限公司" in sheet
    assert "30万元" in sheet
    assert client.get(reverse("policy:awards-export")).status_code == 200
    award = Award.objects.all()[0]
    assert "公示" in client.get(reverse("policy:award", args=[award.pk])).content.decode()


def test_an_assessment_is_a_job(
    companies: list[Organisation], city: Region, client_as: Callable[[str], Client]
) -> None:
    client = client_as("bureau_officer")
    client.post(reverse("policy:runs"), {"region": city.pk, "year": YEAR})
    run_jobs()
    assert EligibilityRun.objects.get().tallies["hnte"]["yes"] == 3


def test_queries_do_not_grow_with_the_rows(
    run: EligibilityRun, officer: Actor, city: Region, client_as: Callable[[str], Client]
) -> None:
    client = client_as("bureau_officer")
    awards.confirm_awards(officer, run=run, code="hnte")

    def counted(found: EligibilityRun) -> list[int]:
        pages = [reverse("policy:run", args=[found.pk]), reverse("policy:entitled", args=[found.pk, "once"])]
        return [len(queries_of(client, url)) for url in [*pages, reverse("policy:awards")]]

    counted(run)
    few = counted(run)
    make_companies(20, start=100)
    more = awards.assess(officer, region=city, year=YEAR)
    awards.confirm_awards(officer, run=more, code="once")
    assert counted(more) == few


@pytest.fixture
def ceiling(city: Region) -> EligibilityRun:
    make_rules(city, *ALL, CEILING)
    make_companies(3)
    return awards.assess(SYSTEM, region=city, year=YEAR)


def test_of_at_most_so_much_less_may_be_granted_with_a_reason(ceiling: EligibilityRun, officer: Actor) -> None:
    first, second, third = awards.payable_rows(ceiling, "most")["subject"]
    sums = {first: 60_000_00, second: 200_000_00}
    with pytest.raises(DomainError) as missing:
        awards.confirm_awards(officer, run=ceiling, code="most", sums=sums)
    assert missing.value.field == "reason"
    done = awards.confirm_awards(officer, run=ceiling, code="most", sums=sums, reason="按实际投入核定")
    assert (done.new, done.payable) == (3, (60_000 + 200_000 + 200_000) * 100)
    less, full = Award.objects.get(organisation=first), Award.objects.get(organisation=second)
    assert (less.amount, less.payable, less.lowered_from) == (200_000_00, 60_000_00, 200_000_00)
    assert (full.lowered_from, full.lowered_because) == (None, "")
    assert [step.reason for step in history(less)] == ["按实际投入核定"]
    assert [step.reason for step in history(full)] == [""]
    assert sum(line.fen for line in reading.totals_of(reading.awards_for(officer, {}), "payer")) == done.payable
    later = awards.assess(officer, region=ceiling.region, year=YEAR)
    assert later.tallies["most"]["payable"] == 0, "what was lowered is settled, too"
    assert Award.objects.filter(organisation=third).exists()


def test_never_more_and_never_of_a_fixed_sum(ceiling: EligibilityRun, officer: Actor) -> None:
    (first, *_others) = awards.payable_rows(ceiling, "most")["subject"]
    for fen in (200_000_01, 0, -1):
        with pytest.raises(awards.LoweredErrors) as told:
            awards.confirm_awards(officer, run=ceiling, code="most", sums={first: fen}, reason="核定")
        assert list(told.value.errors) == [first]
    (fixed, *_others) = awards.payable_rows(ceiling, "hnte")["subject"]
    with pytest.raises(DomainError, match="固定金额"):
        awards.confirm_awards(officer, run=ceiling, code="hnte", sums={fixed: 1}, reason="核定")
    assert not Award.objects.exists()
    awards.confirm_awards(officer, run=ceiling, code="most", sums={first: 1}, reason="核定")
    for wrong in ({"payable": 200_000_01}, {"lowered_because": ""}, {"lowered_from": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Award.objects.filter(organisation=first).update(**wrong)


def test_the_officer_types_less_and_nothing_typed_is_lost(
    ceiling: EligibilityRun, client_as: Callable[[str], Client]
) -> None:
    first, second, _third = awards.payable_rows(ceiling, "most")["subject"]
    client, url = client_as("bureau_officer"), reverse("policy:confirm", args=[ceiling.pk, "most"])
    typed = {"selected": [first, second], f"sum-{first}": "30", f"sum-{second}": "二十", "reason": "按投入核定"}
    page = client.post(url, typed)
    text = page.content.decode()
    assert page.status_code == 422
    assert all(word in text for word in ("不是数字", "二十", "30", "按投入核定"))
    assert text.count(" checked") == 2
    assert not Award.objects.exists()
    without = client.post(url, typed | {f"sum-{first}": "6.5", f"sum-{second}": "20", "reason": ""})
    assert without.status_code == 422
    assert "6.5" in without.content.decode()
    done = client.post(url, typed | {f"sum-{first}": "6.5", f"sum-{second}": "20万元"}, follow=True)
    assert "26.5万元" in done.content.decode()
    award = Award.objects.get(organisation=first)
    assert "按投入核定" in client.get(award.get_absolute_url()).content.decode()
    fixed = client.get(reverse("policy:entitled", args=[ceiling.pk, "hnte"])).content.decode()
    assert 'name="reason"' not in fixed


def at_once(*steps: Callable[[], object]) -> list[object]:
    """What each gives, or the error that it ends with; all begin together, each on a connection of its own."""
    gate, results = Barrier(len(steps)), []

    def run(step: Callable[[], object]) -> None:
        try:
            gate.wait()
            results.append(step())
        except DomainError as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_lower_and_pay_once(people: dict[str, User], city: Region) -> None:
    make_rules(city, *ALL, CEILING)
    make_companies(1)
    found = awards.assess(SYSTEM, region=city, year=YEAR)
    (only,) = awards.payable_rows(found, "most")["subject"]

    def confirm(fen: int) -> Callable[[], object]:
        return lambda: awards.confirm_awards(SYSTEM, run=found, code="most", sums={only: fen}, reason=f"{fen}")

    first, second = at_once(confirm(50_000_00), confirm(60_000_00))
    assert isinstance(first, awards.Confirmed)
    assert isinstance(second, awards.Confirmed)
    award = Award.objects.get()
    assert sorted([first.new, second.new]) == [0, 1]
    assert first.payable + second.payable == award.payable
    assert award.lowered_because == str(award.payable)
    awards.step_awards(SYSTEM, awards=[award.pk], name="publish")
    Award.objects.update(notice_until=timezone.localdate() - timedelta(days=1))
    for name in ("release", "pay"):
        outcomes = at_once(*[partial(awards.step_awards, SYSTEM, awards=[award.pk], name=name)] * 2)
        assert sorted(type(each).__name__ for each in outcomes) == ["Stale", "int"]
    assert [step.to_state for step in history(award)].count("paid") == 1


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_award(people: dict[str, User], city: Region) -> None:
    make_rules(city, *ALL, ONCE)
    make_companies(6)
    found = awards.assess(SYSTEM, region=city, year=YEAR)
    results = at_once(*[lambda: awards.confirm_awards(SYSTEM, run=found, code="hnte").new] * 2)
    assert Award.objects.count() == 3
    assert sorted(results) == [0, 3]
