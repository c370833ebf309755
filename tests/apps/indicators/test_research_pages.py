"""The pages of the research account: by form, by paste, by workbook, and what is counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.queries.research import Category
from kechuang.apps.indicators.domain.research import Booking, add_project, book_expenses, declare_year
from kechuang.apps.indicators.interfaces.research import read_amount, read_table
from kechuang.apps.indicators.models import RdExpense, RdProject, RdYear
from kechuang.kit.errors import DomainError
from kechuang.kit.exporting import workbook
from kechuang.kit.testing import spreadsheet

YEAR = return_year()


@pytest.fixture
def clerk(client_as: Any) -> Any:
    return client_as("organisation_admin")


@pytest.fixture
def project(actors: Any, company: Any) -> RdProject:
    return add_project(actors["organisation_admin"], organisation=company, code="RD1", name="高效电机")


def address(name: str, *arguments: Any) -> str:
    return reverse(f"indicators:{name}", args=arguments)


def test_the_empty_account_says_what_it_is_good_for(clerk: Any, company: Any, fact_kinds: Any) -> None:
    assert clerk.get(address("my_account")).headers["Location"] == address("rd_account", company.pk)
    page = clerk.get(address("rd_account", company.pk)).content.decode()
    assert "研发专账中还没有项目" in page
    assert address("rd_new_project", company.pk) in page


def test_by_form(clerk: Any, company: Any, fact_kinds: Any) -> None:
    new = address("rd_new_project", company.pk)
    wrong = clerk.post(new, {"code": "", "name": "电机", "started_on": "2025-05-01", "ended_on": "2025-04-01"})
    assert wrong.status_code == 422
    assert "电机" in wrong.content.decode()
    assert clerk.post(new, {"code": "RD1", "name": "电机"}).status_code == 302
    project = RdProject.objects.get()
    month = address("rd_month", company.pk, project.pk, YEAR, 3)
    bad = clerk.post(month, {"staff": "12,000.50", "direct": "很多"})
    assert bad.status_code == 422
    assert "12,000.50" in bad.content.decode()
    assert not RdExpense.objects.exists()
    done = clerk.post(month, {"staff": "12,000.50", "direct": "1.2万元", "next": "1"})
    assert done.headers["Location"] == address("rd_month", company.pk, project.pk, YEAR, 4)
    assert {row.category: row.amount for row in RdExpense.objects.all()} == {
        "staff": Decimal("12000.50"),
        "direct": Decimal(12000),
    }
    page = clerk.get(f"{address('rd_project', company.pk, project.pk)}?year={YEAR}").content.decode()
    assert "24,000.5" in page


def test_two_at_one_month_do_not_undo_each_other(clerk: Any, actors: Any, company: Any, project: RdProject) -> None:
    """A field that was not touched is not written, whatever stood in it when the page was opened."""
    url = address("rd_month", company.pk, project.pk, YEAR, 1)
    book = [Booking("RD1", date(YEAR, 1, 1), Category.STAFF, Decimal(5))]
    book_expenses(actors["organisation_member"], organisation=company, bookings=book)
    opened_before = {"staff": "", "initial-staff": "", "direct": "7", "initial-direct": ""}
    assert clerk.post(url, opened_before).status_code == 302
    assert {row.category: row.amount for row in RdExpense.objects.all()} == {"staff": 5, "direct": 7}


def paste(client: Any, company: Any, text: str, year: int = YEAR) -> Any:
    return client.post(address("rd_table", company.pk), {"table": text, "year": year})


def test_by_paste_with_a_column_for_each_class(clerk: Any, company: Any, project: RdProject, fact_kinds: Any) -> None:
    text = (
        "项目编号\t项目名称\t月份\t人员人工费用（元）\t直接投入\t新产品设计费等\t委托境外研发\t备注\n"
        f"RD1\t\t{YEAR}年1月\t1,000.10\t\t3\t4\tx\n"
        f"RD2\t新项目\t{YEAR}-02\t5\t6\t\t\t\n"
        "RD2\t新项目\t3\t7\t\t\t\t\n"
    )
    assert paste(clerk, company, text).status_code == 302
    rows = {(r.project.code, r.month.month, r.category): r.amount for r in RdExpense.objects.select_related("project")}
    assert rows == {
        ("RD1", 1, "staff"): Decimal("1000.10"), ("RD1", 1, "design"): 3, ("RD1", 1, "abroad"): 4,
        ("RD2", 2, "staff"): 5, ("RD2", 2, "direct"): 6, ("RD2", 3, "staff"): 7,
    }  # fmt: skip
    assert RdProject.objects.get(code="RD2").name == "新项目"


def test_by_paste_with_a_row_for_each_expense(clerk: Any, company: Any, project: RdProject, fact_kinds: Any) -> None:
    assert paste(clerk, company, f"RD1\t{YEAR}-01\t人员人工\t10\nRD1\t{YEAR}01\t其他相关费用\t20").status_code == 302
    assert RdExpense.objects.count() == 2


def test_mistakes_are_named_by_row_and_nothing_is_lost(clerk: Any, company: Any, project: RdProject) -> None:
    text = (
        "项目编号\t月份\t费用类别\t金额\n"
        f"RD1\t{YEAR}-01\t人员人工\t10\n"
        f"RD1\t{YEAR}-13\t人员人工\t10\n"
        f"RD1\t{YEAR}-01\t糖果\t10\n"
        f"RD1\t{YEAR}-01\t直接投入\t十元\n"
        f"RD1\t{YEAR}-01\t人员人工\t11\n"
        f"RD7\t{YEAR}-01\t人员人工\t1\n"
        f"\t{YEAR}-01\t人员人工\t1\n"
    )
    answer = paste(clerk, company, text)
    assert answer.status_code == 422
    assert [mistake.row for mistake in answer.context["taken"].mistakes] == [3, 4, 5, 6, 7, 8]
    assert "糖果" in answer.content.decode()
    assert f"RD1\t{YEAR}-01\t人员人工\t10" in answer.content.decode()
    assert not RdExpense.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "  \n", "甲\t乙\t丙", "项目编号\t月份\nRD1\t1", "a\0b\tc", "项目编号\t金额\nRD1\t3"]
)
def test_what_is_no_table_is_told(clerk: Any, company: Any, project: RdProject, text: str) -> None:
    assert paste(clerk, company, text).status_code == 422
    assert not RdExpense.objects.exists()


def test_the_ledger_comes_back_as_it_went(clerk: Any, actors: Any, company: Any, project: RdProject) -> None:
    book = [Booking("RD1", date(YEAR, 2, 1), Category.OTHER, Decimal("3.50"))]
    book_expenses(actors["organisation_admin"], organisation=company, bookings=book)
    rows = spreadsheet(clerk.get(f"{address('rd_ledger', company.pk)}?year={YEAR}").getvalue())
    assert len(rows) == 13
    rows[1][3] = 1234.5
    rows[2][8] = 0
    url = address("rd_table", company.pk)
    file = SimpleUploadedFile("ledger.xlsx", workbook(rows[0], rows[1:]).read())
    assert clerk.post(url, {"file": file, "year": YEAR}).status_code == 302
    assert {(r.month.month, r.category): r.amount for r in RdExpense.objects.all()} == {(1, "staff"): Decimal("1234.5")}


def test_a_workbook_with_a_mistake_stays_on_the_page(clerk: Any, company: Any, project: RdProject) -> None:
    head = ["项目编号", "月份", "人员人工"]
    file = SimpleUploadedFile("l.xlsx", workbook(head, [["RD1", f"{YEAR}-01", "abc"]]).read())
    answer = clerk.post(address("rd_table", company.pk), {"file": file, "year": YEAR})
    assert answer.status_code == 422
    assert f"RD1\t{YEAR}-01\tabc" in answer.content.decode()


def test_the_year_is_closed_and_opened(
    clerk: Any, actors: Any, company: Any, project: RdProject, fact_kinds: Any
) -> None:
    url = address("rd_year", company.pk)
    back = {"headers": {"referer": f"http://testserver{address('rd_account', company.pk)}"}}
    assert clerk.post(url, {"year": YEAR, "complete": "1"}, **back).status_code == 302
    assert not RdYear.objects.exists()
    book = [Booking("RD1", date(YEAR, 2, 1), Category.STAFF, Decimal(90))]
    book_expenses(actors["organisation_admin"], organisation=company, bookings=book)
    clerk.post(url, {"year": YEAR, "complete": "1"})
    assert RdYear.objects.get().complete
    month = address("rd_month", company.pk, project.pk, YEAR, 2)
    assert clerk.post(month, {"staff": "91"}).status_code == 422
    clerk.post(url, {"year": YEAR, "complete": "0"})
    assert clerk.post(month, {"staff": "91"}).status_code == 302


def test_officials_read_and_do_not_write(
    client_as: Any, actors: Any, company: Any, project: RdProject, fact_kinds: Any
) -> None:
    county = client_as("county_workstation")
    page = county.get(address("rd_account", company.pk)).content.decode()
    assert "高效电机" in page
    assert address("rd_new_project", company.pk) not in page
    assert paste(county, company, "RD1\t1\t人员人工\t1").status_code == 403
    assert client_as("public").get(address("rd_account", company.pk)).status_code == 302


def test_a_constant_number_of_queries(clerk: Any, actors: Any, company: Any, fact_kinds: Any) -> None:
    def cost(count: int) -> int:
        start = RdProject.objects.count()
        for number in range(start, count):
            add_project(actors["organisation_admin"], organisation=company, code=f"P{number}", name="x")
            book = [Booking(f"P{number}", date(YEAR, m, 1), Category.STAFF, Decimal(9)) for m in range(1, count + 1)]
            book_expenses(actors["organisation_admin"], organisation=company, bookings=book)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert clerk.get(f"{address('rd_account', company.pk)}?year={YEAR}").status_code == 200
            clerk.get(address("rd_ledger", company.pk))
        return len(queries)

    assert cost(1) == cost(3)


def test_the_calculation_as_a_workbook(
    clerk: Any, actors: Any, company: Any, project: RdProject, fact_kinds: Any
) -> None:
    book = [Booking("RD1", date(YEAR, 2, 1), Category.STAFF, Decimal(900))]
    book_expenses(actors["organisation_admin"], organisation=company, bookings=book)
    declare_year(actors["organisation_admin"], organisation=company, year=YEAR, complete=True)
    rows = spreadsheet(clerk.get(f"{address('rd_calculation', company.pk)}?year={YEAR}").getvalue())
    assert ["加计扣除基数", "900 + 0", 900, "财税〔2015〕119号第一条"] in rows


@pytest.mark.parametrize(
    ("raw", "amount"),
    [("1,234.5", "1234.50"), ("¥ 12", "12"), ("1.2万元", "12000"), (3.005, "3.00"), ("", None), (None, None)],
)
def test_amounts(raw: Any, amount: str | None) -> None:
    assert read_amount(raw) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("raw", ["abc", "1.2吨", "--3", "1e5", "inf"])
def test_what_is_no_amount(raw: str) -> None:
    with pytest.raises(DomainError):
        read_amount(raw)


def test_a_table_without_headings() -> None:
    assert read_table("a\t1\tb\t2").headers == ("project", "month", "category", "amount")
    assert read_table("项目编号\t月份\nx\t1").rows == ((2, ("x", "1")),)
