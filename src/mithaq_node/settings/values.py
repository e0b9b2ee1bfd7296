"""Django's settings as a function of the node's: nothing else decides them."""

from pathlib import Path
from typing import Any

from mithaq.errors import Refusal
from mithaq_node.settings import logs
from mithaq_node.settings.node import Node

LANGUAGES = [("fa", "فارسی"), ("ar", "العربية"), ("ckb", "کوردی"), ("en", "English")]
"""In the languages' own names; direction comes from Django's catalogue, never from a list kept here."""

MOST_TYPED = 8 * 1024 * 1024
"""Bytes of a form that are still read, so that whoever pasted far too much is told so and finds it again."""

_HOURS = 3600


def django_settings(node: Node, session_key: str) -> dict[str, Any]:
    """Every setting of the web application of `node`; `session_key` signs its cookies."""
    party = node.party.lower()
    cookie = {"SECURE": node.https, "SAMESITE": "Strict", "HTTPONLY": True, "PATH": "/"}
    return {
        "NODE": node,
        "SECRET_KEY": session_key,
        "DEBUG": False,
        "LOGGING": logs.config(node.log_format),
        "ALLOWED_HOSTS": list(node.hosts),
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "mithaq_node.store",
            "mithaq_node.web",
            "mithaq_node.wiring",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "mithaq_node.wiring.policy.content_security_policy",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "mithaq_node.wiring.compressing.Compressing",
            "mithaq_node.wiring.sessions.Sessions",
            "django.middleware.locale.LocaleMiddleware",
            "mithaq_node.wiring.pacing.Paced",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "mithaq_node.wiring.sessions.over",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "mithaq_node.wiring.storage.Refused",
        ],
        "ROOT_URLCONF": "mithaq_node.wiring.urls",
        "WSGI_APPLICATION": "mithaq_node.wiring.wsgi.application",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "mithaq_node.web.preferences.context",
                        "mithaq_node.web.frame.context",
                    ],
                },
            }
        ],
        "DATABASES": {"default": database(node)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "store.Officer",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "LOGIN_URL": "accounts:signin",
        "CSRF_FAILURE_VIEW": "mithaq_node.web.unserved.expired",
        "LOGIN_REDIRECT_URL": "/",
        "LANGUAGE_CODE": node.language,
        "LANGUAGES": LANGUAGES,
        "LOCALE_PATHS": [str(Path(__file__).parent.parent / "web" / "locale")],
        "USE_I18N": True,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "STATIC_URL": "/static/",
        # The wheel carries the built files; they are served from where they were installed.
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        # A built file has its digest in its name.
        "WHITENOISE_IMMUTABLE_FILE_TEST": r"/built/[^/]+-[0-9A-Z]{8}\.[a-z0-9]+$",
        "SESSION_ENGINE": "mithaq_node.wiring.sessions",
        "SESSION_COOKIE_NAME": f"mithaq_{party}_{node.port}_session",
        "SESSION_COOKIE_AGE": 12 * _HOURS,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        **{f"SESSION_COOKIE_{name}": value for name, value in cookie.items()},
        "CSRF_COOKIE_NAME": f"mithaq_{party}_{node.port}_csrf",
        **{f"CSRF_COOKIE_{name}": value for name, value in cookie.items()},
        "LANGUAGE_COOKIE_NAME": f"mithaq_{party}_language",
        **{f"LANGUAGE_COOKIE_{name}": value for name, value in cookie.items()},
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "X_FRAME_OPTIONS": "DENY",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": MOST_TYPED,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if node.https else None,
        "SILENCED_SYSTEM_CHECKS": [],
    }


def database(node: Node) -> dict[str, Any]:
    """Django's description of the node's database, durable at every commit on either engine."""
    if node.database == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(node.sqlite),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-32000;"
                ),
            },
        }
    from psycopg.conninfo import conninfo_to_dict  # only where there is a PostgreSQL: it is long in loading

    try:
        named: dict[str, Any] = dict(conninfo_to_dict(node.database))
    except Exception as error:
        raise Refusal("settings.bad-value", name="database", value=str(error).strip()) from error
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        **{django: str(named.pop(ours)) for ours, django in known.items() if ours in named},
        "OPTIONS": named,
    }
