"""More time: a unit asks and says why, a leader of the bureau decides."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.queries.participation import reporting_units
from kechuang.apps.supervision.domain.queries.people import leaders_of, people_of
from kechuang.apps.supervision.domain.tasks import locked
from kechuang.apps.supervision.models import ExtensionRequest, Task
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.workflow import advance

State = ExtensionRequest.State


@transaction.atomic
def request_extension(actor: Actor, *, task: Task, unit: Unit, requested_due: date, reason: str) -> ExtensionRequest:
    """Ask for a later deadline. One request of a task waits at a time; the old deadline holds until the answer."""
    authorise(actor, "request_extension", task)
    task = locked(task)
    if unit not in reporting_units(actor, task):
        raise Refused(_("You cannot ask for more time on this task for %(unit)s.") % {"unit": unit})
    if not task.is_open:
        raise DomainError(_("This task is settled; it needs no more time."))
    if task.due_on is None:
        raise DomainError(_("This task has no deadline that could be moved."))
    if requested_due <= max(task.due_on, timezone.localdate()):
        raise DomainError(
            _("Ask for a day after today and after the present deadline, %(day)s.") % {"day": task.due_on},
            field="requested_due",
        )
    if not reason.strip():
        raise DomainError(_("Say why more time is needed: a leader will decide on it."), field="reason")
    if task.extensions.filter(state=State.REQUESTED).exists():
        raise DomainError(_("A request for more time on this task waits for an answer already."))
    request = ExtensionRequest.objects.create(
        task=task,
        unit=unit,
        current_due=task.due_on,
        requested_due=requested_due,
        reason=reason.strip()[:1000],
        requested_by_id=actor.user_id,
        synthetic=task.synthetic,
    )
    notify(
        leaders_of(task.region),
        _("%(unit)s asks for more time on “%(task)s”: from %(old)s to %(new)s")
        % {"unit": unit, "task": task, "old": task.due_on, "new": requested_due},
        reverse("supervision:extensions"),
        kind="supervision.extension",
        subject=request,
        dedupe_key=f"extension-requested:{request.pk}",
    )
    return request


@transaction.atomic
def decide_extension(actor: Actor, *, request: ExtensionRequest, grant: bool, note: str = "") -> ExtensionRequest:
    """Grant or refuse (with the reason). Granting moves the deadline, unless it was moved meanwhile."""
    task = locked(request.task)
    if not grant and not note.strip():
        raise DomainError(_("Write down why it is refused: the unit will read it."), field="note")
    advance(request, "grant" if grant else "refuse", actor=actor, reason=note)
    task.refresh_from_db()
    message = (
        _("More time granted: “%(task)s” is now due on %(day)s")
        if grant
        else _("More time refused: “%(task)s” remains due on %(day)s")
    )
    recipients = set(people_of([request.unit]).values_list("pk", flat=True))
    notify(
        recipients | ({request.requested_by_id} if request.requested_by_id else set()),
        message % {"task": task, "day": task.due_on},
        reverse("supervision:tasks-detail", args=[task.pk]),
        kind="supervision.extension",
        subject=request,
        dedupe_key=f"extension-decided:{request.pk}",
    )
    return request
