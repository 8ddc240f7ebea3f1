"""Who is answered what, once the gate has let them through: whose a thing is, and in which state it is whose.

Each rule is a function of a case. A route without a rule of its own has that of the thing its address names
(`OF_THINGS`); `OF_ROUTES` are the others. What is meant to be read across organisations stands in `SHARED`,
each with its reason, and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.architecture.access.cast import HALF_IN, PERSON, STRANGER, Viewer
from tests.architecture.access.things import OPENED

YES, NOT_NOW, NOT_FOUND = "yes", "not now", "not found"
FORBIDDEN, SIGN_IN = "forbidden", "sign in"
OWN, ANOTHERS, NOBODYS = "own", "another's", ""


@dataclass(frozen=True)
class Case:
    """A viewer whom the gate has let through to a thing in a state, by GET or by a method that changes."""

    viewer: Viewer
    whose: str
    state: str
    changes: bool

    @property
    def own(self) -> bool:
        """Whether it is theirs, or their organisation's."""
        return self.whose == OWN

    def may(self, *permissions: str) -> bool:
        """Whether the viewer holds any of these permissions."""
        return bool(self.viewer.permissions & set(permissions))


Rule = Callable[[Case], str]


def _shown(visible: bool) -> str:
    return YES if visible else NOT_FOUND


def everybody(case: Case) -> str:
    """Whoever passes the gate."""
    return YES


def owner(case: Case) -> str:
    """Its own organisation's people, in every state."""
    return _shown(case.own)


def published(case: Case) -> str:
    """Everybody, once the round is published."""
    return _shown(case.state != "draft")


def published_or_own(case: Case) -> str:
    """Everybody once the round is published; before that whoever prepares it."""
    return _shown(case.state != "draft" or (case.own and case.may("framework:manage")))


def council_round(case: Case) -> str:
    """The council's whose round it is; a draft is for those who prepare rounds."""
    return _shown(case.own and (case.state != "draft" or case.may("framework:manage")))


def judged_round(case: Case) -> str:
    """The round's council, and only after the tender box was opened."""
    return _shown(case.own and case.state.split()[0] in OPENED)


def marked_round(case: Case) -> str:
    """The round's council, and only once its panel marks."""
    return _shown(case.own and case.state.split()[0] in OPENED[1:])


def released_round(case: Case) -> str:
    """The round's council, once its letters are out."""
    return _shown(case.own and case.state == "released")


def judged_tender(case: Case) -> str:
    """A submitted tender, for the round's council, and only after the tender box was opened."""
    return judged_round(case)


def application(case: Case) -> str:
    """Its provider's people always; its round's council when it was submitted and the box is open."""
    if case.viewer.kind == "provider":
        return owner(case)
    return judged_tender(case)


def receipt(case: Case) -> str:
    """As the application, where it was ever submitted."""
    return application(case) if "submitted" in case.state else NOT_FOUND


def promise(case: Case) -> str:
    """Its provider's people, while it can still be changed."""
    return _shown(case.own and case.state == "open draft")


def delivery(case: Case) -> str:
    """Its provider's people, once it is submitted."""
    return _shown(case.own and "submitted" in case.state)


def assignment(case: Case) -> str:
    """The evaluator to whom it was given, and no colleague."""
    return _shown(case.viewer is PERSON)


def answer_to_mark(case: Case) -> str:
    """That evaluator, once they have declared that they have no conflict."""
    return _shown(case.viewer is PERSON and case.state in ("accepted", "locked"))


def returnable(case: Case) -> str:
    """Whoever runs the round, and the moderators of its own panel; once the tender is locked."""
    return _shown(case.own and case.state == "locked" and case.may("panel:manage"))


def released_section(case: Case) -> str:
    """That evaluator, where the section was released to them; here none was."""
    return NOT_FOUND


def answer_to_agree_on(case: Case) -> str:
    """The round's council, when everybody who marks the tender has locked."""
    return _shown(case.own and case.state == "complete")


def disclosure(case: Case) -> str:
    """The round's council, by those who may disclose."""
    return _shown(case.own and case.may("record:disclose"))


def conflicts_assessment(case: Case) -> str:
    """The council reads assessments of conflicts; whoever prepares the round writes them."""
    if case.changes and not case.may("framework:manage"):
        return NOT_FOUND
    return council_round(case)


