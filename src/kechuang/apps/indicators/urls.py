from django.urls import URLPattern, URLResolver, path

from kechuang.apps.indicators.interfaces import resources
from kechuang.apps.indicators.views import office, portal

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [
    path("progress/", portal.progress, name="progress"),
    path("progress/<int:pk>/", portal.target, name="public_target"),
    path("entry/", office.entry_sheet, name="entry"),
    path("entry/template.xlsx", office.entry_template, name="entry_template"),
    path("entry/<str:key>/", office.entry_save, name="entry_save"),
    path("months/", office.close_months, name="months"),
    path("targets/<int:pk>/counties/", office.decompose, name="decompose"),
    path("observations/<int:pk>/revise/", office.revise, name="revise"),
    path("catalogue/<int:pk>/merge/", office.merge, name="merge"),
    path("catalogue/<int:pk>/counties/", office.counties, name="counties"),
    *resources.IndicatorResource.urls(),
    *resources.TargetResource.urls(),
    *resources.ObservationResource.urls(),
    *resources.ApprovalResource.urls(),
    *resources.PeriodLockResource.urls(),
]
