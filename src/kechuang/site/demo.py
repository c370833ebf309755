"""The last step of the demonstration: nobody comes to a full letter box."""

from __future__ import annotations

from random import Random

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.kit.loading import demo_step
from kechuang.kit.models import Notification
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

UNREAD = 5


@demo_step(order=90, label=_("Messages"))
def settle_messages(pack: Pack, actor: Actor, random: Random) -> None:
    """What was said while the demonstration was loaded counts as read and mailed, but for each person's last few."""
    recent = Window(RowNumber(), partition_by=F("user"), order_by=F("pk").desc())
    told = Notification.objects.filter(user__synthetic=True).annotate(place=recent)
    now = timezone.now()
    older = [row.pk for row in told if row.place > UNREAD]
    Notification.objects.filter(pk__in=older, read_at=None).update(read_at=now)
    Notification.objects.filter(user__synthetic=True, emailed_at=None).update(emailed_at=now)
