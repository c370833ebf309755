"""What happens by itself: every night all targets are reckoned anew, and whoever owes figures is reminded."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from kechuang.apps.indicators.domain.reckoning import reckon
from kechuang.apps.indicators.domain.reminders import remind
from kechuang.apps.indicators.models import Target


@app.periodic(cron="10 16 * * *")  # 00:10 in China: the queue's clock is UTC
@app.task(name="indicators.reckon_targets", queueing_lock="indicators.reckon_targets")
def reckon_targets(timestamp: int) -> int:
    """Time passes: a target that was on its line yesterday may be behind it today."""
    return reckon(Target.objects.filter(state=Target.State.ACTIVE), as_of=_day(timestamp))


@app.periodic(cron="0 0 * * *")  # 08:00 in China
@app.task(name="indicators.remind_reporters", queueing_lock="indicators.remind_reporters")
def remind_reporters(timestamp: int) -> int:
    """Tell counties and units which figures are due; each of them once per month and kind of reminder."""
    return remind(_day(timestamp))


def _day(timestamp: int) -> date:
    return timezone.localdate(datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone()))
