from kechuang.apps.directory.models.organisation import Organisation
from kechuang.apps.directory.models.people import Membership, User
from kechuang.apps.directory.models.region import Region
from kechuang.apps.directory.models.unit import Unit

__all__ = ["Membership", "Organisation", "Region", "Unit", "User"]
