"""How much one request may bring, before anything of it is parsed.

Werkzeug limits the parts of a form with files, and reads any other form whole, of whatever length: a few
megabytes of separators would become millions of fields. A number in an address is no larger than a row's.
"""

from functools import partial

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import IntegerConverter

LARGEST_TEXT = 2 * 1024 * 1024  # bytes: some 300,000 words
MOST_FIELDS = 1000
LARGEST_NUMBER = 2**63 - 1  # of a row; a larger one is nobody's, and the database would not read it


def init_limits(app: Flask) -> None:
    """Refuse what is too large or has too many fields. To be called before whatever reads forms.

    And before the first route, for the numbers in addresses.
    """
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_TEXT
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.url_map.converters["int"] = partial(IntegerConverter, max=LARGEST_NUMBER)
    app.before_request(_limit)


def _limit() -> None:
    if request.mimetype == "multipart/form-data":
        return
    request.max_content_length = min(LARGEST_TEXT, request.max_content_length or LARGEST_TEXT)
    if request.content_length and request.get_data().count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
