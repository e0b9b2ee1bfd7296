"""Addresses of the committee."""

from django.urls import path

from mithaq_node.web.committee import views

app_name = "committee"
urlpatterns = [
    path("committee/", views.board, name="board"),
    path("committee/now/", views.fragment, name="now"),
    path("committee/commitments/<str:id>/", views.commitment, name="commitment"),
    path("committee/commitments/<str:id>/now/", views.commitment_fragment, name="commitment-now"),
]
