"""Addresses of what stays on this side, by spoken number."""

from django.urls import path

from mithaq_node.web import numbering  # noqa: F401  # registers the converter
from mithaq_node.web.inside import views

app_name = "inside"
urlpatterns = [
    path("inside/<spoken:number>/", views.show, name="show"),
    path("inside/<spoken:number>/now/", views.fragment, name="now"),
    path("inside/<spoken:number>/change/", views.change, name="change"),
]
