from django.urls import URLPattern, URLResolver, path

from kechuang.apps.indicators.interfaces import fact_resources, resources
from kechuang.apps.indicators.views import facts, office, portal, returns

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
    path("mine/", facts.mine, name="mine"),
    path("mine/<int:pk>/", facts.my_data, name="my_data"),
    path("mine/<int:pk>/contest/<str:code>/", facts.contest, name="contest"),
    path("mine/<int:pk>/return/", returns.yearly_return, name="return"),
    path("mine/<int:pk>/return/<str:code>/", returns.save_field, name="return_field"),
    path("returns/template.xlsx", returns.return_template, name="return_template"),
    path("returns/upload/", returns.return_upload, name="return_upload"),
    path("data/<int:pk>/", facts.data_of, name="data_of"),
    *resources.IndicatorResource.urls(),
    *resources.TargetResource.urls(),
    *resources.ObservationResource.urls(),
    *resources.ApprovalResource.urls(),
    *resources.PeriodLockResource.urls(),
    *fact_resources.FactKindResource.urls(),
    *fact_resources.FactResource.urls(),
    *fact_resources.FactContestResource.urls(),
    *fact_resources.SnapshotResource.urls(),
]
