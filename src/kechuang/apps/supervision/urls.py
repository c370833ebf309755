from django.urls import path

from kechuang.apps.supervision.interfaces import resources
from kechuang.apps.supervision.views import bulletins, office, portal, unit

app_name = "supervision"
urlpatterns = [
    *resources.TaskResource.urls(),
    *resources.PlanResource.urls(),
    *resources.ReportResource.urls(),
    *resources.ExtensionResource.urls(),
    *resources.BulletinResource.urls(),
    path("inbox/", unit.inbox, name="inbox"),
    path("tasks/<int:pk>/report/", unit.report, name="report"),
    path("tasks/<int:pk>/report/draft/", unit.autosave, name="report_draft"),
    path("reports/<int:pk>/sent/", unit.report_sent, name="report_sent"),
    path("reports/<int:pk>/files/<int:file>/remove/", unit.remove_file, name="report_file_remove"),
    path("tasks/<int:pk>/extension/", unit.extension, name="extension"),
    path("tasks/<int:pk>/counties/", office.decompose, name="decompose"),
    path("tasks/<int:pk>/part/", office.part, name="part"),
    path("review/", office.review, name="review"),
    path("review/accept/", office.accept_many, name="accept_many"),
    path("review/<int:pk>/", office.decide_report, name="decide_report"),
    path("extensions/", office.extensions, name="extensions"),
    path("extensions/<int:pk>/", office.decide_extension, name="decide_extension"),
    path("unknown-units/", office.unknown_units, name="unknown_units"),
    path("overview/", office.overview, name="overview"),
    path("bulletins/make/", bulletins.make, name="bulletin_make"),
    path("public/", portal.plans, name="public_plans"),
    path("public/<int:pk>/", portal.plan, name="public_plan"),
]
