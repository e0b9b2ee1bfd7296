"""Addresses of pairs."""

from django.urls import path

from mithaq_node.web import numbering  # noqa: F401  # registers the converter
from mithaq_node.web.pairs import views

app_name = "pairs"
urlpatterns = [
    path("pairs/", views.show, name="show"),
    path("pairs/inbox/", views.inbox, name="inbox"),
    path("pairs/of/<spoken:number>/", views.of_incident, name="of"),
]
