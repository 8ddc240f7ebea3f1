"""Who may do what: roles as a table of permissions (noun:verb), per kind of organisation.

Separation of duties starts here: nobody who recommends an outcome may approve one, and an evaluator may
neither see others' marks nor approve. What an organisation's state takes away is decided here, too, and
nowhere else: every route and every service asks an actor's permissions.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

# Whoever may sign for a school what it has checked may also decide, and sign, whom it chose from whom.
_CHOOSES = frozenset({"directory:search", "shortlist:read", "shortlist:keep", "referral:read", "check:sign"})
_SCHOOL = {
    "administrator": frozenset(
        {"organisation:manage", "directory:search", "shortlist:read", "referral:read"}
    ),
    "commissioner": frozenset(
        {
            "referral:send",
            "hours:keep",
            "block:buy",
            "child:read",
            "agreement:read",
            "agreement:write",
            "agreement:sign",
            *_CHOOSES,
        }
    ),
    "placement_coordinator": frozenset({"hours:keep", "child:read", "agreement:read", *_CHOOSES}),
    "safeguarding_lead": frozenset({"child:read", "child:log", "agreement:read", *_CHOOSES}),
}

ROLES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "provider": {
        "administrator": frozenset(
            {
                "application:edit",
                "application:certify",
                "application:submit",
                "evidence:edit",
                "profile:edit",
                "exclusion:declare",
                "service:edit",
                "standing:follow",
                "standing:answer",
                "block:answer",
                "referral:answer",
                "child:read",
                "agreement:read",
                "agreement:sign",
                "document:read",
                "organisation:manage",
            }
        ),
        "certifier": frozenset(
            {
                "application:edit",
                "application:certify",
                "application:submit",
                "standing:follow",
                "standing:answer",
                "block:answer",
                "evidence:edit",
                "profile:edit",
                "exclusion:declare",
                "agreement:read",
                "agreement:sign",
                "document:read",
            }
        ),
        "editor": frozenset(
            {
                "application:edit",
                "evidence:edit",
                "profile:edit",
                "service:edit",
                "standing:follow",
                "referral:answer",
                "child:read",
                "agreement:read",
                "document:read",
            }
        ),
    },
    "school": _SCHOOL,
    # What a trust's people may do where they act for the trust itself; in a school of theirs they have the
    # roles of that school.
    "school_group": {role: granted & {"organisation:manage"} for role, granted in _SCHOOL.items()},
    "council": {
        # Officers who place children themselves (SEND; Education Act 1996, section 19) do so as schools do.
        # Of what schools place they read nothing by this role.
        "commissioner": _SCHOOL["commissioner"],
        "administrator": frozenset(
            {
                "audit:read",
                "directory:search",
                "organisation:read",
                "organisation:check",
                "organisation:manage",
                "people:read",
                "people:manage",
                "settings:manage",
                "personal_data:manage",
            }
        ),
        "procurement_lead": frozenset(
            {
                "framework:manage",
                "block:buy",
                "round:open",
                "conformity:decide",
                "panel:manage",
                "evaluation:read",
                "outcome:recommend",
                "letter:release",
                "record:read",
                "record:disclose",
                "condition:meet",
                "challenge:manage",
                "report:read",
                "summary:write",
                "evidence:read",
                "standing:read",
                "standing:change",
                "share_code:verify",
                "document:read",
                "directory:search",
                "unmet_need:read",
                "placement:count",
                "audit:read",
            }
        ),
        "evaluator": frozenset({"tender:mark", "document:read"}),
        "moderator": frozenset({"tender:moderate", "summary:write", "evaluation:read", "document:read"}),
        "approver": frozenset(
            {
                "round:witness",
                "outcome:approve",
                "standing:read",
                "standing:decide",
                "report:read",
                "evaluation:read",
                "record:read",
                "document:read",
            }
        ),
        "quality_officer": frozenset(
            {
                "directory:search",
                "organisation:read",
                "evidence:read",
                "condition:meet",
                "service:check",
                "unmet_need:read",
                "standing:read",
                "standing:change",
                "hours:watch",
                "hours:decide",
                "placement:read",
                "placement:count",
            }
        ),
        "auditor": frozenset(
            {
                "hours:watch",
                "audit:read",
                "evaluation:read",
                "report:read",
                "record:read",
                "record:disclose",
                "directory:search",
                "organisation:read",
                "people:read",
                "standing:read",
                "placement:count",
            }
        ),
    },
}

ROLE_NAMES: Mapping[str, str] = {
    "administrator": "Administrator",
    "certifier": "Certifier",
    "editor": "Editor",
    "commissioner": "Commissioner",
    "placement_coordinator": "Placement coordinator",
    "safeguarding_lead": "Designated safeguarding lead",
    "procurement_lead": "Procurement lead",
    "evaluator": "Evaluator",
    "moderator": "Moderator",
    "approver": "Approver",
    "quality_officer": "Quality officer",
    "auditor": "Auditor",
}

# What each role is for, in the words of the page on which roles are given; by kind of organisation.
_SCHOOL_MEANINGS = {
    "administrator": "Invites colleagues, gives them their roles and lets them go.",
    "commissioner": "Finds providers, refers children, says who they are, signs placement agreements.",
    "placement_coordinator": "Finds providers, follows referrals and agreements, signs your own checks.",
    "safeguarding_lead": "Reads referrals, agreements, and who has read of a child; signs your own checks.",
}
ROLE_MEANINGS: Mapping[str, Mapping[str, str]] = {
    "provider": {
        "administrator": "Does everything, certifying and submitting included, and manages the people.",
        "certifier": "Writes applications, certifies and submits them, and signs placement agreements.",
        "editor": "Writes applications, keeps the directory entry and answers referrals. Submits nothing.",
    },
    "school": _SCHOOL_MEANINGS,
    "school_group": _SCHOOL_MEANINGS,
    "council": {
        "commissioner": "Places children for the council as a school does: refers, chooses, signs.",
        "administrator": "Checks organisations, manages people and roles, and sets how the portal looks.",
        "procurement_lead": "Runs rounds: publishes, opens the box, names the panel, recommends, releases.",
        "evaluator": "Marks the tenders that are assigned to them, and sees nobody else's marks.",
        "moderator": "Leads the panel to agreed marks.",
        "approver": "Approves or returns what others recommend: outcomes, and removals from the register.",
        "quality_officer": "Checks what providers show and say; suspends, reinstates; reads placements.",
        "auditor": "Reads everything and its trail, and changes nothing.",
    },
}

# Two of these in one person's hands would let a decision be made and checked by the same hand; and whoever
# audits has no part in what is audited.
INCOMPATIBLE = (
    frozenset({"evaluator", "approver"}),
    frozenset({"procurement_lead", "approver"}),
    *(frozenset({"auditor", role}) for role in ROLES["council"] if role != "auditor"),
)

ALL_PERMISSIONS = frozenset(
    permission for roles in ROLES.values() for granted in roles.values() for permission in granted
)

# The council's check: an organisation that has not passed it reaches nobody else, and nobody reaches it. A
# provider may all the same write and submit its tender, whatever the council thinks of it or has not yet
# found the time to think: tenderers are treated the same (Procurement Act 2023, section 12), and our own
# queue must keep no bidder out on the day of the deadline. It is admitted to nothing before it is checked.
_WITHOUT_CHECK: Mapping[str, frozenset[str]] = {
    "provider": frozenset(
        {
            "application:edit",
            "application:certify",
            "application:submit",
            "evidence:edit",
            "profile:edit",
            "exclusion:declare",
            "document:read",
            "organisation:manage",
        }
    ),
}


def permissions_of(kind: str, roles: Iterable[str], state: str = "checked") -> frozenset[str]:
    """All that these roles grant in an organisation of this kind and state. Unknown roles grant nothing."""
    granted = ROLES.get(kind, {})
    held: frozenset[str] = frozenset().union(*(granted.get(role, frozenset()) for role in roles))
    if state == "checked":
        return held
    return held & _WITHOUT_CHECK.get(kind, frozenset()) if state in ("waiting", "refused") else frozenset()


def clash(roles: Iterable[str]) -> tuple[str, str] | None:
    """The names of two of these roles that one person may not hold together, if there are any."""
    for one, other in combinations(sorted(set(roles)), 2):
        if frozenset({one, other}) in INCOMPATIBLE:
            return ROLE_NAMES[one], ROLE_NAMES[other]
    return None


def role_list(roles: Iterable[str]) -> str:
    """'Administrator, Editor': roles in words."""
    return ", ".join(ROLE_NAMES[role] for role in sorted(roles))
