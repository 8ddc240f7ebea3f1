"""One evaluation a file, built once."""

from tests.built import Build, build, connection, session  # noqa: F401 - fixtures, and the type of one
