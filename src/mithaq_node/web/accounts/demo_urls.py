"""The door of a demonstration's desk, outside the languages: the ticket's target says in which one it opens."""

from django.urls import path

from mithaq_node.web.accounts import views

app_name = "demo"
urlpatterns = [path("demo/enter/", views.enter_demonstration, name="enter")]
