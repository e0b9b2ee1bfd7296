"""Addresses that programs call."""

from django.urls import path

from mithaq_node.api import service_alerts

app_name = "api"
urlpatterns = [path("feeds/service-alerts.pb", service_alerts.feed, name="service_alerts")]
