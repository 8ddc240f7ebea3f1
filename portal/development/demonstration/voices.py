"""What the invented providers write and the invented evaluators say: varied, repeatable, each in its place."""

from collections.abc import Sequence
from random import Random

from portal.development.demonstration.cast import Provider

# For each scored question: openings, what is done, evidence, and what only a strong provider adds.
# {trade}, {name}, {n}, {p}, {lead} are filled in.
_ANSWERS: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[str]]] = {
    "safeguarding": (
        (
            "{lead} is our designated safeguarding lead and has a deputy, so that one of them is on site whenever children are.",
            "Everyone who works with children at {name} knows who our designated safeguarding lead is: {lead}, trained to level 3 in the last year.",
            "Keeping children safe comes before {trade}. {lead} leads on it and reports to our board every month.",
        ),
        (
            "Nobody starts before two references, an enhanced DBS check with barred list and proof of identity are on the single central record.",
            "We ring the school within 30 minutes when a child has not arrived, and do not stop ringing until we have spoken to a person.",
            "Visitors sign in, wear a badge and are never alone with a child; the gate is locked during sessions.",
            "Staff write concerns down the same day, in the child's own words, and pass them on the same day.",
        ),
        (
            "Last year we raised {n} concerns; all were with the school the same day, and one led to a strategy meeting.",
            "In our last audit {n} of {n} staff files were complete.",
            "A neighbouring council checked our record in spring and asked for one change, which we made within a week.",
        ),
        (
            "We test ourselves: twice a year a governor asks staff, without warning, what they would do if a child told them something.",
            "We look at patterns each half term; this is how we saw that Monday mornings were hard, and began to collect three children by minibus.",
        ),
    ),
    "curriculum": (
        (
            "Through {trade} children gain confidence, and qualifications that colleges ask for.",
            "Our week has a rhythm: {trade} in the morning, English and maths in context after lunch.",
            "Children come to us for {trade} and stay for the teaching: each has a plan that begins from what they can do.",
        ),
        (
            "Groups are never larger than {p}, with two adults, one of whom is qualified to teach.",
            "Units are short, so that a child who stays six weeks leaves with something finished.",
            "We agree with the school which parts of its curriculum we cover, and send work back each Friday.",
            "Reading is part of every session: a manual, a recipe, a score, a safety sheet.",
        ),
        (
            "Of the last {n} pupils, most left with a level 1 award and all with at least two units.",
            "Last summer {n} pupils sat functional skills with us and {p} passed at first attempt.",
        ),
        (
            "A teacher from a partner school observes us each term; her last note asked for harder maths, which we now have.",
            "We compare each child's work at week one and week eight with the school's teacher, with both in front of us.",
        ),
    ),
    "needs": (
        (
            "Before a child's first day we read the plan, visit the child at home or at school, and ask what makes a day go wrong.",
            "Each child has one page: what helps, what does not, whom to ring. The child writes the first line.",
        ),
        (
            "There is a quiet room that a child may use without asking, and a card to show instead of words.",
            "We work from the education, health and care plan: each outcome that we can help with stands in our own plan with a date.",
            "Our staff have had training in attachment, autism and speech and language needs in the last two years.",
            "We change one thing at a time and write down whether it helped.",
        ),
        (
            "{n} of our pupils last year had a plan; {p} annual reviews had our written report a week before.",
            "One pupil who had not been in a room with others for a year now works at a bench with three.",
        ),
        (
            "A speech and language therapist spends a morning with us each fortnight and changes what we do, not only what we write.",
            "We stop and say so when a child needs more than we can give; last year that was {p} children, and we stayed until they had somewhere to go.",
        ),
    ),
    "attendance": (
        (
            "We count attendance from the day of the referral, so that we can see whether coming here makes a difference.",
            "Registers are taken at the start of each session and sent to the school within ten minutes.",
        ),
        (
            "A child who misses a day gets a visit, not a letter.",
            "Behaviour is talked about the same day, with the child, and written in two lines that the school sees.",
            "We plan the way back to school from the first week: which lesson, which teacher, which day.",
        ),
        (
            "Average attendance rose from {p}0 per cent before referral to over 80 last year.",
            "{n} pupils went back to full-time school last year, and most were still there two terms later.",
        ),
        (
            "A member of staff goes with the child for the first {p} days back, and then rings once a week for a term.",
        ),
    ),
    "outcomes": (
        (
            "We ask what has become of each child six months after they leave.",
            "What counts for us is where a child is a year later.",
        ),
        (
            "Each Year 11 pupil visits two colleges with us and has an interview before Easter.",
            "We help with the application, the bus pass and the first day.",
        ),
        (
            "Of {n} leavers last summer all but one were in college, training or work in October.",
            "{p} former pupils are apprentices with firms that first met them in our workshop.",
        ),
        ("We publish our figures each year, the bad ones too, and say what we change because of them.",),
    ),
    "partnership": (
        (
            "One person at {name} answers the phone for schools, and that person is {lead}.",
            "Schools hear from us each week in a form that they chose.",
        ),
        (
            "Every half term we sit down with the school, the family and the child, and leave with three lines that all have signed.",
            "We welcome visits without notice.",
        ),
        (
            "In the last survey {n} of {n} schools said that they would place with us again.",
            "A complaint in autumn taught us to send the risk assessment before the first day; since then none has been late.",
        ),
        (
            "We measure ourselves against the national standards each year and share the result with the council.",
        ),
    ),
}

