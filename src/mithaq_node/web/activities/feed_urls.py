"""The address at which programs read the calendar; it stands under no language."""

from django.urls import path

from mithaq_node.web.activities import feed

urlpatterns = [path("feeds/activities.ics", feed.calendar, name="activities_feed")]
