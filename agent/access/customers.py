"""Who of our shoppers is a customer who is signed in at the shop.

A shopper whom the shop's server vouched for stands under `SHOP:ID`; an id that we made has no colon in it.
"""


def vouched(shop: str, customer_id: str) -> str:
    """The shopper that a customer of a shop is, once the shop has vouched for the id."""
    return f"{shop}:{customer_id}"


def customer(shopper: str | None) -> str:
    """The shop's own id of a shopper; "" for one whom no shop vouched for."""
    return shopper.partition(":")[2] if shopper else ""
