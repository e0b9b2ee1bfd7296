"""Addresses of the warnings."""

from django.urls import path

from mithaq_node.web.gathering import views

app_name = "gathering"
urlpatterns = [
    path("warnings/", views.show, name="show"),
]
