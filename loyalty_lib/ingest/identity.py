"""Who placed an order: the customer's id, and e-mail or phone where a row has none; and who is left out entirely.

Goes in: the engine's ``file_rows`` and ``settle_emails``.  Comes out: ``settle_email_people``, ``settle_phone_people``
and ``settle_id_owners``, which give each row its customer, and ``settle_unwanted_ids`` and
``settle_unwanted_customers``: the drop-list's and those who object.  Guests whom nobody's id stands for go by a name
that their address gives ("e-" and the first 16 hexadecimal digits of its SHA-256): the same in every run and file.
"""

from __future__ import annotations

from collections.abc import Collection

from loyalty_lib.engine import Engine


def find_people(engine: Engine, *, email_first: bool, drop_list: Collection[str]) -> None:
    """Find the customer behind each id, e-mail address and phone number, and those to leave out.

    Parameters
    ----------
    engine
        Holds ``file_rows``, ``settle_emails`` and the macros ``email_key`` and ``phone_key``.
    email_first
        Whether the e-mail makes the customer, and the id only where there is no e-mail.
    drop_list
        Customer ids, e-mail addresses and phone numbers.
    """
    engine.create("settle_phones", "settle_phones")
    engine.create("settle_contacts", "settle_contacts")
    engine.create("settle_email_owners", "settle_email_owners", email_first=email_first)
    engine.create("settle_phone_owners", "settle_phone_owners", email_first=email_first)
    engine.create("settle_id_owners", "settle_id_owners", email_first=email_first)
    engine.connection.execute("CREATE TABLE settle_drop_list (id VARCHAR)")
    entries = sorted({entry.strip() for entry in drop_list} - {""})
    if entries:
        engine.connection.execute("INSERT INTO settle_drop_list SELECT unnest($entries)", {"entries": entries})
    engine.create("settle_unwanted", "settle_unwanted", email_first=email_first)
    for what in ("unwanted_ids", "unwanted_keys", "unwanted_customers", "email_people", "phone_people"):
        engine.create(f"settle_{what}", f"settle_{what}")
