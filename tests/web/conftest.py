"""A portal with nothing but the web edge: enough to draw components, forms and error pages."""

from collections.abc import Iterator

import pytest
from flask import Flask

from config import Settings, load_settings
from portal.web.security import init_security_headers
from portal.web.templating import init_templating
from tests.test_config import SAFE


def settings_for_pages(environment: str = "development") -> Settings:
    """Settings of a council that has only pages."""
    return load_settings({**SAFE, "PORTAL_ENV": environment})


def make_edge(environment: str = "development") -> Flask:
    """An application of the web edge alone."""
    edge = Flask("portal", template_folder="../templates", static_folder=None)
    edge.config.update(SECRET_KEY="k" * 32, PORTAL=settings_for_pages(environment), WTF_CSRF_ENABLED=False)
    init_security_headers(edge)
    init_templating(edge)
    return edge


@pytest.fixture(scope="session")
def edge() -> Flask:
    """The web edge, shared by tests that only draw."""
    return make_edge()


@pytest.fixture
def page(edge: Flask) -> Iterator[None]:
    """A request under way, for what asks about it."""
    with edge.test_request_context("/"):
        yield
