"""A password must be long and hard to guess, and need not look like anything."""

import pytest

from portal.accounts.credentials import PasswordTooWeak, check_password


@pytest.mark.parametrize(
    "password",
    ["three random words", "long enough to do", "correct horse battery", "ab" + "é" * 3 + "kqzwvx"],
)
def test_a_long_password_of_any_composition_will_do(password):
    check_password(
        password.ljust(12, "§"), "Robin Example", "robin@riverside.example.org", "Riverside Workshop"
    )


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "at least 12 characters"),
        ("password1234", "easy to guess"),
        ("qwertyuiop123", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("RobinExample1!", "your name, email address or organisation"),
        ("riverside-workshop-2026", "your name, email address or organisation"),
        ("Robin@riverside.example", "your name, email address or organisation"),
        ("alternative provision", "your name, email address or organisation"),
        ("x" * 257, "at most 256"),
    ],
)
def test_a_password_that_is_quickly_guessed_is_refused_with_what_to_do(password, sentence):
    with pytest.raises(PasswordTooWeak, match=sentence):
        check_password(password, "Robin Example", "robin@riverside.example.org", "Riverside Workshop")
