"""Addresses of the shift."""

from django.urls import path

from mithaq_node.web.shift import views

app_name = "shift"
urlpatterns = [
    path("shift/", views.show, name="show"),
    path("shift/hand-over/", views.hand_over, name="hand_over"),
    path("shift/take-over/", views.take_over, name="take_over"),
    path("shift/sound/", views.sound, name="sound"),
    path("shift/log/", views.log, name="log"),
    path("shift/papers/", views.papers, name="papers"),
    path("shift/papers/<int:shift>/", views.paper, name="paper"),
]
