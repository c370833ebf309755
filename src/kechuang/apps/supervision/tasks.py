"""Background tasks: the daily reminders, and making a bulletin."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kechuang.apps.supervision.domain import reminders


@app.periodic(cron="0 0 * * *")  # 08:00 in China: the queue's clock is UTC
@app.task(name="supervision.send_reminders", queueing_lock="supervision.send_reminders", retry=3)
def send_reminders(timestamp: int) -> None:
    """Remind of what falls due, what is overdue and what has gone silent."""
    reminders.send_reminders()
