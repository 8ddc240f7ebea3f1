"""The actor: a person acting for one organisation, with what that organisation lets them do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who does a thing. Services take one as `by`; queries take one as `viewer`.

    `through` names the trust by whose membership a person acts for one of its schools. `choices` are the
    organisations (id, name) for which this person may act.
    """

    person_id: int | None
    name: str
    email: str = ""
    organisation_id: int | None = None
    organisation_kind: str = ""
    organisation_name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    confirmed: bool = True
    organisation_state: str = "checked"
    through: str = ""
    choices: tuple[tuple[int, str], ...] = ()

    def may(self, *permissions: str) -> bool:
        """Whether any of these permissions is theirs."""
        return any(permission in self.permissions for permission in permissions)

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.person_id is not None

    @property
    def ours(self) -> str:
        """What who commissions calls the organisation for which they do: 'your school', 'your council'."""
        return "council" if self.organisation_kind == "council" and self.may("referral:read") else "school"

    @property
    def signature(self) -> str:
        """How the trail names whoever did it: of a trust's person, the trust and the school as well."""
        if not self.through:
            return self.name
        return f"{self.name} ({self.through}, for {self.organisation_name})"


ANYONE = Actor(None, "Anyone")
THE_PORTAL = Actor(None, "The portal")
