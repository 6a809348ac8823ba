"""The command line: ``loyalty <command>``; every target of the Makefile is one call of it.

Exit codes: 0 done or up to date; 1 a problem in the data, the model or the tools, said in plain words; 2 wrong usage;
3 some of a batch failed; 130 stopped by Ctrl-C.  Results go to standard output, progress and problems to standard
error.  Commands import what they need themselves, so that help and "up to date" come at once.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from loyalty_lib import paths
from loyalty_lib.errors import LoyaltyError, UsageError

if TYPE_CHECKING:
    from loyalty_lib.runs import Outcome

DONE: Final = 0
PROBLEM: Final = 1
SOME_FAILED: Final = 3
INTERRUPTED: Final = 128 + signal.SIGINT
NOT_READ: Final = 128 + 13  # as the shell says of a program whose output nobody reads any more (SIGPIPE)
Run = Callable[[argparse.Namespace], int]
# The class has no public name.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv
        Without the program's name; the process's own arguments if left out.

    Returns
    -------
    int
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a character shows "?" and does not fail
    signal.signal(signal.SIGTERM, _terminated)
    args = _parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except LoyaltyError as error:
        _complain("\n".join([str(error), *getattr(error, "__notes__", ())]))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("Stopped. The report that was there is unchanged.")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output (head, a pager) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_READ
    except Exception as error:  # noqa: BLE001  the user gets a sentence; the traceback is kept for us
        from loyalty_lib.faults import keep_trace

        _complain(
            f"This is a fault of the program, not of your data: {type(error).__name__}. Details: {keep_trace(error)}"
        )
        return PROBLEM
    return code


def _terminated(number: int, _frame: object) -> NoReturn:
    """End as after Ctrl-C, the kernel and the unfinished folder cleaned away, with the signal's own exit code."""
    sys.exit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loyalty", description="Customer-loyalty reports from a shop's orders.")
    commands = parser.add_subparsers(required=True, metavar="command")

    report = _command(commands, "report", "make one client's report", _report)
    _add_client(report)
    _add_period(report)
    report.add_argument("--notebook", help="a notebook of notebooks/ (default: loyalty_report)")
    report.add_argument(
        "--edition", choices=("full", "short"), default="full", help="short: two pages, beside the full one"
    )
    _add_format(report)
    report.add_argument("--force", action="store_true", help="make it even though nothing has changed")

    reports = _command(commands, "reports", "make the reports of all clients", _reports)
    _add_period(reports)
    reports.add_argument("--jobs", type=_count, default=2, help="how many at a time (default: 2)")
    reports.add_argument("--force", action="store_true", help="make them even though nothing has changed")

    portfolio = _command(commands, "portfolio", "lay the finished reports of all clients side by side", _portfolio)
    portfolio.add_argument("--period", help="the label of the reports' period (default: each client's newest)")
    portfolio.add_argument("--language", default="en", help="of the page (default: en)")
    _add_format(portfolio)
    portfolio.add_argument("--force", action="store_true", help="make it even though nothing has changed")

    lists = _command(commands, "lists", "write the lists of customers to write to, with their contacts", _lists)
    _add_client(lists)
    _add_period(lists)

    purge = _command(commands, "purge", "remove a client's reports and lists", _purge)
    _add_client(purge)

    email = _command(commands, "email", "send a finished report as a PDF", _email)
    _add_client(email)
    _add_period(email)
    email.add_argument("--dry-run", action="store_true", help="write the mail to a file instead of sending it")

    check = _command(commands, "check", "say whether a client's orders, or a file, will carry a report", _check)
    _add_client(check)
    check.add_argument("--data", default="", help="a file or a pattern; no client is needed")
    check.add_argument("--json", action="store_true", help="print the verdict for programs")

    new = _command(commands, "new", "begin a client from a file of orders", _new)
    _add_client(new)
    new.add_argument("--data", default="", help="the file of orders, or a pattern of several")

    _command(commands, "clients", "list the clients", _clients)
    return parser


def _command(commands: Commands, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary)
    command.set_defaults(run=run)
    return command


def _add_client(command: argparse.ArgumentParser) -> None:
    command.add_argument("--client", default="", help="the client's folder in clients/")


def _add_period(command: argparse.ArgumentParser) -> None:
    command.add_argument("--period", help="2024, 2024-H1, 2024-Q4, 2024-11, 2024-W12 or two days as first..last")


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", default="", help="what else to make: charts, pptx, xlsx, several of them, or all")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "expected 1 or more"
        raise argparse.ArgumentTypeError(message)
    return number


def _client(args: argparse.Namespace, target: str) -> str:
    if args.client:
        return str(args.client)
    known = ", ".join(paths.all_clients()) or "none yet"
    message = f"Which client? Type: make {target} CLIENT=name. Clients here: {known}."
    raise UsageError(message)


