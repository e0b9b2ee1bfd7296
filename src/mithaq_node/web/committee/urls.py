"""Addresses of the committee."""

from django.urls import path

from mithaq_node.web.committee import earlier_views, meeting_views, outlook_views, text_views, views

app_name = "committee"
urlpatterns = [
    path("committee/", views.board, name="board"),
    path("committee/now/", views.fragment, name="now"),
    path("committee/scores/", outlook_views.scores, name="scores"),
    path("committee/timeline/", outlook_views.timeline, name="timeline"),
    path("committee/articles/", outlook_views.articles, name="articles"),
    path("committee/commitments/<str:id>/", views.commitment, name="commitment"),
    path("committee/commitments/<str:id>/now/", views.commitment_fragment, name="commitment-now"),
    path("committee/earlier/<slug:sort>/", earlier_views.every, name="earlier"),
    path("committee/earlier/<slug:sort>/template/", earlier_views.template, name="earlier-template"),
    path("committee/earlier/<slug:sort>/table/", earlier_views.take_in, name="earlier-take-in"),
    path("committee/earlier/<slug:sort>/refused/", earlier_views.refused, name="earlier-refused"),
    path("committee/texts/", text_views.every, name="texts"),
    path("committee/texts/blank/", text_views.blank, name="blank-text"),
    path("committee/texts/begin/", text_views.begin, name="begin-text"),
    path("committee/texts/<spoken:number>/", text_views.one, name="text"),
    path("committee/texts/<spoken:number>/read/", text_views.read, name="read"),
    path("committee/texts/<spoken:number>/paper/", text_views.paper, name="paper"),
    path("committee/texts/<spoken:number>/case.zip", text_views.case, name="case"),
    path("committee/texts/<spoken:number>/docx/", text_views.docx, name="docx"),
    path("committee/texts/<spoken:number>/take-in/", text_views.take_in, name="take-in"),
    path("committee/texts/<spoken:number>/accept/", text_views.accept, name="accept"),
    path("committee/texts/<spoken:number>/forward/", text_views.put_forward, name="put-forward"),
    path("committee/meetings/", meeting_views.every, name="meetings"),
    path("committee/meetings/<spoken:number>/", meeting_views.one, name="meeting"),
    path("committee/meetings/<spoken:number>/invitation.ics", meeting_views.invitation, name="invitation"),
]
