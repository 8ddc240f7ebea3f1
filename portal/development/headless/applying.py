"""Step 3: two providers apply and submit, a third is too late, and nobody at the council reads a word."""

from __future__ import annotations

import hashlib
import json
import re
import time

from portal import clock
from portal.development.headless.checks import Failed, check, check_equal
from portal.development.headless.client import Page, Upload, Visitor
from portal.development.headless.forms import Value
from portal.development.headless.papers import DISGUISED, FILES, answer_to, boxes_of
from portal.development.headless.stage import SCHOOL, Stage, Tenderer, address_of
from portal.web.filters import uk_datetime

_WHERE = re.compile(r"/applications/\d+(?:/lots/(\d+))?/questions/(\w+)$")


def cast(stage: Stage) -> list[Tenderer]:
    """The three providers: the first will be admitted, the second not, the third is late."""
    rows = (
        ("Kiln Lane Workshop", "Dana Whitlock", "kiln", "99100101", "M11 2NA", "bricklaying", ("5", "10")),
        ("Falcon Yard", "Gareth Pomfret", "falcon", "99100102", "M4 7HR", "falconry", ("5",)),
        ("Slow Train Studio", "Ines Marlowe", "slow", "99100103", "M12 5PX", "joinery", ("5",)),
    )
    return [
        Tenderer(
            name, person, f"{key}@providers.example.org", number, postcode, trade, lots, stage.visitor(person)
        )
        for name, person, key, number, postcode, trade, lots in rows
    ]


def apply(stage: Stage) -> None:
    """Step 3."""
    stage.tenderers = cast(stage)
    first, second, late = stage.tenderers
    for tenderer in stage.tenderers:
        _register(stage, tenderer)
    stage.story.checked("three providers register, each with its first user, and start an application")
    _pass_the_check(stage)
    _see_what_is_missing(stage, first)
    _answer_everything(stage, first)
    _find_what_was_saved(stage, first)
    _try_a_disguised_file(stage, second)
    for tenderer in (second, late):
        _answer_everything(stage, tenderer)
    stage.story.checked("the other two answer everything as well")
    for tenderer in (first, second):
        _submit(stage, tenderer)
    late.visitor.open(f"{late.application}/check").says("Nothing is missing")
    _keep_the_box_shut(stage)
    _wait_for_the_close(stage)
    _come_too_late(stage, late)


def _pass_the_check(stage: Stage) -> None:
    """Not needed to apply, but to be admitted or, for a school, to search."""
    administrator = stage.council["administrator"]
    administrator.sign_in(address_of("administrator"), stage.password)
    administrator.page.says("4 organisations wait for your check")
    for name in (SCHOOL, *(tenderer.name for tenderer in stage.tenderers)):
        administrator.open("/administration/organisations?state=waiting").says(name)
        administrator.follow(name)
        administrator.press("It passes the check").says("Checked")
    administrator.open("/").hides("wait for your check")
    stage.story.checked(
        "the council's administrator checks the providers and the school, which it finds on its home page"
    )


def _register(stage: Stage, tenderer: Tenderer) -> None:
    visitor = tenderer.visitor
    visitor.open(stage.opportunity)
    visitor.follow("Start your application").says("Register your organisation")
    page = visitor.press(
        "Register and continue",
        {
            "organisation_name": tenderer.name,
            "scheme": "GB-COH",
            "number": tenderer.number,
            "postcode": tenderer.postcode,
            "name": tenderer.person,
            "email": tenderer.email,
            "password": stage.password,
        },
    )
    letter = stage.delivered(tenderer.email, "is your code to confirm")
    page.says("Confirm your email address")
    page = visitor.press("Confirm", {"code": re.findall(r"\b\d{6}\b", letter)[0]})
    check_equal("where registration leads back to", page.path, stage.opportunity)
    page = visitor.press("Start your application").says("Choose your lots first")
    tenderer.application = page.path
    visitor.follow("Choose your lots")
    chosen = [f"Lot {number}: {stage.lots[number]}" for number in tenderer.lots]
    visitor.press("Save and continue", {"lots": chosen}).says(*chosen)


