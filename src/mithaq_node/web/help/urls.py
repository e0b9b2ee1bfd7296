"""The addresses of the pages."""

from django.urls import path

from mithaq_node.web.help import views

app_name = "help"
urlpatterns = [
    path("help/", views.show, name="show"),
    path("help/guide/", views.guide, name="guide"),
    path("help/keys/", views.keys, name="keys"),
]
