"""Addresses under a language: the door, and the reader's choices."""

from django.urls import path

from mithaq_node.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("preferences/", views.keep_preferences, name="preferences"),
]
