"""Addresses that anybody may read, where they are switched on; they stand outside the officers' languages."""

from django.urls import path

from mithaq_node.web.public import views

app_name = "public"
urlpatterns = [
    path("public/", views.show, name="show"),
    path("public/crossings.json", views.as_json, name="json"),
    path("public/<slug:language>/", views.show, name="page"),
    path("public/<slug:language>/crossings.atom", views.as_atom, name="atom"),
]
