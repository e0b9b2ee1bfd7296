"""Addresses of the corridors."""

from django.urls import path

from mithaq_node.web.corridors import views

app_name = "corridors"
urlpatterns = [
    path("corridors/", views.show, name="show"),
    path("corridors/stretches.geojson", views.stretches, name="stretches"),
    path("corridors/<slug:id>/", views.corridor, name="corridor"),
]
