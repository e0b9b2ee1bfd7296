"""Addresses of incidents and notices, by spoken number."""

from django.urls import path

from mithaq_node.web import numbering  # noqa: F401  # registers the converter
from mithaq_node.web.incidents import views

app_name = "incidents"
urlpatterns = [
    path("incidents/<spoken:number>/", views.show, name="show"),
    path("incidents/<spoken:number>/now/", views.fragment, name="now"),
    path("incidents/<spoken:number>/case.zip", views.case, name="case"),
    path("notices/<spoken:number>/", views.notice, name="notice"),
    path("notices/<spoken:number>/<slug:field>.jpg", views.picture, name="picture"),
    path("notices/<spoken:number>/proof/", views.proof, name="proof"),
    path("notices/<spoken:number>/certificate/", views.certificate, name="certificate"),
]
