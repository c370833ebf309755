from django.urls import path

from kechuang.apps.directory.interfaces import resources
from kechuang.apps.directory.views import portal

app_name = "directory"
urlpatterns = [
    *resources.OrganisationResource.urls(),
    *resources.UnitResource.urls(),
    *resources.RegionResource.urls(),
    *resources.PersonResource.urls(),
    *resources.MembershipResource.urls(),
    path("register/", portal.register, name="register"),
    path("mine/", portal.mine, name="mine"),
    path("mine/join/", portal.join, name="join"),
    path("mine/<int:pk>/", portal.organisation, name="my_organisation"),
    path("mine/<int:pk>/registered/", portal.registered, name="registered"),
    path("mine/<int:pk>/edit/", portal.edit, name="my_organisation_edit"),
    path("mine/<int:pk>/members/add/", portal.add_member, name="member_add"),
    path("mine/<int:pk>/members/<int:membership>/<slug:step>/", portal.decide_member, name="member_decide"),
]
