"""Every address of the desk. Officers' pages stand under their language; the rest has none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from mithaq_node.web.accounts import views
from mithaq_node.wiring import monitoring

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.metrics, name="metrics"),
    path("", include("mithaq_node.web.accounts.demo_urls")),
    path("", include("mithaq_node.web.public.urls")),
    path("", include("mithaq_node.web.activities.feed_urls")),
    path("", include("mithaq_node.api.urls")),
    path("", include("mithaq_node.api.ogc_urls")),
    path("", include("mithaq_node.api.rest_urls")),
    *i18n_patterns(
        path("", include("mithaq_node.web.accounts.urls")),
        path("", include("mithaq_node.web.instrument.urls")),
        path("", include("mithaq_node.web.watch.urls")),
        path("", include("mithaq_node.web.shift.urls")),
        path("", include("mithaq_node.web.filing.urls")),
        path("", include("mithaq_node.web.release.urls")),
        path("", include("mithaq_node.web.incidents.urls")),
        path("", include("mithaq_node.web.pairs.urls")),
        path("", include("mithaq_node.web.gathering.urls")),
        path("", include("mithaq_node.web.crossings.urls")),
        path("", include("mithaq_node.web.flows.urls")),
        path("", include("mithaq_node.web.corridors.urls")),
        path("", include("mithaq_node.web.compliance.urls")),
        path("", include("mithaq_node.web.committee.urls")),
        path("", include("mithaq_node.web.papers.urls")),
        path("", include("mithaq_node.web.activities.urls")),
        path("", include("mithaq_node.web.inside.urls")),
        path("", include("mithaq_node.web.desks.urls")),
        path("", include("mithaq_node.web.record.urls")),
        path("", include("mithaq_node.web.report.urls")),
        path("", include("mithaq_node.web.help.urls")),
        path("", include("mithaq_node.web.words.urls")),
    ),
]

handler400 = "mithaq_node.web.unserved.unreadable"
handler403 = "mithaq_node.web.unserved.forbidden"
handler404 = "mithaq_node.web.unserved.not_found"
handler500 = "mithaq_node.web.unserved.failed"
