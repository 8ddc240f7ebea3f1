"""The page checks notice what they are for."""

import pytest

from tests.architecture.pages import problems_of

GOOD = """<!DOCTYPE html><html lang="en"><head><title>Rounds – Portal</title></head><body><main>
<h1>Rounds</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="a">A</label><input id="a" name="a"></form>
</main></body></html>"""


def test_a_good_page_has_no_problem():
    assert problems_of(GOOD) == []


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (("<h1>Rounds</h1>", ""), "0 h1"),
        (("<h1>Rounds</h1>", "<h1>Rounds</h1><h1>Again</h1>"), "2 h1"),
        (("Rounds – Portal", "Portal"), "title"),
        (("<main>", '<main><p id="a">'), "stands 2 times"),
        (('for="a"', 'for="b"'), "which is not on the page"),
        (('<label for="a">A</label>', ""), "has no label"),
        (("<main>", '<main><p style="color:red">x</p>'), "inline style"),
        (("<main>", '<main><p onclick="x()">x</p>'), "inline handler"),
        (("<main>", "<main><script>x()</script>"), "without a nonce"),
        (('<input type="hidden" name="csrf_token" value="x">', ""), "carries no token"),
        (("<main>", "<main><table><p>x</p></table>"), "not valid HTML"),
        (("<main>", '<main><p class="govuk-error-message">x</p>'), "no error summary"),
        (("<main>", '<main><div class="govuk-error-summary"><a href="#z">x</a></div>'), "leads to 'z'"),
        (("<main>", '<main><img src="x">'), "has no alt"),
    ],
)
def test_a_damaged_page_is_noticed(damage, sentence):
    assert sentence in " ".join(problems_of(GOOD.replace(*damage)))


def test_a_link_that_leads_nowhere_is_noticed(app):
    page = GOOD.replace("<main>", '<main><a href="/nowhere-at-all">x</a>')
    assert "is not there" in " ".join(problems_of(page, app))
