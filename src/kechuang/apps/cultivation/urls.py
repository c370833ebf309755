from django.urls import URLPattern, URLResolver, path

from kechuang.apps.cultivation.interfaces import resources
from kechuang.apps.cultivation.views import ladder, office

app_name = "cultivation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ladder/", ladder.mine, name="mine"),
    path("ladder/<int:pk>/", ladder.ladder, name="ladder"),
    path("ladder/<int:pk>/diagnosis.<str:kind>", ladder.diagnosis, name="diagnosis"),
    path("calendar/", office.calendar, name="calendar"),
    path("funnel/", office.funnel, name="funnel"),
    path("funnel/stages/", office.growth, name="stages"),
    path("suggestions/", office.suggestions, name="suggestions"),
    path("hnte/", office.hnte, name="hnte"),
    path("hnte.xlsx", office.hnte_export, name="hnte_export"),
    *resources.CertificationResource.urls(),
    *resources.ReserveResource.urls(),
]
