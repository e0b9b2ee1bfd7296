"""Addresses that anybody may read, where they are switched on; they stand outside the officers' languages."""

from django.urls import path

from mithaq_node.web.public import alert_views, views

app_name = "public"
urlpatterns = [
    path("public/", views.show, name="show"),
    path("public/crossings.json", views.as_json, name="json"),
    path("public/<slug:language>/", views.show, name="page"),
    path("public/<slug:language>/crossings.atom", views.as_atom, name="atom"),
    path("feeds/cap.xml", alert_views.feed, name="alerts"),
    path("feeds/cap/<slug:name>.xml", alert_views.message, name="alert"),
]
