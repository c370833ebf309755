"""What every registered resource must be able to do, as tests to inherit; and a check for constant query counts.

class TestUnits(ResourceConformance):
    resource_class = UnitResource

    def make(self, count):
        return [Unit.objects.create(…) for n in range(count)]
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.forms import BooleanField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from kechuang.kit.exporting import workbook
from kechuang.kit.importing import Sheet
from kechuang.kit.permissions import SYSTEM, Actor, can
from kechuang.kit.resources import Resource
from kechuang.kit.resources.registry import registered

Browser = Callable[[str], Client]


def assert_constant_queries(
    client: Client, url: str, make: Callable[[int], Any], first: int = 1, more: int = 2
) -> None:
    """The page needs as many queries for ``first`` records as for ``first + more``."""
    make(first)
    client.get(url)  # fills caches of content types, templates and sessions
    few = queries_of(client, url)
    make(more)
    many = queries_of(client, url)
    assert len(few) == len(many), f"{len(few)} queries for {first}, {len(many)} for {first + more}:\n" + "\n".join(many)


def queries_of(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == HTTPStatus.OK, f"{url} answered {response.status_code}"
    response.getvalue()
    return [query["sql"] for query in captured.captured_queries]


def spreadsheet(content: bytes) -> list[list[Any]]:
    """The rows of the first sheet of an .xlsx."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def resource_of(declared: type[Resource]) -> Resource:
    """The registered instance of a resource class."""
    return next(resource for resource in registered() if type(resource) is declared)


