"""The ledger's part of the demonstration: progress as it might be, made by the same verbs that people use.

Everything it makes is marked as synthetic. Verbs know only the present, so the days of what they wrote are set back
afterwards; the log of steps keeps the true ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Unit, User
from kechuang.apps.supervision.domain.extensions import decide_extension, request_extension
from kechuang.apps.supervision.domain.progress import roll_up, units_in_charge
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS, members_of
from kechuang.apps.supervision.domain.reports import Content, accept_report, return_report, save_draft, submit_report
from kechuang.apps.supervision.domain.tasks import confirm_done, decompose_to_counties, set_deadline
from kechuang.apps.supervision.models import ProgressReport, Task, TaskUnit
from kechuang.apps.supervision.rules import period_of, rules
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

FATES = ("done", "on_track", "due_soon", "overdue", "silent", "returned", "waiting", "extension")
WEIGHTS = (20, 34, 10, 9, 9, 6, 7, 5)
HANDED_ON = 3
LISTED_DAYS_AGO = 260
NARRATIVES = (
    "已印发实施方案并完成责任分解，本期走访企业{n}家，收集需求{m}项，正在逐项对接落实。",
    "本期组织专题推进会{m}次，完成项目申报材料审核{n}份，相关资金已按程序下达。",
    "已建立工作台账并实行月调度，累计服务企业{n}家，新增入库项目{m}个。",
    "会同有关部门开展联合指导，完成现场核查{n}家次，整改问题{m}项，进度符合年度安排。",
)
PROBLEMS = (
    "",
    "",
    "部分企业研发费用归集不规范，需税务部门加强辅导。",
    "项目用地指标尚未落实，请市级层面协调。",
    "专业技术人员不足，评审进度偏慢。",
)
NEXT_STEPS = (
    "下月完成第二批对接，并汇总成效报市科技局。",
    "继续落实月调度机制，重点推进未完成事项。",
    "组织开展中期评估，补齐短板。",
)
RETURNS = ("请补充支撑材料，并列明已下达资金的文号和金额。", "进展描述过于笼统，请按台账措施逐条说明完成情况。")
REASONS = (
    "项目招标流标一次，重新组织需要时间，拟于延期后的节点前完成建设并投用。",
    "省级评审结果尚未公布，需待批复后开展下一步工作。",
)


@demo_step(order=40, label=_("Progress of the ledger"))
@transaction.atomic
def ledger_demo(pack: Pack, actor: Actor, random: Random) -> None:
    """Some tasks done, some late, some silent, one returned, one waiting for more time; three handed to counties."""
    tasks = list(Task.objects.filter(synthetic=True, parent=None, plan__region__code=pack.region).order_by("pk"))
    if not tasks or ProgressReport.objects.filter(synthetic=True).exists():
        return
    _Demo(actor, random).play(tasks)


@dataclass(slots=True)
class _Demo:
    actor: Actor
    random: Random

    def play(self, tasks: Sequence[Task]) -> None:
        today = timezone.localdate()
        known = {task.pk for task in tasks if _speaker(task) is not None}
        Task.objects.filter(pk__in=known).update(listed_on=today - timedelta(days=LISTED_DAYS_AGO))
        handed_on = [task for task in tasks if any(row.unit and _of_counties(row.unit) for row in _rows(task))][
            :HANDED_ON
        ]
        for task in tasks:
            task.refresh_from_db()
            if task in handed_on:
                self._hand_on(task, today)
            else:
                self._meet(task, _speaker(task), self._fate(), today)
        self._fill_inbox(tasks, today)

    def _fill_inbox(self, tasks: Sequence[Task], today: date) -> None:
        """The demo account of a unit finds one report returned and one with the bureau."""
        unit = Unit.objects.filter(memberships__user__synthetic=True, memberships__role="responsible_unit").first()
        if unit is None:
            return
        shared = Task.objects.filter(
            pk__in=[task.pk for task in tasks], task_units__unit=unit, state=Task.State.IN_PROGRESS
        )
        free = shared.exclude(reports__unit=unit).order_by("pk")
        for task, returned in zip(free[:2], (True, False), strict=False):
            self._send(task, unit, 50, returned)

    def _fate(self) -> str:
        return self.random.choices(FATES, WEIGHTS)[0]

    def _hand_on(self, task: Task, today: date) -> None:
        """Every county has a part, and every part its own fate."""
        self._move_deadline(task, today + timedelta(days=240), today)
        parts = decompose_to_counties(self.actor, task=task)
        Task.objects.filter(pk__in=[part.pk for part in parts]).update(listed_on=task.listed_on)
        for index, part in enumerate(parts):
            part.refresh_from_db()
            fate = "returned" if index == 0 else self._fate()
            self._meet(part, _speaker(part), "on_track" if fate in ("extension", "due_soon") else fate, today)

    def _meet(self, task: Task, unit: Unit | None, fate: str, today: date) -> None:
        if unit is None:
            return
        ahead = {"overdue": -self.random.randrange(3, 60), "due_soon": self.random.randrange(4, 28)}.get(fate)
        self._place_deadline(task, today, ahead, fate)
        ago = self.random.randrange(rules().silent_days + 10, 150) if fate == "silent" else self.random.randrange(2, 25)
        if fate in ("returned", "waiting"):
            ago = rules().silent_days - 2
        percent = self.random.randrange(20, 85, 5)
        if fate == "done":
            self._report(task, unit, 100, today, ago)
            confirm_done(self.actor, task=task, note="佐证材料齐全，同意销号。")
            closed = _moment(today - timedelta(days=self.random.randrange(2, 120)))
            Task.objects.filter(pk=task.pk).update(closed_at=closed)
            return
        self._report(task, unit, percent, today, ago)
        if fate in ("returned", "waiting"):
            self._send(task, unit, min(100, percent + 10), fate == "returned")
        if fate == "extension":
            self._ask(task, unit, today)

    def _place_deadline(self, task: Task, today: date, ahead: int | None, fate: str) -> None:
        """Deadlines of the document stay where they show what is wanted; the others are moved as an officer would."""
        if fate == "overdue" and task.due_on is not None and task.due_on < today:
            return
        if fate == "done" or (ahead is None and task.due_on is not None and task.due_on > today + timedelta(days=60)):
            return
        wanted = today + timedelta(days=ahead if ahead is not None else self.random.randrange(90, 420, 30))
        self._move_deadline(task, wanted, today)

    def _move_deadline(self, task: Task, wanted: date, today: date) -> None:
        """By a request that is granted where the document has set a day that has passed, else by hand."""
        if task.due_on is not None and task.due_on >= wanted:
            if task.due_on > today and task.parent_id is None:
                set_deadline(self.actor, tasks=[task], due_on=wanted)
        elif task.due_on is None or task.due_on > today or wanted <= today:
            set_deadline(self.actor, tasks=[task], due_on=self._within_whole(task, wanted))
        elif (unit := _speaker(task)) is not None and task.parent_id is None:
            asked = request_extension(
                self.actor, task=task, unit=unit, requested_due=wanted, reason=self.random.choice(REASONS)
            )
            decide_extension(self.actor, request=asked, grant=True, note="同意调整，请按新节点推进。")
        task.refresh_from_db()

    @staticmethod
    def _within_whole(task: Task, wanted: date) -> date:
        whole = task.parent.due_on if task.parent else None
        return min(wanted, whole) if whole else wanted

    def _report(self, task: Task, unit: Unit, percent: int, today: date, ago: int) -> None:
        """An accepted report, sent in so many days ago."""
        sent = self._send(task, unit, percent, returned=False)
        accept_report(self.actor, report=sent)
        day = today - timedelta(days=ago)
        ProgressReport.objects.filter(pk=sent.pk).update(
            submitted_at=_moment(day), decided_at=_moment(day + timedelta(days=1)), period=period_of(day)
        )
        roll_up(task.pk)
        task.refresh_from_db()

    def _send(self, task: Task, unit: Unit, percent: int, returned: bool) -> ProgressReport:
        content = Content(
            percent,
            self.random.choice(NARRATIVES).format(n=self.random.randrange(8, 60), m=self.random.randrange(2, 12)),
            self.random.choice(PROBLEMS),
            self.random.choice(NEXT_STEPS),
        )
        actor = _someone_of(unit) or self.actor
        draft = save_draft(actor, task=task, unit=unit, content=content, synthetic=True)
        submit_report(actor, report=draft)
        if returned:
            return_report(self.actor, report=draft, reason=self.random.choice(RETURNS))
        return draft

    def _ask(self, task: Task, unit: Unit, today: date) -> None:
        later = max(task.due_on or today, today) + timedelta(days=self.random.randrange(60, 180, 30))
        request_extension(
            _someone_of(unit) or self.actor,
            task=task,
            unit=unit,
            requested_due=later,
            reason=self.random.choice(REASONS),
        )


def _rows(task: Task) -> list[TaskUnit]:
    return list(task.task_units.select_related("unit__region"))


def _of_counties(unit: Unit) -> bool:
    return unit.is_class and bool(COUNTY_LEVELS & set(unit.member_levels))


def _speaker(task: Task) -> Unit | None:
    """The unit that reports on the task: in charge, else the first named, else the first member of a class."""
    charge = units_in_charge(task)
    if charge:
        return Unit.objects.get(pk=charge[0])
    named = [row.unit for row in _rows(task) if row.unit]
    plain = next((unit for unit in named if not unit.is_class), None)
    return plain or next((member for unit in named for member in members_of(unit)), None)


def _someone_of(unit: Unit) -> Actor | None:
    """A person of the demonstration who works for the unit, so that a report bears a name."""
    user = User.objects.filter(synthetic=True, memberships__unit=unit).first()
    if user is None:
        user = User.objects.filter(
            synthetic=True, memberships__role="county_workstation", memberships__region=unit.region
        ).first()
    return actor_for(user) if user else None


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10, 30)))
