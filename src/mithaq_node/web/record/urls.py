"""Addresses of the record."""

from django.urls import path

from mithaq_node.web.record import views

app_name = "record"
urlpatterns = [
    path("record/", views.show, name="show"),
    path("record/now/", views.fragment, name="now"),
]