_STRENGTHS = (
    "The answer names who is responsible and how often it happens",
    "Gives figures for last year and says where they come from",
    "Explains step by step what a member of staff does on the day",
    "Shows how the provider learned from a mistake and what changed",
    "Links what it does to the child's plan and to the school's own teaching",
)
_GAPS = (
    "but does not say what happens when the named person is away",
    "but gives no figure that could be checked",
    "but says little about children who stay only a few weeks",
    "but leaves open how the school is told",
    "but the example is two years old",
)
_PRAISE = (
    "and backs it with an example from the last year",
    "and tests it by an outside visit",
    "and goes beyond what was asked on reporting to schools",
)


def answer(code: str, provider: Provider, strength: float, rng: Random) -> str:
    """What this provider writes to a scored question; a stronger one says more and proves more."""
    openings, deeds, evidence, more = _ANSWERS[code]
    facts = {
        "name": provider.name,
        "trade": provider.trade,
        "lead": provider.person,
        "n": rng.randint(9, 28),
        "p": rng.randint(4, 8),
    }
    sentences = [rng.choice(openings)]
    sentences += rng.sample(list(deeds), min(len(deeds), 1 + round(strength * 3)))
    if strength > 0.4:
        sentences.append(rng.choice(evidence))
    if strength > 0.7:
        sentences.append(rng.choice(more))
    return " ".join(sentences).format(**facts)


def points(strength: float, rng: Random) -> int:
    """A mark from 0 to 5 that fits how strong the answer is, as one evaluator may see it."""
    return max(0, min(5, round(strength * 5 + rng.gauss(-0.3, 0.55))))


def reason(mark: int, question: str, provider: Provider, rng: Random) -> str:
    """Why an evaluator gives this mark: what in the answer earned it and what kept it from the next band."""
    words = rng.choice(_STRENGTHS)
    if mark >= 4:
        ending = rng.choice(_PRAISE)
    elif mark >= 2:
        ending = rng.choice(_GAPS)
    else:
        words, ending = "The answer stays general", rng.choice(_GAPS)
    return f"{words} ({question.lower()}, {provider.trade}), {ending}."


_ON_BALANCE = (
    "What is missing is what a child and a school need first, so the panel could not go higher.",
    "All of the main points are there; the panel would have wanted evidence for more of them.",
    "Each point of the descriptor is met with evidence, and no evaluator saw a gap that matters.",
)


def agreed_reason(mark: int, question: str, provider: Provider, rng: Random) -> str:
    """What the panel writes after talking: its own sentence, not one evaluator's."""
    return (
        f"The panel weighed {question.lower()} at {provider.name}: {rng.choice(_STRENGTHS).lower()}, "
        f"{rng.choice(_PRAISE if mark >= 4 else _GAPS)}. {_ON_BALANCE[min(mark // 2, 2)]}"
    )


def summary(provider: Provider) -> str:
    """The entry in the directory, well under 60 words."""
    people = "post-16 learners and pupils" if "KS5" in provider.key_stages else "pupils"
    return (
        f"{provider.name} offers {provider.trade} for {people} who find a full week in school hard, "
        "in small groups with a key worker each."
    )


# Asked in private, as published (empty: not for everyone), and the answer (empty: none yet).
QUESTIONS: tuple[tuple[str, str, str], ...] = (
    (
        "We have two workshops a mile apart. Do we give one postcode or two, and is it one application?",
        "A provider has more than one site. Is it one application, and which postcode counts?",
        "One application. Give the postcode of the site where most children would be. You can add further sites to your entry once you are admitted.",
    ),
    (
        "Our DBS renewals for two new instructors are with the service. May we apply before they are back?",
        "May a provider apply while DBS checks of new staff are under way?",
        "Yes. Nobody may work with children before their check is complete, and your answer should say how you make sure of that.",
    ),
    (
        "Our landlord puts the rent up to £2,400 a month in June. May our day rate follow it next year?",
        "",
        "The price that you give stands for the first year of the framework. After that you may ask for a review in the way that the contract terms describe.",
    ),
    (
        "Does a lunch that the pupils cook themselves count as part of the price, or may we ask schools for it?",
        "",
        "",
    ),
)

# What the council asks anew in the open round, and why.
FINANCE = "Give us one document that shows that you can keep going for the next 12 months. Choose what fits: your last accounts, a management account, a budget with cash flow, or a letter from your bank, a funder or the charity that you belong to."
WHY_ANEW = "Providers asked whether a parent charity may confirm their standing. It may, and the question now says so. No answer that was given becomes worse by it."
ICO_NUMBER = "What is your registration number with the Information Commissioner's Office? If you do not need to register, say why. If you are registered as part of a larger organisation, give its number and its name."
