from kechuang.apps.indicators.models.indicator import Indicator, IndicatorName
from kechuang.apps.indicators.models.observation import Observation, PeriodLock
from kechuang.apps.indicators.models.period import PeriodKind
from kechuang.apps.indicators.models.target import Target

__all__ = ["Indicator", "IndicatorName", "Observation", "PeriodKind", "PeriodLock", "Target"]
