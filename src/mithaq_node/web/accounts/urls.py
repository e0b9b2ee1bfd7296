"""Addresses under a language: the door, the officer's own account, the auditor's list, and the reader's choices."""

from django.urls import path

from mithaq_node.web.accounts import audit, factors, views

app_name = "accounts"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signin/second/", views.second, name="second"),
    path("signin/passkey/", views.passkey, name="passkey"),
    path("signin/passkey/ask/", views.ask_passkey, name="ask_passkey"),
    path("signout/", views.signout, name="signout"),
    path("preferences/", views.keep_preferences, name="preferences"),
    path("account/", factors.show, name="show"),
    path("account/again/", factors.again, name="again"),
    path("account/codes/", factors.codes_of_generator, name="codes"),
    path("account/passkey/", factors.add_passkey, name="add_passkey"),
    path("account/passkey/ask/", factors.ask_new_passkey, name="ask_new_passkey"),
    path("account/paper/", factors.paper, name="paper"),
    path("account/remove/", factors.remove, name="remove"),
    path("accounts/reads/", audit.reads, name="reads"),
    path("accounts/events/", audit.events, name="events"),
]
