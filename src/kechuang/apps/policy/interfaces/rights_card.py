"""The workbench of an enterprise: what it is entitled to now, before anybody asks."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.permissions import OWNERS
from kechuang.apps.policy.domain.eligibility import Answers, Group, eligibility
from kechuang.kit.navigation import Card, CardRow
from kechuang.kit.numbers import money_text
from kechuang.kit.permissions import Actor

RIGHTS = 4
ORGANISATIONS = 3


def rights_card(actor: Actor) -> Card | None:
    """The rights of the one organisation that the actor speaks for; of several, how many each has."""
    keys: Any = actor.organisations(*OWNERS)
    rows = Organisation.objects.filter(pk__in=keys, state=Organisation.State.VERIFIED)
    own = list(rows.select_related("region").order_by("name", "pk")[:ORGANISATIONS])
    if not own:
        return None
    found = [(organisation, eligibility(actor, organisation)) for organisation in own]
    entitled = sum(len(answers.of(Group.ENTITLED)) for _organisation, answers in found)
    lines = _rights(*found[0]) if len(found) == 1 else [_summary(*pair) for pair in found]
    return Card(_("My policies"), lines, entitled, reverse("policy:mine"), "circle-check")


def _rights(organisation: Organisation, answers: Answers) -> list[CardRow]:
    """The first rights of the page, then what would decide the most of the others."""
    url = reverse("policy:my-policies", args=[organisation.pk])
    rows = [
        CardRow(
            str(answer.rule),
            f"{url}#r-{answer.rule.pk}",
            money_text(answer.payable) if answer.payable else "",
            due=answer.valid_to,
        )
        for answer in [each for each in answers.of(Group.ENTITLED) if each.outranked_by is None][:RIGHTS]
    ]
    unknown = len(answers.of(Group.UNKNOWN))
    if unknown:
        title = ngettext("{count} right waits for an answer of yours", "{count} rights wait for an answer of yours",
                         unknown).format(count=unknown)  # fmt: skip
        rows.append(CardRow(title, url, _near(answers)))
    return rows


def _summary(organisation: Organisation, answers: Answers) -> CardRow:
    count = len(answers.of(Group.ENTITLED))
    title = ngettext("{count} right now", "{count} rights now", count).format(count=count)
    return CardRow(f"{organisation}: {title}", reverse("policy:my-policies", args=[organisation.pk]), _near(answers))


def _near(answers: Answers) -> str:
    count = len(answers.of(Group.NEAR))
    return ngettext("{count} one step away", "{count} one step away", count).format(count=count) if count else ""
