"""The verdict as one HTML page in the report's look: no script, no request, and nothing of a person on it.

The page is a working paper: it names files without their folders, masks what a problem's line says of a person, and
holds no ids.  It is written whole or not at all.
"""

from __future__ import annotations

import contextvars
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loyalty_lib import i18n, paths, tables
from loyalty_lib.errors import LoyaltyError
from loyalty_lib.i18n import gettext, money, number, percent, say, say_many
from loyalty_lib.tables.data_quality import base_name, discreet
from loyalty_lib.templates import FOLDER, fill, use

if TYPE_CHECKING:
    from loyalty_lib.check.verdict import Verdict

ENDINGS: Final = re.compile(r"\.(?:csv|tsv|txt|xlsx?|xlsb|ods|parquet|sqlite|db)(?:\.gz)?$|\.gz$", re.IGNORECASE)


def page_html(verdict: Verdict) -> str:
    """Lay a verdict out as HTML.

    Parameters
    ----------
    verdict
        In its own language and look.

    Returns
    -------
    str
        A page with fonts and styles inside: no script, no request to anywhere.
    """
    # A context of its own: the caller's language stays what it was.
    return contextvars.copy_context().run(_page, verdict)


def write_page(verdict: Verdict) -> Path:
    """Write the page to ``reports/<client>/check.html``, or of files alone to ``reports/check/<name>.html``.

    Returns
    -------
    Path
        The page; whatever was there before is replaced in one step.

    Raises
    ------
    LoyaltyError
        If it cannot be written; the page before it is unchanged.
    """
    if verdict.client:
        place = paths.report_folder(verdict.client, "check.html")
    else:
        place = paths.home() / "reports" / "check" / f"{_stem(verdict.name)}.html"  # no client is called so
    html = page_html(verdict)
    unfinished = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("w", encoding="utf-8") as page:
            page.write(html)
            page.flush()
            os.fsync(page.fileno())
        unfinished.replace(place)
    except OSError as error:
        message = (
            f"The page of the check could not be written: {error.strerror or error}: {place}. Free some space, close "
            "the file or mend its permissions, then try again. The page before it is unchanged."
        )
        raise LoyaltyError(message) from error
    finally:
        with suppress(OSError):  # where the folder itself is in the way there is nothing to remove
            unfinished.unlink(missing_ok=True)
    return place


def _stem(name: str) -> str:
    """Return a safe file name; e-mail addresses and phones in the data's own name do not go into it."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", ENDINGS.sub("", discreet(base_name(name)))).strip("-")
    return plain[:80] or "data"


def _page(verdict: Verdict) -> str:
    i18n.activate(verdict.language, verdict.currency)
    use(verdict.dressing.templates)
    title = headline(verdict)
    name = discreet(base_name(verdict.name))
    return str(
        fill(
            "check",
            language=verdict.language,
            look=verdict.dressing,
            title=f"{name}: {title}",
            name=name,
            headline=title,
            answer=answer(verdict),
            cards=_cards(verdict),
            sections=_sections(verdict),
            notes=[discreet(note.spoken()) for note in verdict.notes],
            styles={
                "all": _style("report.css"),
                "screen": _style("screen.css"),
                "print": _style("print.css"),
                "all and (min-width: 0)": _style("check.css"),
            },
            words={"check": gettext("Data check"), "notes": gettext("To bear in mind")},
        )
    )


def _style(name: str) -> str:
    return (FOLDER / "loyalty" / name).read_text(encoding="utf-8")


def headline(verdict: Verdict) -> str:
    """Say in a few words whether the data are usable."""
    if not verdict.usable:
        return gettext("Not usable")
    return say("Usable: {carried:number} of {pages:number} pages", carried=verdict.carried, pages=len(verdict.pages))


def answer(verdict: Verdict) -> str:
    """Say what the data hold, or what is in the way."""
    found, used = verdict.source, verdict.used
    if verdict.usable and found and used:
        return say(
            "{used:number} of {rows:number} rows are used: {customers:number} customers, {first:date} to {last:date}.",
            used=used.rows_used,
            rows=found.rows,
            customers=used.customers,
            first=used.first_day,
            last=used.last_day,
        )
    return discreet(verdict.obstacle.spoken())


def _cards(verdict: Verdict) -> list[dict[str, Any]]:
    found, churn = verdict.source, verdict.churn
    cards = [_card("rows", gettext("Rows"), verdict.rows, number(verdict.rows))]
    if churn:
        cards.append(_card("customers", gettext("Customers"), churn.customers, number(churn.customers)))
        cards.append(_card("churned", gettext("Churned customers"), churn.share, percent(churn.share, 2)))
        return cards
    if found is None:
        return [card for card in cards if card["raw"] is not None]
    cards.append(_card("customers", gettext("Customers"), found.customers, number(found.customers)))
    cards.append(_card("orders", gettext("Orders"), found.orders, number(found.orders)))
    cards.append(_card("net_sales", gettext("Net sales"), found.net_sales, money(found.net_sales)))
    if found.first_day and found.last_day:
        days = (found.last_day - found.first_day).days + 1
        span = say("{first:date} to {last:date}", first=found.first_day, last=found.last_day)
        cards.append(
            _card("days", gettext("Period"), days, say_many("{count:number} day", "{count:number} days", days), span)
        )
    return cards


def _card(name: str, label: str, raw: float | None, value: str, more: str = "") -> dict[str, Any]:
    return {"name": name, "label": label, "raw": raw, "value": value, "more": more}


def _sections(verdict: Verdict) -> list[dict[str, Any]]:
    """Return headings with their tables; what has no rows is left out."""
    found = verdict.source
    problems = (gettext("Problems"), [tables.quality_problems(verdict.problems, verdict.personal)])
    pages = (gettext("Pages of the report"), [tables.quality_pages(verdict.pages)] if verdict.differs else [])
    held = (
        gettext("What it holds"),
        [
            tables.quality_rows(found, verdict.used),
            tables.quality_left_out(found),
            tables.quality_merged(found),
            tables.quality_gaps(found.gaps),
            tables.quality_giants(found.giant_orders),
        ]
        if found
        else [],
    )
    read = (gettext("How the files were read"), [tables.quality_files(verdict.files)])
    shown = (problems, pages, held, read)
    sections = [(title, [table for table in group if table.rows]) for title, group in shown]
    return [
        {"title": title, "slug": f"part-{position}", "tables": [table.html() for table in group]}
        for position, (title, group) in enumerate(sections)
        if group
    ]
