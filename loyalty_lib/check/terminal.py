"""The verdict on a terminal: one page of plain text, the verdict first, the problems last; in English.

What it prints of the data has no control characters, so no file can speak to the terminal.
"""

from __future__ import annotations

import contextvars
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from loyalty_lib import i18n
from loyalty_lib.i18n import money, number, percent
from loyalty_lib.tables.data_quality import REASONS

if TYPE_CHECKING:
    from loyalty_lib.check.verdict import Verdict
    from loyalty_lib.errors import Problem
    from loyalty_lib.quality import FileRead, Source

WIDEST: Final = 100
FILES: Final = 5  # described one by one; the rest are counted
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def show(verdict: Verdict, console: Console | None = None) -> None:
    """Print a verdict.

    Parameters
    ----------
    verdict
        Of ``check``.
    console
        Where to; standard output if left out.
    """
    console = console or Console(highlight=False)
    contextvars.copy_context().run(_print, verdict, console)


def _print(verdict: Verdict, console: Console) -> None:
    i18n.activate("en", verdict.currency)
    console.print(Group(*_parts(verdict)), width=min(console.width, WIDEST), highlight=False, markup=False, emoji=False)


def _parts(verdict: Verdict) -> Iterable[RenderableType]:
    yield _headline(verdict)
    yield from _section("What it holds", _holds(verdict))
    if verdict.source:
        yield from _section("Left out, and why", _left_out(verdict.source))
        yield from _section("Brought together", _merged(verdict.source))
        yield from _section("Gaps and giant orders", _odd(verdict.source))
    yield from _section("How it was read", _files(verdict.files))
    yield from _section("Pages of the report", _pages(verdict) if verdict.differs else [])
    yield from _section("To bear in mind", [_item(note.spoken()) for note in verdict.notes])
    yield from _section(
        f"Problems: {len(verdict.problems)}", [_item(_problem(problem), "red") for problem in verdict.problems]
    )


def _headline(verdict: Verdict) -> Text:
    if verdict.usable:
        said = Text(f"Usable: {verdict.carried} of {len(verdict.pages)} pages", style="bold green")
    else:
        said = Text("Not usable", style="bold red")
    said.append(f"   {_plain(verdict.name)}", style="not bold default")
    return said if verdict.usable else said.append(f"\n{_plain(str(verdict.obstacle))}", style="not bold default")


def _section(title: str, lines: Sequence[RenderableType]) -> Iterable[RenderableType]:
    if lines:
        yield Text()
        yield Text(title, style="bold")
        yield from lines


def _holds(verdict: Verdict) -> list[RenderableType]:
    found, used = verdict.source, verdict.used
    if verdict.churn:
        said = (
            f"{number(verdict.churn.churned)} of {number(verdict.churn.customers)}, {percent(verdict.churn.share, 2)}"
        )
        return [_pair("Rows", number(verdict.rows)), _pair("Churned", said)]
    if found is None:
        return [_pair("Rows", number(verdict.rows))] if verdict.rows is not None else []
    grid = Grid.grid(padding=(0, 3, 0, 0))
    grid.add_column(min_width=14)
    for _ in range(2):
        grid.add_column(justify="right")
    grid.add_row("", Text("in the files", style="dim"), Text("used", style="dim"))
    grid.add_row("  Rows", number(found.rows), number(getattr(used, "rows_used", None)))
    grid.add_row("  Customers", number(found.customers), number(getattr(used, "customers", None)))
    grid.add_row("  Orders", number(found.orders), number(getattr(used, "orders", None)))
    grid.add_row("  Net sales", money(found.net_sales, 2), "")
    grid.add_row("  Refunds", number(found.refunds), number(getattr(used, "refund_rows", None)))
    lines: list[RenderableType] = [grid]
    if found.first_day and found.last_day:
        days = (found.last_day - found.first_day).days + 1
        lines.append(_pair("Period", f"{found.first_day} to {found.last_day}, {_days(days)}, {verdict.time_zone}"))
    lines.append(_pair("Currency", _plain(verdict.currency or "not stated")))
    return lines


