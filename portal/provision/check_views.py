"""The council's check of what providers propose to say on their pages, and its reading of what they changed
without one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.provision import queries, services
from portal.provision.facts import PARTS
from portal.provision.forms import PublishForm, ReadForm, SendBackForm
from portal.web.addresses import portal_url
from portal.web.pagination import SIZE, Page, offset_of, page_number

bp = Blueprint("service_checks", __name__)


@bp.get("/service-checks")
@requires("service:check")
def index() -> ResponseReturnValue:
    """What waits for a check, the oldest first."""
    number = page_number(request.args.get("page"))
    rows, total = queries.checks_waiting(actor(), size=SIZE, skip=offset_of(number))
    _, changes = queries.numbers_waiting(actor())
    return render_template(
        "provision/checks.html", page=Page(rows, number, total), changes=changes, as_at=clock.now()
    )


@bp.get("/service-checks/<int:proposal_id>")
@requires("service:check")
def show(proposal_id: int) -> ResponseReturnValue:
    """What schools read now beside what is proposed."""
    return _page(proposal_id, PublishForm(formdata=None), SendBackForm(formdata=None))


def _page(proposal_id: int, form: PublishForm, back: SendBackForm) -> ResponseReturnValue:
    check = queries.check_for(actor(), proposal_id)
    form.version.data = check.page.seen.rpartition(".")[2]
    wrong = back if back.errors else form
    drawn = render_template(
        "provision/check.html", check=check, form=wrong, publish=form, back=back, as_at=clock.now()
    )
    return drawn, (422 if form.errors or back.errors else 200)


@bp.post("/service-checks/<int:proposal_id>/publish")
@requires("service:check")
def publish(proposal_id: int) -> ResponseReturnValue:
    """The council has verified it."""
    queries.check_for(actor(), proposal_id)
    form = PublishForm()
    if form.validate():
        with form.refusals():
            services.publish(
                proposal_id=proposal_id,
                version=form.seen_version(),
                how=form.how.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Published. Schools read it with today’s date of your check.", "success")
            return redirect(url_for(".index"), 303)
    return _page(proposal_id, form, SendBackForm(formdata=None))


@bp.post("/service-checks/<int:proposal_id>/send-back")
@requires("service:check")
def send_back(proposal_id: int) -> ResponseReturnValue:
    """The provider has to change something first."""
    queries.check_for(actor(), proposal_id)
    form = SendBackForm()
    if form.validate():
        with form.refusals():
            services.send_back(
                proposal_id=proposal_id, reason=form.reason.data or "", portal_url=portal_url(), by=actor()
            )
            flash("Sent back, with a letter that gives your reason.", "success")
            return redirect(url_for(".index"), 303)
    return _page(proposal_id, PublishForm(formdata=None), form)


@bp.get("/service-checks/own-words")
@requires("service:check")
def own_words() -> ResponseReturnValue:
    """What providers changed without a check and nobody has read since, the oldest first."""
    number = page_number(request.args.get("page"))
    rows, total = queries.own_words_waiting(actor(), size=SIZE, skip=offset_of(number))
    return render_template(
        "provision/own_words.html", page=Page(rows, number, total), parts=PARTS, as_at=clock.now()
    )


@bp.get("/service-checks/own-words/<int:own_words_id>")
@requires("service:check")
def change(own_words_id: int) -> ResponseReturnValue:
    """What a part said when it was read last, beside what schools read now."""
    return _change(own_words_id, ReadForm(formdata=None))


@bp.post("/service-checks/own-words/<int:own_words_id>")
@requires("service:check")
def read(own_words_id: int) -> ResponseReturnValue:
    """Somebody has read it."""
    form = ReadForm()
    if form.validate():
        with form.refusals():
            services.note_as_read(own_words_id=own_words_id, version=form.seen_version(), by=actor())
            flash("Noted as read.", "success")
            return redirect(url_for(".own_words"), 303)
    return _change(own_words_id, form)


def _change(own_words_id: int, form: ReadForm) -> ResponseReturnValue:
    changed = queries.own_words_for(actor(), own_words_id)
    form.version.data = str(changed.version)
    drawn = render_template("provision/change.html", changed=changed, form=form, as_at=clock.now())
    return drawn, form.http_status
