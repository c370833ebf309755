"""What awards and the sandbox offer to the frame: navigation, lights, a card of what waits, files."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from kechuang.apps.directory.roles import BUREAU, READERS
from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun
from kechuang.kit.files import register_file_owner
from kechuang.kit.lights import register_light
from kechuang.kit.navigation import Card, CardRow, NavItem, WorkbenchCard, register_card, register_nav
from kechuang.kit.permissions import Actor, visible

for _key, _label, _icon, _tone in (
    ("public_notice", gettext_lazy("on public notice"), "speakerphone", "soon"),
    ("payable", gettext_lazy("released for payment"), "coin", "good"),
    ("paid", gettext_lazy("paid"), "checks", "done"),
):
    register_light(_key, _label, _icon, _tone)

GROUP = gettext_lazy("Entitlements")
register_nav(NavItem("policy.runs", gettext_lazy("Who is entitled"), "policy:runs", "list-check", READERS, GROUP, 16))
register_nav(NavItem("policy.awards", gettext_lazy("Awards and payments"), "policy:awards", "coin", READERS, GROUP, 17))
register_nav(NavItem("policy.sandbox", gettext_lazy("Sandbox"), "policy:sandbox", "adjustments", READERS, GROUP, 18))
register_file_owner(EligibilityRun, "results")


def payment_card(actor: Actor) -> Card | None:
    """Awards that wait for a step; no card while there is none."""
    waiting = {AwardState.CONFIRMED, AwardState.PUBLIC_NOTICE, AwardState.PAYABLE}
    states = list(visible(actor, Award).filter(state__in=waiting).order_by().values_list("state", flat=True))
    if not states:
        return None
    rows = [
        CardRow(
            title=ngettext("{count} award", "{count} awards", states.count(state)).format(count=states.count(state)),
            url=f"{reverse('policy:awards')}?state={state.value}",
            light=state.value,
        )
        for state in AwardState
        if state in waiting and state in states
    ]
    return Card(gettext_lazy("Awards under way"), rows, len(states), reverse("policy:awards"), "coin")


register_card(WorkbenchCard("policy.awards", BUREAU, payment_card, order=27))
