"""Addresses of filing."""

from django.urls import path

from mithaq_node.web.filing import template_views, views

app_name = "filing"
urlpatterns = [
    path("filing/", views.choose, name="choose"),
    path("filing/draft/<slug:draft_id>/", views.draft, name="draft"),
    path("filing/draft/<slug:draft_id>/<slug:field>.jpg", views.picture, name="picture"),
    path("filing/draft/<slug:draft_id>/edit/", views.edit, name="edit"),
    path("filing/draft/<slug:draft_id>/file/", views.file, name="file"),
    path("filing/draft/<slug:draft_id>/recall/", views.recall, name="recall"),
    path("filing/draft/<slug:draft_id>/drop/", views.drop, name="drop"),
    path("filing/templates/", template_views.show, name="templates"),
    path("filing/templates/<int:template_id>/rename/", template_views.rename, name="rename_template"),
    path("filing/templates/<int:template_id>/drop/", template_views.drop, name="drop_template"),
    path("filing/<str:kind>/<slug:field>/instant/", views.instant, name="instant"),
    path("filing/<str:kind>/", views.new, name="new"),
]
