"""Resources: list, detail, edit, delete, bulk, import, export and history pages of a model, declared in a few lines.

    @resources.register
    class UnitResource(Resource):
        model = Unit
        slug = "units"
        columns = ("name", "kind", "region", "active")
        filters = ("kind", "region", "active")
        search = ("name", "full_name", "code")
        form_class = UnitForm
        add, change, delete = units.add_unit, units.change_unit, units.delete_unit

    urlpatterns = [*UnitResource.urls()]

Every page asks the model's policy: rows through ``visible``, steps through ``can``; the domain verbs authorise again.
"""

from kechuang.kit.resources.columns import Column
from kechuang.kit.resources.parts import BulkAction, Link, Panel, Tab
from kechuang.kit.resources.registry import register, registered, resource_for
from kechuang.kit.resources.resource import Resource

__all__ = ["BulkAction", "Column", "Link", "Panel", "Resource", "Tab", "register", "registered", "resource_for"]
