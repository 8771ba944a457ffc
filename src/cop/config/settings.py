"""Django's settings, from the observatory in `COP_OBSERVATORY` (an absolute path; without it a database in memory)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from cop.config.logs import LOGGING  # noqa: F401 - a setting
from cop.config.observatory import Coding, Desk, read_observatory
from cop.config.secret import secret_of

_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # not trusted_schema=OFF: SQLite 3.40 then refuses json_valid() in the CHECK of every JSON column
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON",
}


def database(address: str, folder: Path) -> dict[str, Any]:
    """A database by its address: `postgresql://...`, or the path of a SQLite file from the observatory's folder."""
    if "://" in address:
        return {**dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True)}
    engine = "django.db.backends.sqlite3"
    return {"ENGINE": engine, "NAME": folder / address, "OPTIONS": _SQLITE, "CONN_MAX_AGE": 60}


_FOLDER = os.environ.get("COP_OBSERVATORY")
_OBSERVATORY = read_observatory(Path(_FOLDER)) if _FOLDER else None
OBSERVATORY = _OBSERVATORY  # None without a folder
FOLDER = Path(_FOLDER) if _FOLDER else None
DESK = _OBSERVATORY.desk if _OBSERVATORY else Desk()
CODING = _OBSERVATORY.coding if _OBSERVATORY else Coding()

DATABASES = {
    "default": database(_OBSERVATORY.vault.database, Path(_FOLDER))
    if _OBSERVATORY and _FOLDER
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}
INSTALLED_APPS = [
    "cop.vault.registers",
    "cop.vault.members",
    "cop.vault.reports",
    "cop.vault.coding",
    "cop.vault.cases",
    "cop.vault.library",
    "cop.vault.providers",
    "cop.vault.release",
    "cop.desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
MIDDLEWARE = [
    "cop.desk.requests.Requests",
    "cop.desk.middleware.Addresses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cop.desk.middleware.Languages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "cop.desk.unlocking.Locking",
    "cop.desk.middleware.Actors",
    "cop.desk.middleware.Problems",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cop.desk.context.page",
            ]
        },
    }
]
ROOT_URLCONF = "cop.config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "members.Person"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [(code, code) for code in ("ar", "zh-hans", "en", "fr", "ru", "es")]  # as Django spells them
FORMAT_MODULE_PATH = "cop.desk.formats"
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "desk" / "locale"]

SECRET_KEY = secret_of(Path(_FOLDER) if _FOLDER else None)
DEBUG = False
ALLOWED_HOSTS = list(DESK.hosts)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in DESK.hosts if host != "*"] if DESK.https else []

SECURE_SSL_REDIRECT = DESK.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DESK.https else None
SECURE_HSTS_SECONDS = 31_536_000 if DESK.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = DESK.https
SECURE_REFERRER_POLICY = "same-origin"  # with "no-referrer" browsers say of our own forms that they come from nowhere
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = DESK.https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * DESK.body_kilobytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS: list[str] = []  # no file is ever taken through a form of reports

STATIC_URL = "/desk/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/desk/account/login/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

ACCOUNT_ADAPTER = "cop.desk.accounts.Accounts"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# of one account few, so that it cannot be guessed; of one address many, so that nobody locks a whole office out
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,10/5m/key"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "cop.desk.accounts.SecondFactor"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever holds the invitation's link is who was invited
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not DESK.https
MFA_TOTP_ISSUER = _OBSERVATORY.observatory.title if _OBSERVATORY else "COP Observatory"
USERSESSIONS_TRACK_ACTIVITY = False

# limits of sign-in survive a restart because they are kept in the vault
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "desk_cache"}}
SILENCED_SYSTEM_CHECKS: list[str] = []
