"""Registration, verification and membership of organisations, through the verbs that the pages call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.domain.memberships import (
    approve_membership,
    end_membership,
    grant,
    request_membership,
)
from kechuang.apps.directory.domain.organisations import (
    AlreadyRegistered,
    change_organisation,
    decide_organisation,
    register_organisation,
)
from kechuang.apps.directory.domain.packs import load_directory
from kechuang.apps.directory.models import Membership, Organisation, Region, User
from kechuang.apps.directory.roles import Role
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import Notification
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, visible

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


@pytest.fixture
def county(people: dict[str, User]) -> Region:
    membership = people[Role.COUNTY_WORKSTATION].memberships.get()
    assert membership.region is not None
    return membership.region


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create(username="clerk", display_name="新来的办事员")


def register(clerk: User, county: Region, number: int = 77, **values: object) -> Organisation:
    entry = {"uscc": synthetic_uscc(county.code, number), "name": "宛城新材料有限公司", "region": county, **values}
    return register_organisation(actor_for(clerk), user=clerk, **entry)  # type: ignore[arg-type]


def test_a_registration_reaches_its_county_and_is_verified(
    people: dict[str, User], county: Region, clerk: User
) -> None:
    organisation = register(clerk, county, licence=SimpleUploadedFile("营业执照.png", PNG, "image/png"))
    assert organisation.state == Organisation.State.PENDING
    assert organisation.licence is not None
    official = people[Role.COUNTY_WORKSTATION]
    assert Notification.objects.filter(user=official, url=organisation.get_absolute_url()).count() == 1

    decide_organisation(actor_for(official), organisation=organisation, step="verify")
    organisation.refresh_from_db()
    assert (organisation.state, organisation.verified_by) == (Organisation.State.VERIFIED, official)
    assert Notification.objects.filter(user=clerk).exists()
    with pytest.raises(Stale):
        decide_organisation(actor_for(official), organisation=organisation, step="verify")


def test_a_return_needs_a_reason_and_can_be_submitted_again(
    people: dict[str, User], county: Region, clerk: User
) -> None:
    organisation = register(clerk, county)
    official = actor_for(people[Role.COUNTY_WORKSTATION])
    with pytest.raises(DomainError) as error:
        decide_organisation(official, organisation=organisation, step="return")
    assert error.value.field == "reason"
    decide_organisation(official, organisation=organisation, step="return", reason="名称与执照不一致")
    change_organisation(actor_for(clerk), organisation=organisation, name="宛城新材料股份有限公司")
    decide_organisation(actor_for(clerk), organisation=organisation, step="resubmit")
    organisation.refresh_from_db()
    assert (organisation.state, organisation.name) == (Organisation.State.PENDING, "宛城新材料股份有限公司")


def test_another_county_neither_sees_nor_decides(people: dict[str, User], county: Region, clerk: User) -> None:
    elsewhere = Region.objects.filter(level=Region.Level.COUNTY).exclude(pk=county.pk)[0]
    organisation = register(clerk, elsewhere)
    official = actor_for(people[Role.COUNTY_WORKSTATION])
    assert not visible(official, Organisation).filter(pk=organisation.pk).exists()
    with pytest.raises(Refused):
        decide_organisation(official, organisation=organisation, step="verify")


def test_a_known_code_leads_to_joining(people: dict[str, User], county: Region, clerk: User) -> None:
    organisation = register(clerk, county)
    colleague = User.objects.create(username="colleague")
    with pytest.raises(AlreadyRegistered) as error:
        register(colleague, county)
    assert error.value.organisation == organisation
    asked = request_membership(actor_for(colleague), user=colleague, organisation=organisation)
    assert actor_for(colleague).grants == ()
    approve_membership(actor_for(clerk), membership=asked)
    assert actor_for(colleague).organisations(Role.ORGANISATION_MEMBER) == (organisation.pk,)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"uscc": "914113020000000000"}, "uscc"),
        ({"founded_on": date.today() + timedelta(days=1)}, "founded_on"),
        ({"licence": SimpleUploadedFile("licence.pdf", b"not a pdf \0\1")}, "licence"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(
    county: Region, clerk: User, values: dict[str, object], field: str
) -> None:
    before = Organisation.objects.count()
    with pytest.raises(DomainError) as error:
        register(clerk, county, **values)
    assert error.value.field == field
    assert Organisation.objects.count() == before


def test_a_city_is_no_county(pack: Pack, clerk: User) -> None:
    with pytest.raises(DomainError) as error:
        register(clerk, Region.objects.get(code=pack.region))
    assert error.value.field == "region"


def test_a_verified_name_is_the_countys_to_change(people: dict[str, User], county: Region, clerk: User) -> None:
    organisation = register(clerk, county)
    official = actor_for(people[Role.COUNTY_WORKSTATION])
    decide_organisation(official, organisation=organisation, step="verify")
    with pytest.raises(DomainError) as error:
        change_organisation(actor_for(clerk), organisation=organisation, name="别的名称")
    assert error.value.field == "name"
    change_organisation(actor_for(clerk), organisation=organisation, contact_phone="0377-60000000")
    change_organisation(official, organisation=organisation, name="别的名称")
    organisation.refresh_from_db()
    assert (organisation.name, organisation.contact_phone) == ("别的名称", "0377-60000000")


def test_an_administrator_grants_only_at_home(people: dict[str, User], county: Region, clerk: User) -> None:
    organisation = register(clerk, county)
    other = Organisation.objects.exclude(pk=organisation.pk)[0]
    actor = actor_for(clerk)
    grant(actor, user=people[Role.EXPERT], role=Role.ORGANISATION_MEMBER, organisation=organisation)
    with pytest.raises(Refused):
        grant(actor, user=clerk, role=Role.ORGANISATION_ADMIN, organisation=other)
    with pytest.raises(Refused):
        grant(actor, user=clerk, role=Role.PLATFORM_ADMIN)


def test_the_last_administrator_stays(county: Region, clerk: User) -> None:
    organisation = register(clerk, county)
    with pytest.raises(DomainError):
        end_membership(actor_for(clerk), membership=organisation.memberships.get())


def test_a_membership_counts_on_its_days_only(people: dict[str, User]) -> None:
    user = people[Role.EXPERT]
    today = date.today()
    user.memberships.update(valid_from=today, valid_until=today)
    assert actor_for(user).roles == {Role.EXPERT}
    assert actor_for(user, on=today + timedelta(days=1)).roles == frozenset()
    assert actor_for(user, on=today - timedelta(days=1)).roles == frozenset()


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_register_one_organisation(nanyang: Pack) -> None:
    load_directory(nanyang, SYSTEM)
    county = Region.objects.filter(level=Region.Level.COUNTY)[0]
    clerks = [User.objects.create(username=f"clerk{number}") for number in range(4)]

    def attempt(clerk: User) -> str:
        try:
            register(clerk, county)
            return "registered"
        except AlreadyRegistered:
            return "taken"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, clerks))
    assert outcomes == ["registered", "taken", "taken", "taken"]
    assert Membership.objects.filter(role=Role.ORGANISATION_ADMIN).count() == 1
