"""What the council's administrator does with every organisation and person."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import everybody
from tests.architecture.access.things import thing

NOUN = Noun(
    things=(
        thing("person", "person", ("",), state="''", owners={"person": "id"}, person_id="id"),
        thing("colours", "(SELECT) AS one", ("",), state="''", owners={}, colours="'5c0b3f-none'"),
        thing(
            "logo",
            "settings_version WHERE logo_sha256 <> ''",
            ("",),
            state="''",
            owners={},
            sha256="logo_sha256",
        ),
    ),
    shared={
        **dict.fromkeys(
            (
                "administration.organisation",
                "administration.check",
                "administration.refuse",
                "administration.deactivate",
                "administration.reactivate",
                "administration.invite",
            ),
            (everybody, "The council checks every organisation before anybody deals with it."),
        ),
        **dict.fromkeys(
            (
                "administration.person",
                "administration.deactivate_account",
                "administration.reactivate_account",
            ),
            (everybody, "The council's administrator closes an account wherever its person belongs."),
        ),
        **dict.fromkeys(
            ("settings.colours", "settings.logo_picture"),
            (everybody, "The council's colours and logo are on every page."),
        ),
    },
    only_while={
        "administration.check": frozenset({"refused", "waiting"}),
        "administration.refuse": frozenset({"waiting"}),
        "administration.deactivate": frozenset({"checked"}),
        "administration.reactivate": frozenset({"deactivated"}),
    },
)
