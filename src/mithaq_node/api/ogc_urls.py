"""Addresses of OGC API - Features; they stand under no language."""

from django.urls import path

from mithaq_node.api import ogc

app_name = "ogc"
urlpatterns = [
    path("ogc/", ogc.landing, name="landing"),
    path("ogc/conformance", ogc.conformance, name="conformance"),
    path("ogc/api", ogc.api, name="api"),
    path("ogc/collections", ogc.collections, name="collections"),
    path("ogc/collections/<str:id>", ogc.collection, name="collection"),
    path("ogc/collections/<str:id>/style.qml", ogc.style, name="style"),
    path("ogc/collections/<str:id>/items", ogc.items, name="items"),
    path("ogc/collections/<str:id>/items/<str:feature>", ogc.item, name="item"),
    path("ogc/<path:rest>", ogc.nothing, name="nothing"),
]
