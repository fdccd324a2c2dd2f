"""SQLite: locks, journals, shared memory."""

import os
import signal
import sqlite3
import time

from .kit import case, in_child, join, same, spawn


def connect(mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect("db", timeout=20, isolation_level=None)
    same(connection.execute(f"PRAGMA journal_mode={mode}").fetchone()[0], mode.lower(), "journal mode")
    return connection


def fill(connection: sqlite3.Connection, rows: int) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER, text TEXT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, f"row {n}") for n in range(rows)))
    connection.execute("COMMIT")


def check(rows: int) -> None:
    connection = sqlite3.connect("db", timeout=100)
    same(connection.execute("SELECT count(*) FROM t").fetchone()[0], rows, "rows")
    same(connection.execute("PRAGMA integrity_check").fetchone()[0], "ok", "integrity")


@case("a database with a rollback journal is filled and read by another process")
def rollback():
    fill(connect("DELETE"), 5000)
    in_child(lambda: check(5000))


@case("a database with a write-ahead log is filled and read by another process")
def wal():
    connection = connect("WAL")
    fill(connection, 5000)
    in_child(lambda: check(5000))
    connection.close()
    same(sorted(os.listdir()), ["db"], "files after the last close")


def contend(mode: str) -> None:
    fill(connect(mode), 0)

    def insert():
        connection = connect(mode)
        connection.execute("PRAGMA synchronous=NORMAL")
        for number in range(30):
            connection.execute("INSERT INTO t VALUES (?, ?)", (number, str(os.getpid())))

    join(*[spawn(insert) for _ in range(2)])
    check(60)


@case("two processes write with a rollback journal", limit=90)
def contend_rollback():
    contend("DELETE")


@case("two processes write with a write-ahead log", limit=90)
def contend_wal():
    contend("WAL")


@case("a reader keeps its snapshot while another process writes the log")
def snapshot():
    writer = connect("WAL")
    fill(writer, 10)
    reader = sqlite3.connect("db", isolation_level=None)
    reader.execute("BEGIN")
    same(reader.execute("SELECT count(*) FROM t").fetchone()[0], 10, "rows")
    in_child(lambda: fill(connect("WAL"), 5))
    same(reader.execute("SELECT count(*) FROM t").fetchone()[0], 10, "rows in the snapshot")
    reader.execute("COMMIT")
    same(reader.execute("SELECT count(*) FROM t").fetchone()[0], 15, "rows after it")


def killed(mode: str) -> None:
    fill(connect(mode), 100)
    reader, writer = os.pipe()

    def die():
        connection = connect(mode)
        connection.execute("PRAGMA cache_size=5")  # so that it spills to the file before the commit
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, "x" * 500) for n in range(2000)))
        os.write(writer, b"x")
        time.sleep(60)

    pid = spawn(die)
    os.read(reader, 1)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    check(100)


@case("a writer killed in a transaction leaves nothing of it, with a rollback journal")
def killed_rollback():
    killed("DELETE")


@case("a writer killed in a transaction leaves nothing of it, with a write-ahead log")
def killed_wal():
    killed("WAL")


@case("a database in memory-mapped mode, vacuumed")
def mapped():
    connection = connect("DELETE")
    connection.execute("PRAGMA mmap_size=10000000")
    fill(connection, 3000)
    connection.execute("DELETE FROM t WHERE n % 2")
    connection.execute("VACUUM")
    check(1500)
