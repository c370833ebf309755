from django.urls import path

from kechuang.kit.views import files, gallery, jobs, notifications, shapes

app_name = "kit"
urlpatterns = [
    path("gallery/", gallery.gallery, name="gallery"),
    path("shapes/<str:code>.json", shapes.shapes, name="shapes"),
    path("files/<int:pk>/", files.download, name="file"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("notifications/", notifications.index, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications-read"),
    path("notifications/preference/", notifications.preference, name="notification-preference"),
    path("notifications/<int:pk>/", notifications.follow, name="notification"),
    path("bell/", notifications.bell, name="bell"),
    path("bell/count/", notifications.bell_count, name="bell-count"),
]
