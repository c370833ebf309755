"""The directory's pages as people use them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from xlsxwriter import Workbook

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.domain.organisations import add_organisation
from kechuang.apps.directory.models import Membership, Organisation, Region, User
from kechuang.apps.directory.roles import Role
from kechuang.kit.permissions import SYSTEM

SignIn = Callable[[str], Client]


def entry(county: Region, number: int = 91, **values: object) -> dict[str, object]:
    return {
        "uscc": synthetic_uscc(county.code, number),
        "name": "卧龙智能装备有限公司",
        "kind": "enterprise",
        "region": county.pk,
        "contact_name": "王敏",
        "contact_phone": "0377-61230000",
        **values,
    }


@pytest.fixture
def wolong(pack: object) -> Region:
    return Region.objects.get(code="411303")


def test_a_person_signs_up_registers_and_sees_where_it_stands(client: Client, wolong: Region) -> None:
    signup = {
        "username": "wangmin",
        "email": "wangmin@example.com",
        "password1": "tai-hang-7391",
        "password2": "tai-hang-7391",
    }
    assert client.post(reverse("account_signup"), signup).status_code == 302
    received = client.post(reverse("directory:register"), entry(wolong), follow=True)
    organisation = Organisation.objects.get(name="卧龙智能装备有限公司")
    assert organisation.reference in received.content.decode()
    page = client.get(reverse("directory:my_organisation", args=[organisation.pk])).content.decode()
    assert "卧龙区工作站正在核验" in page
    assert "wangmin" in page


def test_mistakes_stand_at_their_fields_and_keep_what_was_typed(client_as: SignIn, wolong: Region) -> None:
    answer = client_as(Role.EXPERT).post(
        reverse("directory:register"), entry(wolong, uscc="91411303MA0000", contact_name="")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "14 位" in page
    assert "卧龙智能装备有限公司" in page
    assert not Organisation.objects.filter(name="卧龙智能装备有限公司").exists()


def test_a_taken_code_offers_to_join(client_as: SignIn, people: dict[str, User], wolong: Region) -> None:
    client = client_as(Role.EXPERT)
    taken = Organisation.objects.get(memberships__user=people[Role.ORGANISATION_ADMIN])
    answer = client.post(reverse("directory:register"), entry(wolong, uscc=taken.uscc))
    assert reverse("directory:join") in answer.content.decode()
    client.post(reverse("directory:join"), {"uscc": taken.uscc})
    asked = Membership.objects.get(user=people[Role.EXPERT], organisation=taken)
    assert asked.state == Membership.State.REQUESTED
    admin = client_as(Role.ORGANISATION_ADMIN)
    admin.post(reverse("directory:member_decide", args=[taken.pk, asked.pk, "approve"]))
    asked.refresh_from_db()
    assert asked.state == Membership.State.ACTIVE


def test_the_county_verifies_in_bulk_what_it_sees(client_as: SignIn, people: dict[str, User]) -> None:
    county = Region.objects.get(memberships__user=people[Role.COUNTY_WORKSTATION])
    own = add_organisation(
        SYSTEM, uscc=synthetic_uscc(county.code, 51), name="宛城一号", kind="enterprise", region=county
    )
    other = Region.objects.get(code="411303")
    far = add_organisation(
        SYSTEM, uscc=synthetic_uscc(other.code, 51), name="卧龙一号", kind="enterprise", region=other
    )
    client = client_as(Role.COUNTY_WORKSTATION)
    listed = client.get(reverse("directory:organisations-list")).content.decode()
    assert "宛城一号" in listed
    assert "卧龙一号" not in listed
    assert client.get(reverse("directory:organisations-detail", args=[far.pk])).status_code == 404
    client.post(
        reverse("directory:organisations-bulk"),
        {"action": "verify", "selected": [own.pk, far.pk], "confirmed": "1"},
    )
    own.refresh_from_db()
    far.refresh_from_db()
    assert (own.state, far.state) == (Organisation.State.VERIFIED, Organisation.State.PENDING)


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.BUREAU_OFFICER, 2),
        (Role.COUNTY_WORKSTATION, 1),
        (Role.ORGANISATION_ADMIN, 1),
        (Role.EXPERT, 0),
        ("public", 0),
    ],
)
def test_the_scope_is_the_same_in_the_api(client_as: SignIn, role: str, seen: int) -> None:
    other = Region.objects.get(code="411303")
    add_organisation(SYSTEM, uscc=synthetic_uscc(other.code, 51), name="卧龙一号", kind="enterprise", region=other)
    answer = client_as(role).get("/api/directory/organisations").json()
    assert answer["count"] == seen


def test_regions_and_units_are_open_data(client: Client, pack: object) -> None:
    regions = client.get("/api/directory/regions?level=county&limit=100").json()
    assert regions["count"] == 13
    assert client.get("/api/directory/units").json()["count"] > 40


def test_a_spreadsheet_with_a_wrong_row_writes_nothing(client_as: SignIn, people: dict[str, User]) -> None:
    county = Region.objects.get(memberships__user=people[Role.COUNTY_WORKSTATION])
    content = BytesIO()
    with Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["统一社会信用代码", "企业名称", "类型", "所在县区"])
        sheet.write_row(1, 0, [synthetic_uscc(county.code, 61), "好的一行", "企业", county.name])
        sheet.write_row(2, 0, ["914113020000000000", "坏的一行", "企业", county.name])
    upload = SimpleUploadedFile("单位.xlsx", content.getvalue())
    page = client_as(Role.COUNTY_WORKSTATION).post(
        reverse("directory:organisations-import"), {"file": upload}, follow=True
    )
    text = page.content.decode()
    assert "3" in text
    assert "坏的一行" in text or "914113020000000000" in text
    assert not Organisation.objects.filter(name__endswith="一行").exists()


def test_a_second_factor_can_be_set_up(client_as: SignIn) -> None:
    page = client_as(Role.BUREAU_OFFICER).get(reverse("mfa_activate_totp"), follow=True)
    assert page.status_code == 200


def test_ten_wrong_passwords_lock_the_account_for_a_while(client: Client, people: dict[str, User]) -> None:
    for _attempt in range(10):
        client.post(reverse("account_login"), {"login": "officer", "password": "wrong"})
    answer = client.post(reverse("account_login"), {"login": "officer", "password": "kechuang-demo"})
    assert answer.status_code in (403, 429)
    assert actor_for(people[Role.BUREAU_OFFICER]).has({Role.BUREAU_OFFICER})
    assert mail.outbox == []


def test_single_sign_on_appears_where_it_is_configured(client: Client, settings: object, pack: object) -> None:
    app = {
        "provider_id": "sso",
        "name": "河南政务",
        "client_id": "c",
        "secret": "s",
        "settings": {"server_url": "https://sso.invalid"},
    }
    assert "河南政务" not in client.get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}  # type: ignore[attr-defined]
    assert "河南政务" in client.get(reverse("account_login")).content.decode()