def _see_what_is_missing(stage: Stage, tenderer: Tenderer) -> None:
    visitor = tenderer.visitor
    page = visitor.open(f"{tenderer.application}/check").says("to put right before you submit")
    missing = len(page.tree.xpath("//main//h2[contains(., 'to put right')]/following-sibling::ul[1]/li"))
    check(missing > 20, "a list of what is missing", page.described)
    check(not page.offers("Certify and submit application"), "no button to submit", page.described)
    visitor.send(f"{tenderer.application}/submit", {"declared": "y"}, expect=422).says("not complete")
    stage.story.checked(
        f"before it is complete {missing} things are listed as missing, and it cannot be submitted"
    )


def _answer_everything(stage: Stage, tenderer: Tenderer) -> None:
    visitor = tenderer.visitor
    page = visitor.open(tenderer.application)
    questions = page.links("/questions/")
    visitor.open(questions[0])
    for path in questions:
        check_equal("the question that follows", visitor.page.path, path)
        _answer(tenderer, stage, visitor)
    page = visitor.page.says("Nothing is missing")
    check_equal("where the last question leads", page.path, f"{tenderer.application}/check")
    tenderer.documents = page.links("/documents/")
    check_equal("the documents on the page", len(tenderer.documents), len(FILES))
    if tenderer is stage.tenderers[0]:
        kinds = ", ".join(kind.upper() for _, kind in FILES.values())
        stage.story.checked(
            f"{tenderer.name} answers {len(questions)} questions, {len(FILES)} with a file: {kinds}"
        )


def _answer(tenderer: Tenderer, stage: Stage, visitor: Visitor) -> None:
    found = _WHERE.search(visitor.page.path)
    if found is None:
        raise Failed("a question", visitor.page.described)
    code, lot = found[2], _lot_of(visitor.page, stage) if found[1] else ""
    answer = answer_to(code, lot, tenderer)
    tenderer.titles[code] = visitor.page.heading.removesuffix(" (optional)")
    if isinstance(answer, Upload):
        tenderer.uploads.append(answer)
        value: Value = answer
    else:
        tenderer.answered[code, lot] = answer
        box = visitor.page.tree.xpath("//input[@name='value' and @type='checkbox']")
        value = True if len(box) == 1 else answer  # type: ignore[assignment]
    visitor.press("Save and continue", boxes_of(value))  # type: ignore[arg-type]


def _lot_of(page: Page, stage: Stage) -> str:
    """The number of the lot that a question is asked for."""
    return next(number for number in stage.lots if f"Lot {number}: {stage.lots[number]}" in page.text)


def _find_what_was_saved(stage: Stage, tenderer: Tenderer) -> None:
    elsewhere = stage.visitor(f"{tenderer.person} elsewhere")
    elsewhere.sign_in(tenderer.email, stage.password)
    page = elsewhere.open(f"{tenderer.application}/questions/safeguarding")
    saved = page.tree.xpath("//textarea[@name='value']")[0].text.removeprefix("\n")
    check_equal("the saved answer", _plain(saved), _plain(tenderer.answered["safeguarding", ""]))
    stage.story.checked("what was saved is there after signing in from another browser")
    for path, upload in zip(tenderer.documents, tenderer.uploads, strict=True):
        check_equal(
            f"the bytes of {upload.name}", _sha256(elsewhere.open(path).body), _sha256(upload.content)
        )
    stage.story.checked("every document comes back from the store byte for byte")


def _try_a_disguised_file(stage: Stage, tenderer: Tenderer) -> None:
    visitor = tenderer.visitor
    visitor.open(f"{tenderer.application}/questions/safeguarding_policy")
    page = visitor.press("Upload", {"value": DISGUISED}, expect=422)
    check(bool(page.problems), "a sentence about the disguised file", page.described)
    check(not page.links("/documents/"), "no document kept", page.described)
    stage.story.checked(f"a program that calls itself a PDF is refused: {page.problems[0]}")
    visitor.open(f"{tenderer.application}/questions/outcomes")
    page = visitor.press("Save and continue", {"value": "word " * 523})
    check(
        "23 words over the limit" in " ".join(page.problems), "23 words too many to be told", page.described
    )
    stage.story.checked(f"an answer over its limit is kept and told: {page.problems[0]}")


