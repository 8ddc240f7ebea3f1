"""The portal as the demonstration runs it: the same application, with a page that shows its mail."""

from flask import Flask

from config import ConfigurationError, Settings, load_settings
from portal.app import create_app
from portal.development.mailbox_views import bp as mailbox


def create_demonstration(settings: Settings | None = None) -> Flask:
    """The application with the mailbox page. Raises `ConfigurationError` in production."""
    settings = settings or load_settings()
    if settings.production:
        raise ConfigurationError(
            "The demonstration's mailbox shows letters to anyone. It never runs in production."
        )
    return create_app(settings, further=[mailbox])
