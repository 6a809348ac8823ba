"""Reading an export of millions of lines: seconds, peak memory, and whether the total is right to the cent.

    python benchmarks/ingest.py [--lines 10000000] [--dialects mailed plain] [--folder /tmp] [--memory 1500MB] [--steps]

Writes the lines of a shop with a customer in ten of them, reads them in a process of its own with the memory limit the
product has by default, and prints a Markdown table.  Each dialect is read twice: as it is, and with one wrong date in
its last line, whose number the message must name.  ``--steps`` adds the slowest SQL steps.
"""

# ruff: noqa: S608  (columns and files cannot be parameters of a query; all of them are our own)

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

ROOT: Final = Path(__file__).parents[1]
WRONG_DAY: Final = "31.31.2023"
MEGABYTE: Final = 1 << 20
DIALECTS: Final[Mapping[str, dict[str, str]]] = {
    "mailed": {
        "encoding": "cp1252",
        "day": "strftime(day, '%d.%m.%Y')",
        "amount": "translate(format('{:,.2f}', cents / 100.0), ',.', '\N{NO-BREAK SPACE},')",
        "delimiter": ";",
    },
    "plain": {
        "encoding": "utf-8",
        "day": "strftime(day, '%Y-%m-%d')",
        "amount": "printf('%.2f', cents / 100.0)",
        "delimiter": ",",
    },
}
COLUMNS: Final = {
    "customer_id": "Kundenr",
    "order_id": "Ordrenr",
    "order_line": "Linje",
    "order_date": "Dato",
    "product": "Varenavn",
    "amount": "Beløp",
}
# Three lines an order, orders in the order of their days; one order in fifty is a credit note.
SHOP: Final = """
CREATE VIEW lines AS
SELECT
    nr,
    nr // 3 AS order_nr,
    nr % 3 + 1 AS line,
    hash(nr // 3) % greatest($customers, 1) AS customer,
    DATE '2021-01-01' + CAST((nr // 3) * 1460 // ($lines // 3 + 1) AS INTEGER) AS day,
    CAST(
        CASE WHEN hash(nr // 3, 1) % 50 = 0 THEN -1 ELSE 1 END
        * CASE WHEN hash(nr, 2) % 7 = 0 THEN 100000 + hash(nr, 3) % 9900000 ELSE hash(nr, 3) % 100000 END
        AS BIGINT
    ) AS cents,
    ['Blåbærsyltetøy', 'Rød genser', 'Café crème', 'Strømper str. 40'][CAST(hash(nr, 4) % 4 AS INTEGER) + 1] AS product
FROM range($lines) AS numbers (nr)
"""


