"""Settings. Every value that differs between installations comes from the environment; the defaults run a trial."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import dj_database_url
import pghistory
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from kechuang.site import postgres
from kechuang.site.home import home

PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()
DEBUG = os.environ.get("KECHUANG_DEBUG", "") == "1"


def _secret_key() -> str:
    """The key from the environment, else one made once and kept beside the data, readable by its owner only."""
    if key := os.environ.get("KECHUANG_SECRET_KEY"):
        return key
    path = HOME / "secret_key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("KECHUANG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("KECHUANG_ORIGINS", "").split(",") if o]
PACK = os.environ.get("KECHUANG_PACK", "nanyang")

INSTALLED_APPS = [
    "kechuang.site.apps.SiteConfig",
    "kechuang.apps.supervision",
    "kechuang.apps.cultivation",
    "kechuang.apps.policy",
    "kechuang.apps.indicators",
    "kechuang.apps.directory",
    "kechuang.kit",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django.contrib.postgres",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "kechuang.site.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kechuang.site.urls"
WSGI_APPLICATION = "kechuang.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "kechuang.kit.context.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django.templatetags.i18n", "django_cotton.templatetags.cotton"],
        },
    }
]
COTTON_DIR = "cotton"
FORM_RENDERER = "kechuang.kit.forms.Renderer"

DATABASES = {
    "default": dj_database_url.parse(
        # Reading the settings starts nothing: the command line starts the embedded server and sets DATABASE_URL.
        os.environ.get("DATABASE_URL") or postgres.address(HOME) or "postgres:///kechuang",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workbench"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "kechuang.kit.accounts.LoginForm", "signup": "kechuang.kit.accounts.SignupForm"}
ACCOUNT_ADAPTER = "kechuang.apps.directory.interfaces.accounts.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Kechuang"
# A provincial single sign-on is configured by three variables; without them only local accounts exist.
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": os.environ.get("KECHUANG_OIDC_NAME", "SSO"),
                    "client_id": os.environ["KECHUANG_OIDC_CLIENT_ID"],
                    "secret": os.environ.get("KECHUANG_OIDC_SECRET", ""),
                    "settings": {"server_url": os.environ["KECHUANG_OIDC_SERVER"]},
                }
            ]
        }
    }
    if "KECHUANG_OIDC_CLIENT_ID" in os.environ and "KECHUANG_OIDC_SERVER" in os.environ
    else {}
)
# Wrong passwords are counted by axes, per person and address, so that one rule and one message hold.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
AXES_LOCKOUT_TEMPLATE = "site/locked.html"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "site" / "locale", PACKAGE / "kit" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = ["kechuang.kit.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
STORAGES = {
    "default": {
        "BACKEND": os.environ.get("KECHUANG_STORAGE", "django.core.files.storage.FileSystemStorage"),
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
KECHUANG_UPLOAD_LIMIT = int(os.environ.get("KECHUANG_UPLOAD_LIMIT", str(20 * 1024 * 1024)))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kechuang.site.views.errors.csrf_failure"
if os.environ.get("KECHUANG_HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000

EMAIL_BACKEND = os.environ.get("KECHUANG_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_HOST = os.environ.get("KECHUANG_EMAIL_HOST", "localhost")
# Where people reach the platform: links in e-mails begin with it.
# How many invented enterprises the demonstration has beside those that tell its story.
KECHUANG_DEMO_ENTERPRISES = int(os.environ.get("KECHUANG_DEMO_ENTERPRISES", "6000"))
KECHUANG_URL = os.environ.get("KECHUANG_URL", "http://localhost:8000").rstrip("/")
DEFAULT_FROM_EMAIL = os.environ.get("KECHUANG_EMAIL_FROM", "kechuang@localhost")

PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {request_id} {name}: {message}", "style": "{"}},
    "filters": {"request_id": {"()": "kechuang.site.middleware.RequestIdFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("KECHUANG_LOG", "WARNING")},
}
