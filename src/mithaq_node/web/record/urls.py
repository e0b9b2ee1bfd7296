"""Addresses of the record."""

from django.urls import path

from mithaq_node.web.record import views

app_name = "record"
urlpatterns = [
    path("record/", views.show, name="show"),
    path("record/now/", views.fragment, name="now"),
    path("record/compare/", views.compare, name="compare"),
    path("record/export/", views.export, name="export"),
    path("record/find/", views.find, name="find"),
    path("record/logs/<slug:name>/", views.log, name="log"),
]
