"""Addresses of the flows."""

from django.urls import path

from mithaq_node.web.flows import views

app_name = "flows"
urlpatterns = [
    path("flows/", views.show, name="show"),
    path("flows/flows.csv", views.export, name="export"),
    path("flows/import/", views.read_in, name="import"),
]
