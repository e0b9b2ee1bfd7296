"""Addresses of filing."""

from django.urls import path

from mithaq_node.web.filing import views

app_name = "filing"
urlpatterns = [
    path("filing/", views.choose, name="choose"),
    path("filing/draft/<slug:draft_id>/", views.draft, name="draft"),
    path("filing/draft/<slug:draft_id>/edit/", views.edit, name="edit"),
    path("filing/draft/<slug:draft_id>/file/", views.file, name="file"),
    path("filing/draft/<slug:draft_id>/drop/", views.drop, name="drop"),
    path("filing/<str:kind>/", views.new, name="new"),
]
