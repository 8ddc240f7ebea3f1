"""Letters about block purchases. No child stands behind one yet."""

from portal.mail.words import Words


def proposed(*, buyer: str, service: str, places: str, address: str) -> Words:
    """To the provider: somebody wants to buy places."""
    return Words(
        f"{buyer} wants to buy {places}",
        f"{buyer} wants to buy {places} of {service} in advance. Nothing is agreed before you say so.\n\n"
        f"The terms, and where to agree or refuse:\n{address}\n",
    )


def answered(*, provider: str, service: str, agreed: bool, address: str) -> Words:
    """To the buyer: the provider's answer."""
    return Words(
        f"{provider} {'agrees to' if agreed else 'refuses'} your block purchase",
        f"{provider} has answered your purchase of places of {service}.\n\nRead it here:\n{address}\n",
    )


def closed(*, buyer: str, service: str, ended: bool, address: str) -> Words:
    """To the provider: the buyer takes it back, or ends it."""
    return Words(
        f"{buyer} {'ends its' if ended else 'takes back the'} block purchase",
        f"It is about places of {service}."
        + (" Children who were placed from it stay as their agreements say." if ended else "")
        + f"\n\nRead it here:\n{address}\n",
    )