def _submit(stage: Stage, tenderer: Tenderer) -> None:
    visitor = tenderer.visitor
    visitor.open(f"{tenderer.application}/check")
    page = visitor.press("Certify and submit application", expect=422)
    check(bool(page.problems), "the declaration to be asked for", page.described)
    page = visitor.press("Certify and submit application", {"declared": True}, expect=422)
    check("Certify" in " ".join(page.problems), "the certificate to be asked for", page.described)
    both = {"declared": True, "certified": True}
    page = visitor.press("Certify and submit application", both).says("Application submitted", "Certified")
    tenderer.receipt = re.findall(r"AP-\d{4}-\w{4}-\w{4}", page.text)[0]
    listed = {row[0]: row[-1] for row in page.rows if re.fullmatch(r"[0-9a-f]{64}", row[-1])}
    files = {upload.name: _sha256(upload.content) for upload in tenderer.uploads}
    answers = {
        tenderer.titles[code] + (f", lot {lot}" if lot else ""): _sha256(_canonical(value))
        for (code, lot), value in tenderer.answered.items()
        if value != ""
    }
    for name, digest in {**answers, **files}.items():
        check_equal(f"the SHA-256 of “{name}” on the receipt", listed.get(name), digest)
    check_equal("what the receipt lists", len(listed), len(answers) + len(files))
    check(
        tenderer.receipt in stage.delivered(tenderer.email, "Receipt"),
        "the receipt by e-mail",
        tenderer.receipt,
    )
    stage.story.checked(
        f"the receipt of {tenderer.name} lists {len(answers)} answers and {len(files)} files; "
        "every SHA-256 is that of what was sent; it comes by e-mail too"
    )


def _keep_the_box_shut(stage: Stage) -> None:
    officer, first, second = stage.council["officer"], *stage.tenderers[:2]
    paths = [f"{first.application}{part}" for part in ("", "/tender", "/receipt")]
    officer.refused(*paths, *first.documents)
    for key in ("first", "moderator", "approver"):
        stage.council[key].sign_in(address_of(key), stage.password)
        stage.council[key].refused(*first.documents)
    second.visitor.refused(paths[0], paths[2], *first.documents)
    second.visitor.refused(paths[1], status=403)
    stage.story.checked(
        "before the close nobody at the council, and no other provider, finds an application or file"
    )
    page = officer.open(stage.round).says("Applications started 3", "Applications submitted 2")
    page.hides(*(tenderer.name for tenderer in stage.tenderers))
    page = officer.send(f"{stage.round}/open", {}, expect=422)
    check(bool(page.problems), "a sentence why the box stays shut", page.described)
    stage.story.checked(f"the officer sees how many applied, not who, and opens nothing: {page.problems[0]}")


def _wait_for_the_close(stage: Stage) -> None:
    if stage.closes_at is None:
        raise Failed("a closing time", "none")
    left = (stage.closes_at - clock.now()).total_seconds()
    check(left > 0, "to be here before the close", f"{-left:.0f} seconds too late: the machine is too busy")
    stage.story.aside(
        f"… waiting {left:.0f} seconds until the round closes at {uk_datetime(stage.closes_at)}"
    )
    time.sleep(left + 0.5)


def _come_too_late(stage: Stage, late: Tenderer) -> None:
    both = {"declared": True, "certified": True}
    page = late.visitor.press("Certify and submit application", both, expect=422)
    check("closed" in " ".join(page.problems), "the close as the reason", page.described)
    stage.story.checked(f"after the close a submission is refused: {page.problems[0]}")
    late.visitor.refused(f"{late.application}/receipt")
    first = stage.tenderers[0]
    first.visitor.open(first.application)
    version = {"value": "Something else", "version": "1"}
    first.visitor.send(f"{first.application}/questions/safeguarding", version, expect=409)
    first.visitor.send(f"{first.application}/withdraw", {}, expect=422)
    stage.story.checked("nor can an answer be changed or a submitted application be withdrawn")


def _plain(text: object) -> str:
    return str(text).replace("\r\n", "\n").strip()


def _canonical(value: object) -> bytes:
    """An answer in the one spelling whose SHA-256 a receipt names."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
