"""The engine: no network, no trace, nothing that depends on the machine."""

from __future__ import annotations

import datetime as dt
import gc
import stat

import duckdb
import pyarrow as pa
import pytest

from loyalty_lib import engine as module
from loyalty_lib.engine import SQL, Engine, sql_text


@pytest.fixture
def sql(tmp_path, monkeypatch):
    """Return a function that writes a file of SQL where the engine looks for them."""
    monkeypatch.setattr(module, "SQL", tmp_path)
    sql_text.cache_clear()
    yield lambda name, text: (tmp_path / f"{name}.sql").write_text(text)
    sql_text.cache_clear()


def test_files_run_with_named_values(sql):
    sql("rows", "SELECT CAST($day AS DATE) AS day, $n AS n ORDER BY n")
    sql("fill", "INSERT INTO kept SELECT day, n FROM kept WHERE n = $n")
    engine = Engine()
    engine.create("kept", "rows", day=dt.date(2024, 1, 1), n=2)
    engine.run("fill", n=2)
    sql("read", "FROM kept")
    assert engine.arrow("read").to_pylist() == [{"day": dt.date(2024, 1, 1), "n": 2}] * 2
    assert engine.frame("read")["day"].dtype.kind == "M"
    engine.create("kept", "rows", day=dt.date(2024, 1, 2), n=3)
    assert engine.arrow("read").num_rows == 1


def test_csv_parquet_and_time_zones_need_no_extension_from_outside(tmp_path):
    connection = Engine().connection
    connection.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path}/a.parquet'")
    connection.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path}/a.csv.gz'")
    assert connection.sql(
        f"SELECT a FROM '{tmp_path}/a.parquet' UNION ALL SELECT a FROM '{tmp_path}/a.csv.gz'"
    ).fetchall() == [
        (1,),
        (1,),
    ]
    moment = "timezone('Europe/Oslo', TIMESTAMPTZ '2024-03-31 01:30:00+00')"
    assert connection.sql(f"SELECT {moment}").fetchall() == [(dt.datetime(2024, 3, 31, 3, 30),)]  # noqa: DTZ001


def test_network_is_never_reached_for():
    with pytest.raises(duckdb.Error, match="httpfs"):
        Engine().connection.execute("FROM 'https://example.com/a.csv'")


def test_session_is_in_utc_whatever_the_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert Engine().connection.sql("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_table_name_never_means_a_python_variable():
    secrets = pa.table({"a": [1]})
    with pytest.raises(duckdb.CatalogException):
        Engine().connection.execute("FROM secrets")
    assert secrets.num_rows == 1


def test_memory_limit_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("LOYALTY_MEMORY", "300MB")
    assert Engine().connection.sql("SELECT current_setting('memory_limit')").fetchall() == [("286.1 MiB",)]
    assert Engine("1GB").connection.sql("SELECT current_setting('memory_limit')").fetchall() == [("953.6 MiB",)]


def test_more_than_memory_spills_to_a_private_folder_that_goes_with_the_engine():
    engine = Engine("60MB")
    assert stat.S_IMODE(engine.scratch.stat().st_mode) == 0o700
    engine.connection.execute("CREATE TABLE wide AS SELECT hash(range)::VARCHAR || range AS text FROM range(3_000_000)")
    assert any(engine.scratch.iterdir())
    engine.close()
    assert not engine.scratch.exists()


def test_forgotten_engine_leaves_no_folder():
    engine = Engine()
    scratch = engine.scratch
    del engine
    gc.collect()
    assert not scratch.exists()


def test_every_sql_file_says_what_it_is_for():
    files = sorted(SQL.glob("*.sql"))
    assert len(files) > 10
    assert [file.name for file in files if not file.read_text(encoding="utf-8").startswith("-- ")] == []