class ResourceConformance:
    """Name the resource, make rows that ``role`` can see, and inherit the tests.

    Needs the fixtures ``client_as`` (role → signed-in client) and ``people`` (role → user).
    """

    resource_class: ClassVar[type[Resource]]
    role: ClassVar[str] = "platform_admin"

    def make(self, count: int) -> Sequence[Model]:
        raise NotImplementedError("make rows that the role can see")

    @pytest.fixture(autouse=True)
    def _browser(self, client_as: Browser, people: dict[str, Any]) -> None:
        self.client_as = client_as
        self.people = people
        self.resource = resource_of(self.resource_class)
        self.client = client_as(self.role)

    def actor(self, role: str) -> Actor:
        from kechuang.kit.permissions import PUBLIC, actor_of

        if role == "public":
            return PUBLIC
        request = type("Request", (), {"user": self.people[role]})()
        return actor_of(request)

    def get(self, page: str, obj: Model | None = None, *args: Any, query: str = "") -> Any:
        return self.client.get(self.resource.url(page, obj, *args) + query)

    # Lists ----------------------------------------------------------------------------------------------------------

    def test_list_needs_as_many_queries_for_one_row_as_for_three(self) -> None:
        assert_constant_queries(self.client, self.resource.url("list"), self.make)

    def test_list_shows_its_rows_and_their_number(self) -> None:
        rows = self.make(3)
        page = self.get("list", query=f"?q={self.searchable(rows[0])}" if self.resource.search else "")
        assert page.context["page"].paginator.count >= 1
        assert self.resource.heading(rows[0]) in page.content.decode()

    def test_search_that_fits_nothing_says_so(self) -> None:
        if self.resource.search:
            page = self.get("list", query="?q=查无此项zzz")
            assert page.context["page"].paginator.count == 0

    def test_every_choice_of_every_filter_answers(self) -> None:
        self.make(1)
        form = getattr(self.get("list").context["listing"].filterset, "form", None)
        for name, field in form.fields.items() if form is not None else ():
            for key, _label in list(getattr(field, "choices", ()))[:5]:
                value = getattr(key, "value", key)
                assert self.get("list", query=f"?{name}={value}").status_code == HTTPStatus.OK

    def test_every_column_sorts_both_ways(self) -> None:
        self.make(2)
        for column in self.resource.list_columns:
            for sign in ("", "-") if column.sort else ():
                assert self.get("list", query=f"?sort={sign}{column.sort}").status_code == HTTPStatus.OK

    def test_htmx_gets_the_rows_alone(self) -> None:
        answer = self.client.get(self.resource.url("list"), headers={"HX-Request": "true"})
        assert b"<html" not in answer.content

    # Export ---------------------------------------------------------------------------------------------------------

    def test_export_holds_exactly_the_rows_of_the_list(self) -> None:
        self.make(3)
        total = self.get("list").context["page"].paginator.count
        table = spreadsheet(self.get("export", None, "xlsx").getvalue())
        assert len(table) == total + 1
        assert table[0] == [column.title for column in self.resource.exported]
        lines = self.get("export", None, "csv").getvalue().decode("utf-8-sig").splitlines()
        assert len(lines) >= total + 1

    def test_export_keeps_the_filter(self) -> None:
        self.make(2)
        if self.resource.search:
            table = spreadsheet(
                self.client.get(self.resource.url("export", None, "xlsx") + "?q=查无此项zzz").getvalue()
            )
            assert len(table) == 1

    # One record -----------------------------------------------------------------------------------------------------

    def test_detail_preview_and_history_answer(self) -> None:
        obj = self.make(1)[0]
        for page in ("detail", "preview", "history"):
            answer = self.get(page, obj)
            assert answer.status_code == HTTPStatus.OK, page
            assert self.resource.heading(obj) in answer.content.decode()

    def test_what_is_not_visible_does_not_exist(self) -> None:
        obj = self.make(1)[0]
        for role in self.people:
            if not self.resource.queryset(self.actor(role)).filter(pk=obj.pk).exists():
                status = self.client_as(role).get(self.resource.url("detail", obj)).status_code
                assert status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN), role

    def test_forms_open_where_the_policy_allows_and_nowhere_else(self) -> None:
        obj = self.make(1)[0]
        for verb, page, target in (("add", "add", None), ("change", "edit", obj), ("delete", "delete", obj)):
            if getattr(self.resource_class, verb) is None:
                continue
            for role in (*self.people, "public"):
                allowed = bool(can(self.actor(role), verb, target or self.resource.model))
                status = self.client_as(role).get(self.resource.url(page, target)).status_code
                assert (status == HTTPStatus.OK) == allowed, f"{role} {page}: {status}"

    def test_list_opens_where_the_policy_allows_and_nowhere_else(self) -> None:
        for role in (*self.people, "public"):
            allowed = bool(can(self.actor(role), "view", self.resource.model))
            status = self.client_as(role).get(self.resource.url("list")).status_code
            assert (status == HTTPStatus.OK) == allowed, f"{role}: {status}"

    def test_both_languages(self) -> None:
        obj = self.make(1)[0]
        for language in ("zh-hans", "en"):
            self.client.cookies["django_language"] = language
            assert self.get("list").status_code == self.get("detail", obj).status_code == HTTPStatus.OK

    # Import ---------------------------------------------------------------------------------------------------------

    def test_what_is_exported_by_the_importer_comes_back_as_the_same(self) -> None:
        if self.resource.importer is None or not self.resource.importer.key:
            return
        importer = self.resource.importer(self.resource, SYSTEM)
        rows = [tuple(self.cells(importer, obj)) for obj in self.make(2)]
        for language in ("zh-hans", "en"):
            with override(language):
                report = importer.check(Sheet(tuple(importer.template_headers()), tuple(enumerate(rows, start=2))))
            assert not report.mistakes, report.mistakes
            assert report.count("same") == len(rows), [row.changes for row in report.rows]

    def test_import_names_row_and_column_of_a_mistake_and_writes_nothing(self) -> None:
        if self.resource.importer is None:
            return
        importer = self.resource.importer(self.resource, SYSTEM)
        cells = self.cells(importer, self.make(1)[0])
        index, name = next((i, n) for i, (n, f) in enumerate(importer.fields.items()) if f.required)
        cells[index] = ""
        before = self.resource.model._base_manager.count()
        file = SimpleUploadedFile("rows.xlsx", workbook(importer.template_headers(), [cells]).read())
        answer = self.client.post(self.resource.url("import"), {"file": file})
        assert answer.status_code == HTTPStatus.FOUND, answer.content.decode()[:500]
        report = self.client.get(answer.headers["location"]).context["report"]
        assert [(m.row, m.column) for m in report.mistakes] == [(2, importer.header(name))]
        assert self.resource.model._base_manager.count() == before

    def test_import_refuses_what_is_no_spreadsheet(self) -> None:
        if self.resource.importer is not None:
            file = SimpleUploadedFile("rows.xlsx", b"\x00\x01 not a workbook")
            assert self.client.post(self.resource.url("import"), {"file": file}).status_code == 422

    # Help -----------------------------------------------------------------------------------------------------------

    def searchable(self, obj: Model) -> str:
        """A piece of text by which the search finds the row."""
        return self.resource.heading(obj)

    def cells(self, importer: Any, obj: Model) -> list[Any]:
        """The row of a spreadsheet that describes a record."""
        form = self.resource.form(actor=SYSTEM, instance=obj)
        found = []
        for name, field in importer.fields.items():
            value = form[name].initial if name in form.fields else getattr(obj, name, "")
            if hasattr(field, "queryset"):
                value = getattr(getattr(obj, name), importer.lookups.get(name, ("name",))[0]) if value else ""
            elif hasattr(field, "choices"):
                value = str(dict(field.choices).get(value, value))
            elif isinstance(field, BooleanField):
                value = "是" if value else "否"
            found.append("" if value is None else value)
        return found