def outcome_letter(case: Case) -> str:
    """Its provider's people, once the letters are out."""
    return _shown(case.own and case.state == "released submitted")


def tender_document(case: Case) -> str:
    """Who reads the application; an evaluator reads documents in the marking room alone."""
    if case.viewer.kind == "council" and not case.may(
        "evaluation:read", "conformity:decide", "tender:moderate"
    ):
        return NOT_FOUND
    return application(case)


def service_entry(case: Case) -> str:
    """Everybody who may search while it stands; its provider and auditors always."""
    mine = case.own and case.may("service:edit")
    searches = case.state == "admitted" and case.may("directory:search")
    return _shown(mine or searches or case.may("audit:read"))


def service_to_refer_to(case: Case) -> str:
    """Every school, while it stands."""
    return _shown(case.state == "admitted")


def managed(case: Case) -> str:
    """Its organisation's administrators, and the council's for every organisation."""
    return _shown(case.may("people:manage") or (case.own and case.may("organisation:manage")))


def known_provider(case: Case) -> str:
    """The council with which it is admitted, or whose opened round it applied to."""
    return _shown(case.own and case.state in ("admitted", "applied, opened"))


def joinable(case: Case) -> str:
    """Everybody, but for an organisation that is closed, or a council."""
    return _shown(case.state != "deactivated")


def person(case: Case) -> str:
    """That very person."""
    return _shown(case.viewer is PERSON)


def member_of_something(case: Case) -> str:
    """Whoever acts for an organisation."""
    return _shown(bool(case.viewer.kind))


def one_of_ones_own(case: Case) -> str:
    """The page for everybody; what its form names must be one's own, and an empty form names nothing."""
    return NOT_FOUND if case.changes else YES


def second_factors(case: Case) -> str:
    """Whoever is signed in; a page of the way in sends others there by itself, and a new address its owner to
    the letter."""
    if case.viewer in (STRANGER, HALF_IN):
        return SIGN_IN
    return YES if case.viewer.confirmed else NOT_NOW


def own_passkey(case: Case) -> str:
    """As every second factor, and that very person alone."""
    answer = second_factors(case)
    return person(case) if answer == YES else answer


OF_THINGS: Mapping[str, Rule] = {
    "nothing": everybody,
    "round": council_round,
    "framework": owner,
    "lot of a framework": owner,
    "question of a pack": council_round,
    "section of a pack": council_round,
    "kind of question": council_round,
    "scale of a pack": council_round,
    "paper": owner,
    "opening of the box": council_round,
    "application": owner,
    "document of an application": owner,
    "answer": owner,
    "answer for a lot": owner,
    "file asked for": owner,
    "file asked for a lot": owner,
    "promised file": owner,
    "promised file for a lot": owner,
    "file on its way": owner,
    "file on its way to an answer": owner,
    "file on its way to an answer for a lot": owner,
    "tender": judged_tender,
    "tender for a lot": judged_tender,
    "price": judged_tender,
    "condition of a tender": judged_round,
    "assignment": assignment,
    "assignment of a colleague": returnable,
    "declared conflict": owner,
    "part of a panel": council_round,
    "scored question": council_round,
    "practice": assignment,
    "answer to practise on": assignment,
    "interest": person,
    "answer to mark": answer_to_mark,
    "document to mark": answer_to_mark,
    "answer to agree on": answer_to_agree_on,
    "decision": owner,
    "question to a tenderer": owner,
    "document of a tenderer's answer": owner,
    "meeting of a panel": owner,
    "challenge": owner,
    "condition of an admission": owner,
    "record of an evaluation": owner,
    "disclosure of an evaluation": disclosure,
    "table of an evaluation": judged_round,
    "clarification": owner,
    "service": owner,
    "referral": owner,
    "standing": owner,
    "change of a standing": owner,
    "document that a lot asks for": owner,
    "lot of a register": owner,
    "evidence": owner,
    "version of evidence": owner,
    "connected person": owner,
    "exclusion ground": owner,
    "share code": known_provider,
    "kept form": person,
    "passkey": own_passkey,
}
"""The rule of a thing, for every route whose address names it and that has no rule of its own."""