def write(path: Path, lines: int, dialect: str) -> Decimal:
    """Write ``lines`` lines in a dialect; return their total."""
    chosen = DIALECTS[dialect]
    connection = duckdb.connect()
    connection.execute(SHOP.replace("$lines", str(lines)).replace("$customers", str(lines // 10)))
    utf8 = path.with_suffix(".utf8")
    connection.execute(
        "COPY (SELECT order_nr + 1000000 AS Ordrenr, line AS Linje, format('{:07d}', customer) AS Kundenr, "
        f'{chosen["day"]} AS Dato, product AS Varenavn, {chosen["amount"]} AS "Beløp" FROM lines ORDER BY nr) '
        f"TO '{utf8}' (HEADER, DELIMITER '{chosen['delimiter']}')"
    )
    (cents,) = connection.execute("SELECT sum(cents) FROM lines").fetchall()[0]
    connection.close()
    with (
        utf8.open(encoding="utf-8", newline="") as read_,
        path.open("w", encoding=chosen["encoding"], newline="") as to,
    ):
        shutil.copyfileobj(read_, to, MEGABYTE)
    utf8.unlink()
    return Decimal(cents) / 100


def spoil(path: Path, dialect: str) -> int:
    """Append a line whose date is none; return its number."""
    mark = DIALECTS[dialect]["delimiter"]
    with path.open("rb") as source:
        lines = sum(part.count(b"\n") for part in iter(lambda: source.read(MEGABYTE), b""))
    with path.open("ab") as target:
        target.write(mark.join(["9999999", "1", "0000001", WRONG_DAY, "Genser", "1"]).encode() + b"\n")
    return lines + 1


def child(path: Path, *, steps: bool) -> None:
    """Read a file, and print what came of it as JSON."""
    from loyalty_lib.engine import Engine
    from loyalty_lib.errors import LoyaltyError
    from loyalty_lib.validate import read_transactions

    seconds: dict[str, float] = {}
    if steps:
        _time_steps(Engine, seconds)
    started = time.perf_counter()
    found: dict[str, Any] = {}
    try:
        transactions = read_transactions(path, columns=COLUMNS)
    except LoyaltyError as error:
        found["message"] = str(error)
    else:
        ((rows, total),) = transactions.engine.connection.execute(
            "SELECT count(*), sum(amount)::VARCHAR FROM transactions"
        ).fetchall()
        found |= {"rows": rows, "total": total, "customers": transactions.quality.customers}
    found["seconds"] = time.perf_counter() - started
    found["peak"] = _peak()
    found["steps"] = sorted(seconds.items(), key=lambda item: -item[1])[:12]
    print(json.dumps(found))


def _time_steps(engine: type, seconds: dict[str, float]) -> None:
    """Have the engine's ways of running a step add up their seconds under the step's name."""
    for method in ("run", "create", "arrow"):
        inner = getattr(engine, method)

        def timed(self: object, *names: str, _inner: Any = inner, **values: Any) -> Any:
            started = time.perf_counter()
            try:
                return _inner(self, *names, **values)
            finally:
                seconds[names[-1]] = seconds.get(names[-1], 0) + time.perf_counter() - started

        setattr(engine, method, timed)


def _peak() -> int:
    """Return the largest resident size this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def read(path: Path, *, steps: bool = False, memory: str | None = None) -> dict[str, Any]:
    """Read a file in a process of its own; return its rows, total or message, seconds and peak memory in bytes."""
    command = [sys.executable, __file__, "--child", str(path), *(["--steps"] if steps else [])]
    done = subprocess.run(command, cwd=ROOT, env=_environment(memory), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _environment(memory: str | None) -> dict[str, str]:
    there = {name: value for name, value in os.environ.items() if name != "LOYALTY_MEMORY"}
    return {**there, "PYTHONPATH": str(ROOT), **({"LOYALTY_MEMORY": memory} if memory else {})}


def measure(path: Path, lines: int, dialect: str, **options: Any) -> list[str]:
    """Write, read, spoil and read again; return two rows of the table.

    Parameters
    ----------
    options
        As ``read`` takes them.

    Raises
    ------
    RuntimeError
        If the total is wrong, or the wrong line is not named.
    """
    total = write(path, lines, dialect)
    size = path.stat().st_size / MEGABYTE
    good = read(path, **options)
    if Decimal(good.get("total", "nan")) != total or good["rows"] != lines:
        message = f"{dialect}: expected {lines} rows and {total}, got {good}"
        raise RuntimeError(message)
    wrong_line = spoil(path, dialect)
    bad = read(path, **options)
    if f"line {wrong_line}: 'Dato' holds '{WRONG_DAY}'" not in bad.get("message", ""):
        message = f"{dialect}: expected line {wrong_line} to be named, got {bad}"
        raise RuntimeError(message)
    path.unlink()
    rows = []
    for name, found in (("all right", good), ("last line wrong", bad)):
        measured = f"{found['seconds']:.1f} | {found['peak'] / MEGABYTE:,.0f}"
        rows.append(f"| {dialect} | {lines:,} | {size:,.0f} | {name} | {measured} |")
        rows += [f"    {step}: {seconds:.1f} s" for step, seconds in found["steps"]]
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--dialects", nargs="+", choices=DIALECTS, default=list(DIALECTS))
    parser.add_argument("--folder", type=Path, help="where the files are written; removed afterwards")
    parser.add_argument("--steps", action="store_true", help="the slowest SQL steps, too")
    parser.add_argument("--memory", help="the engine's limit, as \"1500MB\"; left out, the product's own")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        child(options.child, steps=options.steps)
        return 0
    print("| dialect | lines | MB | file | seconds | peak MB |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for dialect in options.dialects:
            rows = measure(
                Path(folder) / "orders.csv", options.lines, dialect, steps=options.steps, memory=options.memory
            )
            print("\n".join(rows), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
