"""Addresses of release."""

from django.urls import path

from mithaq_node.web import numbering  # noqa: F401  # registers the converter
from mithaq_node.web.release import views

app_name = "release"
urlpatterns = [
    path("release/", views.queue, name="queue"),
    path("release/review/<spoken:number>/", views.review, name="review"),
    path("release/<slug:draft_id>/", views.show, name="show"),
    path("release/<slug:draft_id>/sign/", views.sign, name="sign"),
    path("release/<slug:draft_id>/back/", views.hand_back, name="hand_back"),
]
