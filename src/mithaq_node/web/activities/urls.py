"""Addresses of planned activities."""

from django.urls import path

from mithaq_node.web import numbering  # noqa: F401  # registers the converter
from mithaq_node.web.activities import views

app_name = "activities"
urlpatterns = [
    path("activities/", views.show, name="show"),
    path("activities/now/", views.fragment, name="now"),
    path("activities/feed/", views.feed_address, name="feed_address"),
    path("activities/<spoken:number>/", views.one, name="one"),
]
