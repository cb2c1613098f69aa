#!/usr/bin/env python3
"""How quickly the API answers: 10,000 companies, 200 viewers who each keep a stream of events open and read the summary
and a page of companies every few seconds.

    bench/api_load.py PROGRAM [--companies N] [--viewers N] [--rounds N]

Makes a vault in a temporary folder, with three backups a company and a night's jobs as rows (nothing is backed up:
everything is paused), and prints the 50th and 95th percentile and the slowest in milliseconds.
"""

import argparse
import http.client
import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

PASSWORD = "una clave bien larga"
PAUSE = 5  # seconds between two looks of a viewer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_vault(cofre, folder, companies, port):
    cofre("init", "--dir", folder)
    config = pathlib.Path(folder, "cofre.toml")
    config.write_text(config.read_text() + f'escucha = "127.0.0.1:{port}"\n')
    cofre("server", "add", "srv1", "--engine", "sqlite")
    rows = [f"{800000000 + i},Comercial Peña {i},srv1,2026,/data/{i}.db" for i in range(companies)]
    csv = pathlib.Path(folder, "fleet.csv")
    csv.write_text("empresa,nombre,servidor,anio_fiscal,base\n" + "\n".join(rows) + "\n")
    cofre("company", "import", str(csv))
    cofre("pause")
    cofre("user", "add", "ana", "--role", "administrator", given=PASSWORD)
    add_history(next(pathlib.Path(folder, "state").glob("*.db")))


def insert(catalogue, table, row):
    catalogue.execute(f"INSERT INTO {table} ({','.join(row)}) VALUES ({','.join('?' * len(row))})", list(row.values()))


def add_history(path):
    catalogue, now = sqlite3.connect(path), time.time_ns()
    for i, (company,) in enumerate(catalogue.execute("SELECT id FROM companies").fetchall()):
        for day in range(3):
            at = now - int((day + 0.3) * 86400e9)
            backup = {"snapshot_id": f"{3 * i + day:064x}", "company": company, "fiscal_year": 2026, "time_ns": at}
            backup |= {"path": "/x", "dump_bytes": 5_000_000, "new_bytes": 100_000, "stored_bytes": 50_000}
            insert(catalogue, "backups", backup | {"elapsed_ns": 500_000_000, "drill_problem": ""})
        at = now - int(0.3 * 86400e9)
        job = {"id": 100_000 + i, "kind": "backup", "state": "done", "reason": "scheduled", "company": company}
        job |= {"fiscal_year": 2026, "priority": 1, "batch": 1, "attempt": 1, "queued_ns": at, "late": 0}
        job |= {"not_before_ns": at, "started_ns": at, "ended_ns": at + 500_000_000, "error_kind": "", "message": ""}
        insert(catalogue, "jobs", job | {"bytes": 5_000_000, "stored_bytes": 50_000, "owner": "x", "token": 1, "snapshot_id": ""})
    catalogue.execute("UPDATE counters SET value = 1000000 WHERE name = 'jobs'")
    catalogue.commit()


def sign_in(port):
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            body = json.dumps({"usuario": "ana", "clave": PASSWORD})
            connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
            return connection.getresponse().getheader("Set-Cookie").split(";")[0]
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("it does not listen")


def view(port, cookie, number, rounds, times):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    time.sleep(PAUSE * (number % 100) / 100)
    for _ in range(rounds):
        for what in ("today", f"companies?orden=nombre&pagina={number % 100 + 1}"):
            began = time.monotonic()
            connection.request("GET", "/api/v1/" + what, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            times.append((what.split("?")[0], answer.status, 1000 * (time.monotonic() - began)))
        time.sleep(PAUSE)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COFRE_CONFIG": folder + "/vault/cofre.toml"}

        def cofre(*words, given=None):
            subprocess.run([options.program, *words], env=environment, input=given, text=True, check=True, capture_output=True)

        port = free_port()
        make_vault(cofre, folder + "/vault", options.companies, port)
        with subprocess.Popen([options.program, "serve"], env=environment, stderr=subprocess.DEVNULL) as service:
            try:
                cookie, times = sign_in(port), []
                streams = [socket.create_connection(("127.0.0.1", port)) for _ in range(options.viewers)]
                for stream in streams:
                    stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
                view(port, cookie, 0, 1, [])  # the first look after a quiet time is made for who asks
                viewers = [threading.Thread(target=view, args=(port, cookie, n, options.rounds, times)) for n in range(options.viewers)]
                for viewer in viewers:
                    viewer.start()
                for viewer in viewers:
                    viewer.join()
                answered = sum(1 for stream in streams if stream.recv(9))
                status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
            finally:
                service.terminate()
        for what in ("today", "companies"):
            taken = sorted(taken for name, _, taken in times if name == what)
            failed = sum(1 for name, code, _ in times if name == what and code != 200)
            print(f"{what:10} {len(taken)} answers, {failed} failed: p50 {taken[len(taken) // 2]:.1f} ms, "
                  f"p95 {taken[len(taken) * 95 // 100]:.1f} ms, max {taken[-1]:.1f} ms")
        print(f"streams    {answered} of {options.viewers} were answered")
        print(*[line for line in status.splitlines() if line.startswith(("Threads", "VmRSS"))], sep="\n")


if __name__ == "__main__":
    main()
