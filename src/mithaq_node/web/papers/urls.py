"""Addresses of the committee's papers."""

from django.urls import path

from mithaq_node.web.papers import views

app_name = "papers"
urlpatterns = [
    path("committee/papers/", views.choose, name="choose"),
    path("committee/papers/file/", views.take, name="take"),
]
