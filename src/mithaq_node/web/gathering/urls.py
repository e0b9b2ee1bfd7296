"""Addresses of the warnings and of their ledger."""

from django.urls import path

from mithaq_node.web.gathering import views

app_name = "gathering"
urlpatterns = [
    path("warnings/", views.show, name="show"),
    path("warnings/settings/", views.choose, name="settings"),
    path("warnings/settings/preview/", views.preview, name="preview"),
    path("warnings/ledger/", views.ledger, name="ledger"),
    path("warnings/ledger/table/", views.export, name="export"),
    path("warnings/ledger/<int:warning>/", views.one, name="one"),
]
