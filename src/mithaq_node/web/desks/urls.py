"""Addresses of the desks."""

from django.urls import path

from mithaq_node.web.desks import views

app_name = "desks"
urlpatterns = [
    path("desks/", views.show, name="show"),
    path("desks/change/", views.change, name="change"),
]
