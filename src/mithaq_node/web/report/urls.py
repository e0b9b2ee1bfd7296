"""The address of the page."""

from django.urls import path

from mithaq_node.web.report import views

app_name = "report"
urlpatterns = [path("report/", views.show, name="show")]
