"""Addresses of the memorandum."""

from django.urls import path

from mithaq_node.web.instrument import views

app_name = "instrument"
urlpatterns = [
    path("instrument/", views.show, name="show"),
    path("instrument/proposed/", views.proposed, name="proposed"),
    path("instrument/versions/", views.versions, name="versions"),
    path("instrument/verify/", views.verify, name="verify"),
]
