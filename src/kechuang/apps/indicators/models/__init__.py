from kechuang.apps.indicators.models.fact import Fact, FactContest, FactKind
from kechuang.apps.indicators.models.indicator import Indicator, IndicatorName
from kechuang.apps.indicators.models.observation import Observation, PeriodLock
from kechuang.apps.indicators.models.period import PeriodKind
from kechuang.apps.indicators.models.research import RdExpense, RdProject, RdYear
from kechuang.apps.indicators.models.snapshot import Snapshot
from kechuang.apps.indicators.models.target import Target

__all__ = [
    "Fact",
    "FactContest",
    "FactKind",
    "Indicator",
    "IndicatorName",
    "Observation",
    "PeriodKind",
    "PeriodLock",
    "RdExpense",
    "RdProject",
    "RdYear",
    "Snapshot",
    "Target",
]
