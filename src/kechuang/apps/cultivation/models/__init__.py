from kechuang.apps.cultivation.models.certification import SOON_DAYS, Certification
from kechuang.apps.cultivation.models.reserve import ReserveEntry

__all__ = ["SOON_DAYS", "Certification", "ReserveEntry"]