OF_ROUTES: Mapping[str, Rule] = {
    **dict.fromkeys(("applications.show", "applications.read"), application),
    **dict.fromkeys(("applications.receipt", "receipts.pdf"), receipt),
    "applications.document": tender_document,
    **dict.fromkeys(("released.show", "released.document"), released_section),
    "promises.promise": promise,
    **dict.fromkeys(("promises.show", "promises.begin"), delivery),
    "release.letter": outcome_letter,
    **dict.fromkeys(("reports.awards", "reports.awards_json"), released_round),
    **dict.fromkeys(
        (
            "summaries.index",
            "summaries.draft",
            "summaries.offer_all",
            "summaries.approve_all",
            "summaries.show",
            "summaries.save",
            "summaries.approve",
            "summaries.send_back",
        ),
        marked_round,
    ),
    "conflicts.show": conflicts_assessment,
    **dict.fromkeys(
        (
            "outcomes.results",
            "outcomes.compute",
            "outcomes.decisions",
            "outcomes.recommend_all",
            "panels.proposal",
            "panels.apply",
            "release.letters",
            "release.read",
            "release.stage",
            "release.cancel",
            "release.write_missing",
            "reports.report",
            "challenges.index",
            "challenges.record",
            "records.index",
            "records.ask",
            "sensitivity.show",
            "prices.show",
        ),
        judged_round,
    ),
    **dict.fromkeys(("organisations.act_for", "outcomes.approve_all"), one_of_ones_own),
    "organisations.show": member_of_something,
    "scoring.autosave": assignment,
    "organisations.leave": member_of_something,
    "organisations.ask_again": member_of_something,
    "organisations.asked": person,
    "organisations.own_invitation": person,
    **dict.fromkeys(
        (
            "factors.add_passkey",
            "factors.app",
            "factors.choose",
            "factors.passkey_options",
            "factors.recovery_codes",
            "factors.remove_app",
            "factors.show_passkeys",
        ),
        second_factors,
    ),
}

SHARED: Mapping[str, tuple[Rule, str]] = {
    **dict.fromkeys(
        ("opportunities.show", "self_check.show", "pack_versions.show"),
        (published, "A tender notice is for everybody (Procurement Act 2023, section 21)."),
    ),
    "round_documents.download": (
        published_or_own,
        "The papers of a tender are for everybody, as its notice is.",
    ),
    **dict.fromkeys(
        ("applications.apply", "clarifications.ask", "followers.follow"),
        (published, "Every provider may apply to a published round, ask about it and follow it."),
    ),
    "followers.unfollow": (everybody, "Whoever hears of no round any more has nothing taken from them."),
    "directory.show": (
        service_entry,
        "The register is what schools choose from, and auditors read all of it.",
    ),
    **dict.fromkeys(
        ("commissioning.refer", "commissioning.check", "commissioning.change"),
        (service_to_refer_to, "A school refers a child to any provider that stands in the register."),
    ),
    **dict.fromkeys(
        ("school_checks.show", "school_checks.sign"),
        (service_to_refer_to, "A school checks any provider that it might send a child to."),
    ),
    "commissioning.send": (everybody, "As above; of a service that has just gone the page says so."),
    "providers.show": (
        known_provider,
        "The council reads what those it judges and admits say of themselves.",
    ),
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
        ("administration.person", "administration.deactivate_account", "administration.reactivate_account"),
        (everybody, "The council's administrator closes an account wherever its person belongs."),
    ),
    **dict.fromkeys(
        (
            "organisations.member",
            "organisations.suspend",
            "organisations.restore",
            "organisations.remove",
            "organisations.request_to_join",
            "organisations.approve",
            "organisations.decline",
            "organisations.send_again",
            "organisations.revoke",
        ),
        (managed, "The council's administrator helps where an organisation has nobody left who could."),
    ),
    "organisations.join": (joinable, "Whoever looks for their organisation may ask to join it."),
    "organisations.invitation": (everybody, "Whoever holds the letter is the one whom it invites."),
    "personal_data.lift_hold": (everybody, "A legal hold is the council's, whomever it is about."),
    **dict.fromkeys(
        ("settings.colours", "settings.logo_picture"),
        (everybody, "The council's colours and logo are on every page."),
    ),
}
"""What is read or done across organisations on purpose: the rule, and why."""

