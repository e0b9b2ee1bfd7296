"""Addresses of the crossings."""

from django.urls import path

from mithaq_node.web.crossings import views

app_name = "crossings"
urlpatterns = [
    path("crossings/", views.show, name="show"),
    path("crossings/board/", views.board, name="board"),
    path("crossings/crossings.geojson", views.features, name="features"),
    path("crossings/at/<slug:crossing>/", views.one, name="one"),
]
