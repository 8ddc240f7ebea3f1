"""The letters about a choice. They go by e-mail and say the reference, and nothing of the child."""

from portal.mail.words import Words


def chosen(*, reference: str, school: str, service: str, address: str) -> Words:
    """To the provider that was chosen."""
    return Words(
        f"You were chosen: referral {reference}",
        f"{school} has chosen your offer for referral {reference}, for {service}.\n\n"
        f"Keep the place. What comes next, and who does it, stands here:\n{address}\n\n"
        f"{school} will say who the child is in the portal, after signing in, and never by e-mail.\n",
    )


def cancelled(*, reference: str, school: str, address: str) -> Words:
    """To the provider that was chosen, and is not any more."""
    return Words(
        f"No longer chosen: referral {reference}",
        f"{school} has cancelled its choice for referral {reference}. The place that you offered is yours"
        " to give again.\n\n"
        "What you were told of the child is no longer shown to you. Please delete what you noted or"
        " printed of it.\n\n"
        f"The referral is kept here, with its dates:\n{address}\n",
    )
