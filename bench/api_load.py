#!/usr/bin/env python3
"""How quickly the API answers while backups run, and what its viewers cost the backups: 10,000 companies; 200 viewers who
each keep a stream of events open and read the summary and a page of companies every 5 seconds; 20 backups of real Firebird
databases at once (gbak with the embedded engine), with and without the viewers, in turns.

    bench/api_load.py PROGRAM [--companies N] [--viewers N] [--backups N] [--scale S] [--rounds N]

Makes a vault in a temporary folder, with three backups a company and a night's jobs as rows; everything is paused, so
that nothing else runs. Prints the 50th and 95th percentile and the slowest answer in milliseconds, and the backups' wall
time with viewers by that without: the median of the rounds' ratios; and once more without the processor's time of the
viewers themselves, whose machines are elsewhere. A scale of 1 is a dump of 44 MB each.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import selectors
import shutil
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time

PASSWORD = "una clave bien larga"
PAUSE = 5  # seconds between two looks of a viewer
DEMO = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "demo-company"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def company_of(number):
    return str(700000000 + number)


def make_vault(cofre, folder, options, port):
    cofre("init", "--dir", folder)
    config = pathlib.Path(folder, "cofre.toml")
    text = config.read_text() + f'escucha = "127.0.0.1:{port}"\n'
    config.write_text(re.sub(r"#? *trabajadores = .*", f"trabajadores = {options.backups}", text))
    cofre("server", "add", "srv1", "--engine", "sqlite")
    cofre("server", "add", "local", "--max-concurrent", str(options.backups))
    first = f"{folder}/0.fdb"
    subprocess.run([DEMO, "create", first, str(options.scale)], check=True, capture_output=True)
    rows = [f"{800000000 + i},Comercial Peña {i},srv1,2026,/data/{i}.db" for i in range(options.companies)]
    for i in range(options.backups):
        if i > 0:
            shutil.copy(first, f"{folder}/{i}.fdb")
        rows.append(f"{company_of(i)},Ferretería {i},local,2026,{folder}/{i}.fdb")
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
    companies = catalogue.execute("SELECT id FROM companies WHERE id >= '8'").fetchall()
    for i, (company,) in enumerate(companies):
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


class Operator:
    """Who starts the backups and waits for their end, by the stream of events."""

    def __init__(self, port):
        self.port = port
        for _ in range(400):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port)
                body = json.dumps({"usuario": "ana", "clave": PASSWORD})
                connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                self.cookie = answer.getheader("Set-Cookie").split(";")[0]
                self.csrf = json.loads(answer.read())["csrf"]
                return
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise SystemExit("it does not listen")

    def stream(self):
        stream = socket.create_connection(("127.0.0.1", self.port))
        stream.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nCookie: {self.cookie}\r\n\r\n".encode())
        return stream

    def start(self, company):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Cookie": self.cookie, "X-CSRF-Token": self.csrf, "Content-Type": "application/json"}
        connection.request("POST", f"/api/v1/companies/{company}/backups", "{}", headers)
        answer = connection.getresponse()
        if answer.status != 202:
            raise SystemExit(f"a backup is not started: {answer.status} {answer.read()}")

    def back_up(self, count):
        """Seconds that `count` backups, all at once, take in all."""
        with self.stream() as stream, stream.makefile("rb") as lines:
            while not lines.readline().startswith(b"event: inicio"):
                pass
            began, left = time.monotonic(), {company_of(i) for i in range(count)}
            with concurrent.futures.ThreadPoolExecutor(count) as pool:
                list(pool.map(self.start, sorted(left)))
            while left:
                line = lines.readline()
                if not line.startswith(b"data: {"):
                    continue
                job = json.loads(line[6:])
                if job.get("tipo") == "backup" and job["estado"] not in ("queued", "running"):
                    if job["estado"] != "done":
                        raise SystemExit(f"a backup failed: {job['mensaje']}")
                    left.discard(job["empresa"])
            return time.monotonic() - began


class Viewers(threading.Thread):
    """All in one thread: it is the service that is measured."""

    def __init__(self, operator, count, times):
        super().__init__()
        self.operator, self.times, self.over = operator, times, False
        self.selector, self.streamed = selectors.DefaultSelector(), set()
        for number in range(count):
            self.selector.register(operator.stream(), selectors.EVENT_READ, None)
            asking = socket.create_connection(("127.0.0.1", operator.port))
            whats = ("today", f"companies?orden=nombre&pagina={number % 100 + 1}")
            viewer = {"socket": asking, "whats": whats, "at": 0, "answer": b"", "due": time.monotonic() + PAUSE * number / count}
            self.selector.register(asking, selectors.EVENT_READ, viewer)
        self.waiting = [key.data for key in self.selector.get_map().values() if key.data]

    def ask(self, viewer):
        viewer["asked"], viewer["answer"] = time.monotonic(), b""
        target = "/api/v1/" + viewer["whats"][viewer["at"]]
        viewer["socket"].sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nCookie: {self.operator.cookie}\r\n\r\n".encode())

    def read(self, viewer):
        viewer["answer"] += viewer["socket"].recv(1 << 18)
        head, parted, body = viewer["answer"].partition(b"\r\n\r\n")
        if not parted or len(body) < int(re.search(rb"Content-Length: (\d+)", head).group(1)):
            return
        what = viewer["whats"][viewer["at"]].split("?")[0]
        self.times.append((what, head[9:12] == b"200", 1000 * (time.monotonic() - viewer["asked"])))
        viewer["at"] = (viewer["at"] + 1) % 2
        if viewer["at"] == 1:
            self.ask(viewer)
        else:
            viewer["due"] = viewer["asked"] + PAUSE
            self.waiting.append(viewer)

    def run(self):
        while not self.over:
            for key, _ in self.selector.select(0.01):
                if key.data:
                    self.read(key.data)
                elif key.fileobj.recv(1 << 18):
                    self.streamed.add(key.fd)
            now, later = time.monotonic(), []
            for viewer in self.waiting:
                if viewer["due"] <= now:
                    self.ask(viewer)
                else:
                    later.append(viewer)
            self.waiting = later

    def end(self):
        self.over = True
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(operator, service, options):
    times, ratios, without_own, own = [], [], [], 0.0

    def alone():
        its = cpu_seconds(service.pid)
        seconds = operator.back_up(options.backups)
        print(f"           alone, the service's processor time {cpu_seconds(service.pid) - its:.1f} s")
        return seconds

    def watched():
        nonlocal own
        viewers = Viewers(operator, options.viewers, [])
        viewers.start()
        time.sleep(PAUSE)  # all have looked once: after a quiet time the first ones wait for a look at the fleet
        viewers.times = times
        began, its = time.process_time(), cpu_seconds(service.pid)
        seconds = operator.back_up(options.backups)
        own = time.process_time() - began
        print(f"           viewers' own processor time {own:.1f} s, the service's {cpu_seconds(service.pid) - its:.1f} s, "
              f"{len(viewers.streamed)} streams")
        viewers.end()
        return seconds

    operator.back_up(options.backups)  # the first ones upload everything
    for number in range(options.rounds):
        order = [alone, watched] if number % 2 == 0 else [watched, alone]
        seconds = {kind: kind() for kind in order}
        ratios.append(seconds[watched] / seconds[alone])
        without_own.append((seconds[watched] - own / os.cpu_count()) / seconds[alone])
        print(f"backups    {seconds[alone]:.2f} s alone, {seconds[watched]:.2f} s with viewers: {ratios[-1]:.3f}", flush=True)
    print(f"backups    with viewers by without, median: {statistics.median(ratios):.3f}; "
          f"{statistics.median(without_own):.3f} without the viewers' own processor time")
    for what in ("today", "companies"):
        taken = sorted(taken for name, _, taken in times if name == what)
        failed = sum(1 for name, good, _ in times if name == what and not good)
        print(f"{what:10} {len(taken)} answers, {failed} failed: p50 {taken[len(taken) // 2]:.1f} ms, "
              f"p95 {taken[len(taken) * 95 // 100]:.1f} ms, max {taken[-1]:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--backups", type=int, default=20)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COFRE_CONFIG": folder + "/vault/cofre.toml"}

        def cofre(*words, given=None):
            subprocess.run([options.program, *words], env=environment, input=given, text=True, check=True, capture_output=True)

        port = free_port()
        make_vault(cofre, folder + "/vault", options, port)
        with subprocess.Popen([options.program, "serve"], env=environment, stderr=subprocess.DEVNULL) as service:
            try:
                measure(Operator(port), service, options)
                status = pathlib.Path(f"/proc/{service.pid}/status").read_text()
            finally:
                service.terminate()
        print(*[line for line in status.splitlines() if line.startswith(("Threads", "VmHWM"))], sep="\n")


if __name__ == "__main__":
    main()
