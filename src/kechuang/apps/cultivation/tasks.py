"""What happens by itself: enterprises are told in the morning which certifications are about to expire."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override
from procrastinate.contrib.django import app

from kechuang.apps.cultivation.domain.reminders import remind_of_expiry


@app.periodic(cron="20 0 * * *")  # 08:20 in China: the queue's clock is UTC
@app.task(name="cultivation.remind_of_expiry", queueing_lock="cultivation.remind_of_expiry", retry=3)
def remind(timestamp: int) -> int:
    """90 and 30 days before the last day; each of them once."""
    with override(settings.LANGUAGE_CODE):
        return remind_of_expiry(
            timezone.localdate(datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone()))
        )
