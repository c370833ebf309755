"""The pages of figures and targets, as the people who use them meet them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.indicators.domain.history import PastFigure, take_over_figures
from kechuang.apps.indicators.domain.observations import record_observation, submit_observation
from kechuang.apps.indicators.domain.periods import last_complete, parse_period
from kechuang.apps.indicators.domain.queries.overview import county_matrix, light_counts, map_values, target_cards
from kechuang.apps.indicators.domain.reminders import remind
from kechuang.apps.indicators.domain.targets import add_target, decompose_target
from kechuang.apps.indicators.models import Indicator, Observation, PeriodLock, Target
from kechuang.kit.exporting import workbook
from kechuang.kit.models import Notification
from kechuang.kit.navigation import cards, search
from kechuang.kit.permissions import PUBLIC, SYSTEM
from kechuang.kit.testing import assert_constant_queries, spreadsheet

D = Decimal
MONTH = last_complete("monthly", timezone.localdate())


@pytest.fixture
def shared(target, counties) -> Target:
    """A target that runs on, shared out to three counties."""
    Target.objects.filter(pk=target.pk).update(period_end=date(2099, 12, 31), origin=Target.Origin.DOCUMENT)
    target.refresh_from_db()
    decompose_target(SYSTEM, target=target, parts={c: D(v) for c, v in zip(counties, (200, 200, 100), strict=False)})
    return target


def entry(county, **query) -> str:
    pairs = {"region": county.pk, "period": MONTH.key} | query
    return reverse("indicators:entry") + "?" + "&".join(f"{key}={value}" for key, value in pairs.items())


def typed(indicator, county, value, **more) -> dict:
    key = f"{indicator.pk}-{MONTH.key}"
    fields = {"region": county.pk, "period": MONTH.key, f"value-{key}": value, f"source-{key}": "名录"}
    return fields | {f"{name}-{key}": text for name, text in more.items()}


def test_a_county_hands_in_its_sheet(client_as, shared, stock, county) -> None:
    client = client_as("county_workstation")
    assert stock.name in client.get(entry(county)).content.decode()
    answer = client.post(reverse("indicators:entry"), typed(stock, county, "1,2３0") | {"submit": "1"})
    assert answer.status_code == 302
    row = Observation.objects.get()
    assert (row.value, row.state, row.source) == (1230, "submitted", "名录")
    assert 'name="value-' not in client.get(entry(county)).content.decode()


def test_a_mistake_keeps_what_was_typed(client_as, shared, stock, county) -> None:
    answer = client_as("county_workstation").post(
        reverse("indicators:entry"), typed(stock, county, "十二家") | {"submit": "1"}
    )
    assert answer.status_code == 422
    assert "十二家" in answer.content.decode()
    assert not Observation.objects.exists()


def test_a_line_is_saved_as_soon_as_it_is_typed(client_as, shared, stock, county) -> None:
    client = client_as("county_workstation")
    url = reverse("indicators:entry_save", args=[f"{stock.pk}-{MONTH.key}"])
    answer = client.post(url, typed(stock, county, "12"), headers={"HX-Request": "true"})
    row = Observation.objects.get()
    assert f'value="{row.updated_at.isoformat()}"' in answer.content.decode()
    other = client_as("bureau_officer")
    stale = other.post(url, typed(stock, county, "13", seen="2020-01-01T00:00:00+00:00"))
    assert 'value="13"' in stale.content.decode()
    assert "kc-field-error" in stale.content.decode()
    row.refresh_from_db()
    assert row.value == 12


def test_a_county_does_not_reach_another_s_sheet(client_as, shared, stock, counties) -> None:
    client = client_as("county_workstation")
    page = client.get(entry(counties[1]))
    assert page.context["sheet"].region == counties[0]
    client.post(reverse("indicators:entry"), typed(stock, counties[1], "5") | {"save": "1"})
    assert not Observation.objects.filter(region=counties[1]).exists()


def test_the_template_comes_back_by_import(client_as, shared, stock, county) -> None:
    client = client_as("county_workstation")
    table = spreadsheet(client.get(entry(county).replace("/entry/", "/entry/template.xlsx")).getvalue())
    heads, row = table[0], table[1]
    row[3] = 88
    upload = SimpleUploadedFile("figures.xlsx", workbook(heads, [row]).read())
    checked = client.post(reverse("indicators:observations-import"), {"file": upload})
    page = client.get(checked.headers["location"])
    assert not page.context["report"].mistakes
    client.post(checked.headers["location"])
    assert Observation.objects.get().value == 88


def test_an_import_names_every_wrong_row(client_as, shared, stock, counties) -> None:
    own, other = counties[0].name, counties[1].name
    heads = ["指标", "地区", "期间", "数值"]
    rows = [
        [stock.name, own, MONTH.key, 5],
        [stock.name, own, "2099-01", 5],
        ["没有的指标", own, MONTH.key, 5],
        [stock.name, other, MONTH.key, 5],
        [stock.name, own, "2025-03", "很多"],
        [stock.name, own, MONTH.key, 6],
    ]
    upload = SimpleUploadedFile("figures.xlsx", workbook(heads, rows).read())
    client = client_as("county_workstation")
    checked = client.post(reverse("indicators:observations-import"), {"file": upload})
    report = client.get(checked.headers["location"]).context["report"]
    assert [mistake.row for mistake in report.mistakes] == [3, 4, 5, 6, 7]
    client.post(checked.headers["location"], {"rows": "good"})
    assert Observation.objects.count() == 1


def test_officers_decide_in_bulk(client_as, actors, shared, stock, counties) -> None:
    rows = []
    for county in counties[:2]:
        row = record_observation(actors["platform_admin"], indicator=stock, region=county, period=MONTH, value=D(7))
        rows.append(submit_observation(actors["platform_admin"], observation=row))
    client, url = client_as("bureau_officer"), reverse("indicators:approvals-bulk")
    client.post(url, {"action": "approve", "selected": [rows[0].pk], "confirmed": "1"})
    asked = client.post(url, {"action": "return", "selected": [rows[1].pk], "confirmed": "1"})
    assert asked.status_code == 200
    client.post(url, {"action": "return", "selected": [rows[1].pk], "confirmed": "1", "reason": "与名录不符"})
    assert [Observation.objects.get(pk=row.pk).state for row in rows] == ["approved", "returned"]


def test_a_revision_by_its_page(client_as, approved, stock, county) -> None:
    row = approved(stock, county, "2025-03", 10)
    client = client_as("county_workstation")
    url = reverse("indicators:revise", args=[row.pk])
    assert client.post(url, {"value": "12", "reason": ""}).status_code == 200
    assert client.post(url, {"value": "12", "reason": "漏报两家"}).status_code == 302
    page = client.get(reverse("indicators:observations-detail", args=[row.pk])).content.decode()
    assert "漏报两家" in page
    assert client_as("auditor").get(url).status_code == 403


def test_the_page_of_a_target(client_as, approved, shared, stock, counties) -> None:
    for county, value in zip(counties, (150, 120), strict=False):
        approved(stock, county, MONTH.key, value)
    page = client_as("bureau_leader").get(reverse("indicators:targets-detail", args=[shared.pk]))
    text = page.content.decode()
    assert "270家" in text
    assert page.context["counties"]["reached"] == "270家"
    assert page.context["chart"] is not None
    records = client_as("bureau_leader").get(page.context["records_url"]).context["page"]
    assert sum(row.value for row in records) == 270


def test_the_shares_of_the_counties(client_as, shared, counties) -> None:
    client, url = client_as("bureau_officer"), reverse("indicators:decompose", args=[shared.pk])
    suggested = client.get(url + "?suggest=equal").context["lines"]
    assert sum(int(line.value) for line in suggested) == 500
    short = client.post(url, {f"part-{counties[0].pk}": "100"})
    assert short.status_code == 422
    assert "400" in short.content.decode()
    wrong = client.post(url, {f"part-{counties[0].pk}": "一百"})
    assert "一百" in wrong.content.decode()
    done = client.post(url, {f"part-{counties[0].pk}": "100", "note": "其余待定"})
    assert done.status_code == 302
    assert shared.parts.filter(state="active").count() == 1
    for role in ("county_workstation", "bureau_leader", "auditor"):
        assert client_as(role).get(url).status_code == 403


def test_shares_from_a_file_are_shown_before_they_are_saved(client_as, shared, counties) -> None:
    rows = [[counties[0].name, 300], [counties[1].short_name, 200], ["某地", 5], [counties[2].name, ""]]
    upload = SimpleUploadedFile("parts.xlsx", workbook(["县区", "分解值"], rows).read())
    page = client_as("bureau_officer").post(reverse("indicators:decompose", args=[shared.pk]), {"file": upload})
    assert [line.value for line in page.context["lines"][:2]] == ["300", "200"]
    assert len(page.context["problems"]) == 2
    assert shared.parts.get(region=counties[0]).value == 200


def test_closing_a_month(client_as, city, stock, county) -> None:
    client, url = client_as("bureau_officer"), reverse("indicators:months")
    assert client.get(url).status_code == 200
    client.post(url, {"month": MONTH.start.isoformat(), "region": city.pk})
    assert PeriodLock.objects.get().month == MONTH.start
    other = {"month": MONTH.previous().start.isoformat(), "region": city.pk}
    assert client_as("bureau_leader").post(url, other).status_code == 403
    assert PeriodLock.objects.count() == 1


def test_the_public_sees_what_documents_published(client_as, approved, shared, stock, counties, city) -> None:
    approved(stock, counties[0], MONTH.key, 150)
    hidden = add_target(
        SYSTEM, indicator=stock, region=city, title="内部目标", value=D(900), period_end=date(2098, 12, 31)
    )
    client = client_as("public")
    page = client.get(reverse("indicators:progress"))
    assert [card.target for card in page.context["cards"]] == [shared]
    assert client.get(reverse("indicators:public_target", args=[shared.pk])).status_code == 200
    assert client.get(reverse("indicators:public_target", args=[hidden.pk])).status_code == 404
    assert client.get(reverse("indicators:public_target", args=[shared.parts.first().pk])).status_code == 404
    assert client.get(reverse("indicators:observations-list")).status_code == 302
    assert client.get("/api/indicators/observations").json()["items"] == []
    assert [row["id"] for row in client.get("/api/indicators/targets").json()["items"]] == [shared.pk]
    assert client.get(f"/api/indicators/targets/{shared.pk}").json()["current"]["value"] is not None


def test_progress_page_needs_as_many_queries_for_one_target_as_for_three(client_as, stock, city) -> None:
    def make(count: int) -> None:
        for _number in range(count):
            number = Target.objects.count()
            target = add_target(
                SYSTEM,
                indicator=stock,
                region=city,
                title=f"第{number}个",
                value=D(number + 1),
                period_end=date(2099, 12, 31),
            )
            Target.objects.filter(pk=target.pk).update(origin=Target.Origin.DOCUMENT)

    assert_constant_queries(client_as("public"), reverse("indicators:progress"), make)


def test_the_sheet_needs_as_many_queries_for_one_figure_as_for_three(client_as, county, pack) -> None:
    from kechuang.apps.indicators.domain.indicators import add_indicator

    def make(count: int) -> None:
        for _number in range(count):
            number = Indicator.objects.count()
            indicator = add_indicator(SYSTEM, code=f"x{number}", name=f"第{number}项", unit="家", frequency="monthly")
            add_target(SYSTEM, indicator=indicator, region=county, title="x", value=D(1), period_end=date(2099, 12, 31))

    assert_constant_queries(client_as("county_workstation"), entry(county), make)


def test_workbench_and_search(actors, shared, stock, county) -> None:
    found = {card.key: content for card, content in cards(actors["county_workstation"])}
    assert found["figures-to-report"].count == 1
    assert remind(timezone.localdate()) == 1
    assert remind(timezone.localdate()) == 0
    assert Notification.objects.get().url == reverse("indicators:entry")
    (_name, _label, hits), *_rest = [result for result in search(PUBLIC, "试验企业") if result[0] == "targets"]
    assert hits[0].url == reverse("indicators:public_target", args=[shared.pk])


def test_figures_for_home_and_wall(actors, approved, shared, stock, city, counties) -> None:
    for county, value in zip(counties, (150, 120), strict=False):
        approved(stock, county, MONTH.key, value)
    (card,) = target_cards(city, actors["bureau_leader"])
    assert (card.current, card.demand) == ("270家", "≥ 500家")
    assert sum(light_counts(city, actors["bureau_leader"]).values()) == 1
    places = map_values(stock, city)
    assert [place.value for place in places[:3]] == [150, 120, None]
    matrix = county_matrix(stock, city)
    assert (matrix.total, matrix.own) == ([270], [None])
    page = reverse("indicators:counties", args=[stock.pk])
    assert page


def test_figures_of_the_past_are_taken_over_by_two_people(actors, stock, county) -> None:
    admin, officer = actors["platform_admin"], actors["bureau_officer"]
    figures = [PastFigure(stock, county, parse_period(f"2025-0{n}"), D(n)) for n in range(1, 5)]
    assert take_over_figures(admin, approver=officer, figures=figures, source="年鉴") == 4
    assert set(Observation.objects.values_list("state", "approved_by")) == {("approved", officer.user_id)}
    from kechuang.kit.errors import DomainError, Refused

    with pytest.raises(DomainError):
        take_over_figures(admin, approver=officer, figures=figures[:1], source="年鉴")
    with pytest.raises(Refused):
        take_over_figures(officer, approver=officer, figures=[], source="年鉴")


@pytest.mark.parametrize("role", ["bureau_officer", "bureau_leader", "auditor", "county_workstation", "platform_admin"])
def test_every_page_answers_for_staff(client_as, approved, shared, stock, county, role) -> None:
    row = approved(stock, county, MONTH.key, 150)
    pages = [
        reverse("indicators:targets-detail", args=[shared.pk]),
        reverse("indicators:targets-list"),
        reverse("indicators:observations-detail", args=[row.pk]),
        reverse("indicators:observations-list") + f"?target={shared.pk}",
        reverse("indicators:catalogue-list"),
        reverse("indicators:catalogue-detail", args=[stock.pk]),
        reverse("indicators:counties", args=[stock.pk]),
        reverse("indicators:months"),
    ]
    for page in pages:
        assert client_as(role).get(page).status_code == 200, page
