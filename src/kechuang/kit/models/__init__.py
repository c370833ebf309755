"""The base of every model, and the models that the building blocks keep themselves."""

from kechuang.kit.models.record import Record  # isort: skip

from kechuang.kit.models.evidence import EvidenceLink
from kechuang.kit.models.file import StoredFile
from kechuang.kit.models.job import Job
from kechuang.kit.models.notification import Notification, NotificationPreference
from kechuang.kit.models.publication import PublishedRecord
from kechuang.kit.models.workflow import StepLog

__all__ = [
    "EvidenceLink",
    "Job",
    "Notification",
    "NotificationPreference",
    "PublishedRecord",
    "Record",
    "StepLog",
    "StoredFile",
]
