"""The address of the form."""

from django.urls import path

from mithaq_node.web.words import views

app_name = "words"
urlpatterns = [path("words/wrong/", views.wrong, name="wrong")]
