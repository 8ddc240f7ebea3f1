"""Pages about the child of a choice: for its school, and for the provider that was chosen."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.children import file_services, log_queries, queries, services
from portal.children.access import READ_ON_DAYS
from portal.children.forms import ChildForm, FileForm
from portal.errors import NotFound, Refusal
from portal.storage.inspection import endings_for
from portal.web.addresses import portal_url
from portal.web.pagination import Page, offset_of, page_number

bp = Blueprint("children", __name__)
ONE = "/choices/<int:call_off_id>/child"


@bp.get(ONE)
@requires("child:read")
def show(call_off_id: int) -> ResponseReturnValue:
    """Who the child is, the files, and who reads them."""
    return _show(call_off_id, FileForm(formdata=None))


@bp.route(f"{ONE}/identify", methods=["GET", "POST"])
@requires("referral:send")
def identify(call_off_id: int) -> ResponseReturnValue:
    """Say who the child is, or change it."""
    choice = queries.choice_to_identify(actor(), call_off_id)
    form = ChildForm() if request.method == "POST" else _form_of(choice)
    if form.validate_on_submit():
        try:
            services.identify_child(call_off_id=call_off_id, **form.said, portal_url=portal_url(), by=actor())
        except NotFound:
            raise
        except services.ChangedMeanwhile as refusal:
            form.refuse(refusal)
            form.see(queries.choice_to_identify(actor(), call_off_id).revision)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved. The provider reads it from now on; a letter tells it of anything new.", "success")
            return redirect(url_for(".show", call_off_id=call_off_id), 303)
    page = render_template(
        "children/identify.html",
        choice=choice,
        form=form,
        closed=queries.closed_to(choice),
        nothing_to_it=services.NOTHING_TO_IT,
        read_on_days=READ_ON_DAYS,
        as_at=clock.now(),
    )
    return page, form.http_status


# What is sent here after a session has ended is not kept: it would lie in clear until somebody signs in.
identify.never_kept = True


def _form_of(choice: queries.Choice) -> ChildForm:
    return ChildForm.showing(queries.identity_if_known(actor(), choice))


@bp.post(f"{ONE}/files")
@requires("referral:send")
def add_file(call_off_id: int) -> ResponseReturnValue:
    """Give a file with the choice."""
    queries.choice_to_identify(actor(), call_off_id)
    form = FileForm()
    if form.validate_on_submit():
        with form.refusals("file"):
            file_services.add_file(
                call_off_id=call_off_id,
                kind=form.kind.data,
                stream=form.file.data.stream,
                filename=form.file.data.filename or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("The file is given. The provider has been told by letter.", "success")
            return redirect(url_for(".show", call_off_id=call_off_id), 303)
    return _show(call_off_id, form)


@bp.get(f"{ONE}/files/<int:file_id>")
@requires("child:read")
def download(call_off_id: int, file_id: int) -> ResponseReturnValue:
    """Send the browser to a file by a link that soon expires."""
    return redirect(file_services.open_file(call_off_id=call_off_id, file_id=file_id, by=actor()), 303)


@bp.post(f"{ONE}/files/<int:file_id>/remove")
@requires("referral:send")
def remove_file(call_off_id: int, file_id: int) -> ResponseReturnValue:
    """Take a file back for good."""
    file_services.remove_file(call_off_id=call_off_id, file_id=file_id, portal_url=portal_url(), by=actor())
    flash("The file is removed. The provider has been told to delete what it saved.", "success")
    return redirect(url_for(".show", call_off_id=call_off_id), 303)


@bp.get(f"{ONE}/log")
@requires("child:log")
def log(call_off_id: int) -> ResponseReturnValue:
    """Who has read of this child, and what was done."""
    return _log(log_queries.reference_of(actor(), call_off_id), call_off_id)


@bp.get("/children/log")
@requires("child:log")
def logs() -> ResponseReturnValue:
    """Who has read of any child of the school, and what was done."""
    return _log("", None)


def _log(reference: str, call_off_id: int | None) -> ResponseReturnValue:
    number = page_number(request.args.get("page"))
    size = log_queries.A_PAGE
    others_only = request.args.get("who") == "others"
    lines, total = log_queries.log_for(
        actor(), skip=offset_of(number, size), call_off_id=call_off_id, others_only=others_only
    )
    return render_template(
        "children/log.html",
        page=Page(lines, number, total, size),
        reference=reference,
        call_off_id=call_off_id,
        others_only=others_only,
        as_at=clock.now(),
    )


def _show(call_off_id: int, form: FileForm) -> ResponseReturnValue:
    viewer = actor()
    choice = queries.choice_for(viewer, call_off_id)
    own = choice.school_id == viewer.organisation_id
    page = render_template(
        "children/show.html",
        choice=choice,
        own=own,
        identity=queries.identity_if_known(viewer, choice),
        files=queries.files_for(viewer, call_off_id),
        readers=queries.readers_of(choice),
        closed=queries.closed_to(choice) if own else "",
        nothing_to_it=services.NOTHING_TO_IT,
        read_on_days=READ_ON_DAYS,
        form=form,
        accept=endings_for(file_services.ACCEPTED),
        as_at=clock.now(),
    )
    return page, form.http_status
