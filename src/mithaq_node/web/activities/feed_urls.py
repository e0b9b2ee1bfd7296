"""The addresses at which programs read calendars; they stand under no language."""

from django.urls import path

from mithaq_node.web.activities import feed
from mithaq_node.web.committee import deadlines

urlpatterns = [
    path("feeds/activities.ics", feed.calendar, name="activities_feed"),
    path("feeds/calendar.ics", deadlines.calendar, name="calendar_feed"),
]
