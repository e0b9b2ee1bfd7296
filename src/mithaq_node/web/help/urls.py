"""The address of the page."""

from django.urls import path

from mithaq_node.web.help import views

app_name = "help"
urlpatterns = [path("help/", views.show, name="show")]