def _report(args: argparse.Namespace) -> int:
    client = _client(args, "report")
    from loyalty_lib.deliver import make_report
    from loyalty_lib.progress import shown

    with shown(f"{client} {args.period or ''}".strip()) as step:
        made = make_report(
            client,
            args.period,
            notebook=args.notebook or paths.MAIN,
            edition=args.edition,
            formats=[args.format],
            force=args.force,
            step=step,
        )
    return _told(made)


def _portfolio(args: argparse.Namespace) -> int:
    from loyalty_lib.deliver import make_portfolio
    from loyalty_lib.i18n import spoken_languages
    from loyalty_lib.progress import shown

    if args.language not in spoken_languages():
        message = f"There is no language {args.language!r}; choose one of: {', '.join(spoken_languages())}."
        raise UsageError(message)
    with shown("portfolio") as step:
        made = make_portfolio(args.period, language=args.language, formats=[args.format], force=args.force, step=step)
        return _told(made)


def _told(made: Outcome) -> int:
    """Say what became of a run, and return the exit code."""
    if made.left_out:
        _complain(f"{made.left_out} outputs of the notebook are no blocks of the report and were left out of it.")
    if made.status == "up to date":
        print(f"Up to date: {_shown(made.folder)} ({made.seconds:.1f} s). FORCE=1 makes it again.")
        return DONE
    files = [f"{_shown(made.folder / 'report.html')}"]
    if made.missing is None:
        files.append("report.pdf")
    if made.formats:
        from loyalty_lib.exports import PLACES

        places = (PLACES[kind] for kind in made.formats)
        files += [place for place in places if (made.folder / place).exists()]  # a report may be without charts
    *most, last = files
    print(f"Done in {made.seconds:.1f} s: {' and '.join([', '.join(most), last] if most else [last])}")
    if made.kept:
        _complain(f"What you had edited is kept beside the new files: {', '.join(made.kept)}")
    if made.missing is not None:
        _complain(made.missing)
        return PROBLEM
    return DONE


def _reports(args: argparse.Namespace) -> int:
    from rich.console import Console

    from loyalty_lib.batch import make_reports, table
    from loyalty_lib.progress import shown

    clients = paths.all_clients()
    if not clients:
        message = f"There are no clients in {paths.home() / 'clients'}. Each is a folder with a client.yml."
        raise UsageError(message)
    with shown("reports") as step:
        lines = make_reports(clients, args.period, jobs=args.jobs, force=args.force, step=step)
    Console(highlight=False).print(table(lines))
    return SOME_FAILED if any(line.result == "failed" for line in lines) else DONE


def _lists(args: argparse.Namespace) -> int:
    client = _client(args, "lists")
    from rich.console import Console

    from loyalty_lib.lists import told, write_lists
    from loyalty_lib.progress import shown

    with shown(f"{client} {args.period or ''}".strip()) as step:
        made = write_lists(client, args.period, step=step)
    Console(highlight=False).print(told(made))
    print(f"Written to {_shown(made.folder)}, readable by you alone. Never send these files with a report.")
    return DONE


def _purge(args: argparse.Namespace) -> int:
    client = _client(args, "purge")
    from loyalty_lib.purge import purge

    for folder in (removed := purge(client)):
        print(f"Removed {_shown(folder)}")
    if not removed:
        print(f"There is nothing of {client} to remove.")
    return DONE


def _email(args: argparse.Namespace) -> int:
    client = _client(args, "email")
    from loyalty_lib.mail import send_report

    print(send_report(client, args.period, dry_run=args.dry_run))
    return DONE


def _check(args: argparse.Namespace) -> int:
    if bool(args.client) == bool(args.data):
        known = ", ".join(paths.all_clients()) or "none yet"
        message = f"Check what? Type: make check CLIENT=name, or: make check DATA=file. Clients here: {known}."
        raise UsageError(message)
    from loyalty_lib.check import check_client, check_data, show, write_page
    from loyalty_lib.progress import shown

    with shown(args.client or args.data) as step:
        verdict = check_client(args.client, step=step) if args.client else check_data(args.data, step=step)
    page = write_page(verdict)
    if args.json:
        import json

        print(json.dumps(verdict.json(), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        show(verdict)
        print(f"As a page: {_shown(page)}")
    return DONE if verdict.usable else PROBLEM


def _new(args: argparse.Namespace) -> int:
    if not args.client or not args.data:
        message = "Which client, from which file? Type: make new CLIENT=acme DATA=orders.csv."
        raise UsageError(message)
    from loyalty_lib.new import make_client, show

    made = make_client(args.client, args.data)
    show(made)
    return PROBLEM if made.problems else DONE


def _clients(_args: argparse.Namespace) -> int:
    for client in paths.all_clients():
        print(client)
    return DONE


def _shown(path: Path) -> str:
    """Name a path from where the user stands, if it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _complain(text: str) -> None:
    from rich.console import Console

    # The text may quote data: nothing in it is markup, and no line of it is broken.
    Console(stderr=True).print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)
