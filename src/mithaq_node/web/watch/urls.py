"""Addresses of the watch room."""

from django.urls import path

from mithaq_node.web.watch import views

app_name = "watch"
urlpatterns = [
    path("watch/", views.show, name="show"),
    path("watch/cursor/", views.cursor, name="cursor"),
    path("watch/now/", views.now, name="now"),
    path("watch/alarm/", views.alarm, name="alarm"),
    path("watch/find/", views.find, name="find"),
    path("watch/law.geojson", views.law_features, name="law_features"),
    path("watch/incidents.geojson", views.incident_features, name="incident_features"),
    path("watch/parties.css", views.parties, name="parties"),
]
