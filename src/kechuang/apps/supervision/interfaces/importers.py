"""A task ledger from a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from kechuang.apps.supervision.models import Plan, Task
from kechuang.kit.importing import Importer, Sheet
from kechuang.kit.permissions import visible


class TaskImporter(Importer):
    """A row whose title stands in its plan already changes that task; others are added."""

    key = ("title", "plan")
    lookups = {"plan": ("title", "doc_number")}
    aliases = {
        "plan": ("文件", "文号", "方案", "计划"),
        "title": ("任务", "重点任务", "任务名称", "工作任务"),
        "number": ("序号", "编号"),
        "measures": ("工作举措", "具体措施", "主要措施", "工作内容"),
        "lead": ("牵头部门",),
        "units": ("责任部门", "责任单位", "配合单位"),
        "deadline_label": ("完成时限", "时限", "完成时间"),
        "due_on": ("截止日期", "到期日"),
    }
    notes = _("One row per task. A row whose title stands in its plan already changes that task.")

    def _identity(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """Plans may be named by title or number; both mean the same record."""
        title, plan = cells.get("title", ""), cells.get("plan", "")
        return (title, str(self._related("plan").get(plan, plan))) if title else ()

    def _existing(self, sheet: Sheet, mapping: Mapping[str, int]) -> dict[tuple[str, ...], Model]:
        """Whole tasks only: a part may bear the title of its whole."""
        rows = visible(self.actor, Task).filter(parent__isnull=True, plan__in=visible(self.actor, Plan).values("pk"))
        return {(task.title, str(task.plan_id)): task for task in rows}

    def hint(self, name: str) -> str:
        if name == "plan":
            return str(_("Write the title or the number of a document whose ledger stands here."))
        return super().hint(name)
