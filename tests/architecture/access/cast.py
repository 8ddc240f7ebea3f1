"""Who asks: every role of the table of permissions, and everybody whom it grants less or nothing."""

from dataclasses import dataclass

from portal.accounts.gate import UNCONFIRMED_MAY
from portal.accounts.permissions import ROLES, permissions_of


@dataclass(frozen=True)
class Viewer:
    """Somebody before the gate. Without a `kind` they belong to no organisation."""

    name: str
    kind: str = ""
    role: str = ""
    standing: str = "checked"
    confirmed: bool = True
    signed_in: bool = True

    @property
    def permissions(self) -> frozenset[str]:
        """What the table grants, less what an organisation's standing or an unconfirmed address takes."""
        held = permissions_of(self.kind, [self.role], self.standing)
        return held if self.confirmed else held & UNCONFIRMED_MAY

    @property
    def ordinary(self) -> bool:
        """Whether they hold a role in an organisation that nothing is the matter with."""
        return bool(self.kind) and self.standing == "checked" and self.confirmed and self.signed_in


STRANGER = Viewer("signed out", signed_in=False)
HALF_IN = Viewer("staff before their second step", "council", "evaluator", signed_in=False)
PERSON = Viewer("that very person")
VIEWERS = (
    STRANGER,
    HALF_IN,
    Viewer("member of nothing"),
    *(
        Viewer(f"{kind.replace('school_group', 'trust')} {role.replace('_', ' ')}", kind, role)
        for kind, roles in ROLES.items()
        for role in roles
    ),
    *(
        Viewer(f"{standing} {kind} administrator", kind, "administrator", standing)
        for kind in ("provider", "school")
        for standing in ("waiting", "refused", "deactivated")
    ),
    Viewer("unconfirmed provider administrator", "provider", "administrator", confirmed=False),
)