def _left_out(found: Source) -> list[RenderableType]:
    grid = Grid.grid(padding=(0, 3, 0, 0))
    grid.add_column(justify="right", min_width=12)
    grid.add_column(justify="right")
    grid.add_column()
    if found.lines_without_customer:
        grid.add_row(
            number(found.lines_without_customer), money(found.amount_without_customer, 2), "Rows without a customer"
        )
    for one in found.left_out:
        detail = f": {_plain(one.detail)}" if one.detail else ""
        grid.add_row(number(one.rows), money(one.amount, 2), Text(REASONS[one.reason] + detail))
    return [grid] if grid.row_count else []


def _merged(found: Source) -> list[RenderableType]:
    counted = (
        (found.duplicates, "rows repeat another row of their file in full"),
        (found.guests_merged, "orders of guests given to a known customer"),
        (found.shared_emails, "e-mail addresses shared by several customer ids"),
        (found.overlapping_orders, "orders held by more than one file"),
        (found.revised_orders, "of them told differently; the newest file counts"),
        (found.refunds_matched, "refunds matched with the order they take back"),
        (found.zero_orders, "orders with an amount of zero"),
    )
    grid = Grid.grid(padding=(0, 3, 0, 0))
    grid.add_column(justify="right", min_width=12)
    grid.add_column()
    for count, what in counted:
        if count:
            grid.add_row(number(count), what)
    return [grid] if grid.row_count else []


def _odd(found: Source) -> list[RenderableType]:
    gaps = [_item(f"{gap.first_day} to {gap.last_day}: {_days(gap.days)} without an order") for gap in found.gaps]
    giants = [
        _item(
            f"{one.day}: order {_plain(one.order_id)} of {money(one.amount, 2)}, "
            + ("taken back in full" if one.cancelled else "not taken back")
        )
        for one in found.giant_orders
    ]
    return [*gaps, *giants]


def _files(files: Sequence[FileRead]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for file in files[:FILES]:
        columns = ", ".join(f"{ours} = {theirs}" for ours, theirs in file.columns.items())
        lines += [_item(file.name), _under(_reading(file)), _under(f"columns: {columns}")]
    if len(files) > FILES:
        lines.append(_item(f"and {number(len(files) - FILES)} files more"))
    return lines


def _under(said: str) -> RenderableType:
    return Padding(Text(_plain(said), style="dim"), (0, 0, 0, 4))


def _reading(file: FileRead) -> str:
    parts = [
        file.layout,
        f"{number(file.rows)} rows",
        file.encoding,
        file.sheet and f"sheet {file.sheet}",
        file.delimiter and f"delimiter {file.delimiter!r}",
        file.decimal and f"decimal {file.decimal!r}",
        file.date_format and f"dates {file.date_format}",
    ]
    return ", ".join(part for part in parts if part)


def _pages(verdict: Verdict) -> list[RenderableType]:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=5, justify="right")
    grid.add_column(min_width=23)
    grid.add_column()
    for page in verdict.pages:
        mark = Text("yes", style="green") if page.carried else Text("no", style="dim")
        grid.add_row(mark, page.name, Text(_plain(str(page.reason))))
    return [grid]


def _problem(problem: Problem) -> str:
    return f"{problem.file}: {problem}"


def _pair(label: str, said: str) -> RenderableType:
    grid = Grid.grid(padding=(0, 3, 0, 0))
    grid.add_column(min_width=14)
    grid.add_column()
    grid.add_row(Text(f"  {label}"), Text(said))
    return grid


def _item(said: str, style: str = "") -> RenderableType:
    grid = Grid.grid()
    grid.add_column(width=4)
    grid.add_column()
    grid.add_row("  -", Text(_plain(said), style=style))
    return grid


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{number(count)} days"


def _plain(said: str) -> str:
    return CONTROL.sub("?", said)
