"""Addresses of compliance."""

from django.urls import path

from mithaq_node.web.compliance import views

app_name = "compliance"
urlpatterns = [
    path("compliance/", views.show, name="show"),
    path("compliance/now/", views.fragment, name="now"),
    path("compliance/propose/", views.propose, name="propose"),
]