_DRAFT = frozenset({"open draft"})
_AMENDABLE = frozenset({"open"})
_PREPARED = frozenset({"draft"})
_PACK = (
    "rounds.edit",
    "packs.weights",
    "packs.copy",
    "pack_files.choose",
    "pack_files.check",
    "pack_questions.choose",
    "pack_questions.add",
    "pack_questions.show",
    "pack_questions.remove",
    "pack_structure.add_section",
    "pack_structure.section",
    "pack_structure.add_scale",
    "pack_structure.scale",
)
_AMENDMENTS = (
    "amendments.show",
    "amendments.question",
    "amendments.choose",
    "amendments.add",
    "amendments.publish",
)

DRAWN_WHILE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PACK, _PREPARED),
    **dict.fromkeys(_AMENDMENTS, _AMENDABLE),
    **dict.fromkeys(("records.table", "reports.report"), frozenset({"decided", "released"})),
}
"""Pages that are there in some states of a thing only; in others a sentence says why not."""

ONLY_WHILE: Mapping[str, frozenset[str]] = {
    **DRAWN_WHILE,
    **dict.fromkeys(
        (
            "answers.save",
            "answers.confirm",
            "answer_versions.save",
            "applications.lots",
            "applications.ask",
            "applications.certify",
            "applications.submit",
            "promises.take_back",
            "uploads.begin",
            "uploads.finish",
            "uploads.cancel",
        ),
        _DRAFT,
    ),
    "applications.withdraw": frozenset({"open submitted"}),
    "applications.carry": frozenset({"closed draft", "released submitted"}),
    "applications.apply": frozenset({"open"}),
    **dict.fromkeys(("amendments.withdraw", "amendments.restore", "amendments.discard"), _AMENDABLE),
    **dict.fromkeys(
        (
            "pack_files.discard",
            "pack_questions.move",
            "pack_questions.duplicate",
            "pack_structure.move_section",
            "pack_structure.remove_section",
            "pack_structure.remove_scale",
            "rounds.publish",
            "intakes.plan",
            "round_documents.remove",
        ),
        _PREPARED,
    ),
    **dict.fromkeys(("rounds.open_box", "rounds.confirm_opening"), frozenset({"closed"})),
    "deadline.extend": frozenset({"open", "closed"}),
    **dict.fromkeys(
        ("conformity.run", "conformity.start_marking", "conformity.decide"), frozenset({"opened"})
    ),
    "assignments.assign": frozenset({"marking"}),
    "outcomes.compute": frozenset({"marking"}),
    "outcomes.recommend_all": frozenset({"marking"}),
    **dict.fromkeys(
        ("release.stage", "release.cancel", "release.read", "release.write_missing"), frozenset({"decided"})
    ),
    **dict.fromkeys(("outcomes.approve", "outcomes.send_back"), frozenset({"recommended"})),
    "outcomes.save_recommendation": frozenset({"marking submitted"}),
    **dict.fromkeys(("assignments.declare", "assignments.decline"), frozenset({"assigned", "accepted"})),
    **dict.fromkeys(("scoring.mark", "scoring.autosave", "scoring.lock"), frozenset({"accepted"})),
    **dict.fromkeys(("inquiries.answer", "inquiries.withdraw"), frozenset({"asked"})),
    "challenges.answer": frozenset({"open"}),
    "conditions.meet": frozenset({"open"}),
    "records.again": frozenset({"failed"}),
    "inquiries.show": frozenset({"answered"}),
    "standings.decide": frozenset({"proposed"}),
    **dict.fromkeys(("clarifications.answer", "clarifications.withdraw"), frozenset({"waiting"})),
    **dict.fromkeys(
        ("commissioning.accept", "commissioning.decline", "commissioning.withdraw"), frozenset({"sent"})
    ),
    "administration.check": frozenset({"waiting", "refused"}),
    "administration.refuse": frozenset({"waiting"}),
    "administration.deactivate": frozenset({"checked"}),
    "administration.reactivate": frozenset({"deactivated"}),
    "organisations.suspend": frozenset({"active"}),
    "organisations.restore": frozenset({"suspended"}),
}
"""In which states of a thing something can be done with it; in others nothing is changed. (The moves of every
noun, from every state, are in tests/architecture/test_lifecycles.py.)"""
