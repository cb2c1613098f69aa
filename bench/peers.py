"""The programs that bench/run compares, each behind a few methods, and the servers and databases they work on."""

import contextlib
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

PASSWORD = "a-password-for-the-benchmark"
S3_KEY, S3_SECRET = "bench-key", "bench-secret"
# Debian's, whatever else is first in PATH.
AWS = "/usr/bin/aws"
YEAR = time.strftime("%Y")
# Not only at the begin of a line: it comes right behind the body of the request before it.
REQUEST = re.compile(rb"(?:GET|PUT|POST|HEAD|DELETE) /[^ \r\n]* HTTP/1\.1\r\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """What one command took: wall seconds, and CPU seconds with its children."""

    def __init__(self, wall, cpu, stdout):
        self.wall, self.cpu, self.stdout = wall, cpu, stdout


def timed(command, *, env=None, shell=False):
    """Runs a command to its end; a failure ends the benchmark with what the command said."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(env or {})},
            shell=shell,
            executable="/bin/bash" if shell else None,
            stdout=output,
            stderr=complaints,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        complaints.seek(0)
        if process.returncode != 0:
            said = complaints.read().decode(errors="replace")[-2000:]
            raise SystemExit(f"bench/run: {command} failed with {process.returncode}:\n{said}")
        return Run(wall, usage.ru_utime + usage.ru_stime, output.read())


def pipeline(text, **options):
    """A line for bash in which a failure anywhere is a failure."""
    return timed("set -euo pipefail; " + text, shell=True, **options)


def median(values):
    return statistics.median(values)


def interleaved(rounds, contenders):
    """Runs each contender once a round, in turns; returns name -> list of its wall seconds."""
    walls = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            walls[name].append(contender())
    return walls


def folder_bytes(path):
    return sum(entry.stat().st_size for entry in Path(path).rglob("*") if entry.is_file())


class CountingProxy:
    """Passes connections on to the S3 server and counts the requests in them. For counting only: it costs time."""

    def __init__(self, port):
        self.requests, self.target = 0, ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(self.target)
            for pair in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.copy, args=pair, daemon=True).start()

    def copy(self, source, target, counted):
        tail = b""
        while data := source.recv(1 << 16):
            if counted:
                # A request line may come in two pieces: what the last piece ended with is looked at again.
                seen = tail + data
                self.requests += len(REQUEST.findall(seen)) - len(REQUEST.findall(tail))
                tail = seen[-4096:]
            target.sendall(data)
        target.close()


class Bench:
    """Owns the S3 server and the scratch folder for one run."""

    def __init__(self, root, rounds, scale):
        self.root, self.rounds, self.scale = root, rounds, scale
        self.cofre_binary = str(root / "build" / "bench" / "src" / "cofre")

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="cofre-bench-"))
        self.s3_port = free_port()
        self.s3_folder = self.folder / "s3"
        self.endpoint = f"http://127.0.0.1:{self.s3_port}"
        # The engine's lock files, where this user may write.
        os.environ["FIREBIRD_LOCK"] = str(self.folder / "firebird-lock")
        (self.folder / "firebird-lock").mkdir()
        os.environ.update(ISC_USER="sysdba", AWS_ACCESS_KEY_ID=S3_KEY, AWS_SECRET_ACCESS_KEY=S3_SECRET)
        os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true")
        os.environ.update(RESTIC_PASSWORD=PASSWORD, RESTIC_CACHE_DIR=str(self.folder / "restic-cache"))
        os.environ.update(BORG_PASSPHRASE=PASSWORD, BORG_BASE_DIR=str(self.folder / "borg"))
        subprocess.run(
            [self.root / "tests/servers/s3-server", "start", self.s3_folder, str(self.s3_port), str(os.getpid())],
            env={**os.environ, "COFRE_TEST_S3_ACCESS_KEY": S3_KEY, "COFRE_TEST_S3_SECRET_KEY": S3_SECRET},
            check=True,
        )
        return self

    def __exit__(self, *_):
        subprocess.run([self.root / "tests/servers/s3-server", "stop", self.s3_folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Databases

    def company(self, name, scale=None):
        """A Firebird accounting database of this run's scale."""
        path = self.folder / f"{name}.fdb"
        self.demo("create", path, str(scale or self.scale))
        return path

    def day(self, database):
        self.demo("day", database)

    def demo(self, *arguments):
        timed([str(self.root / "scripts" / "demo-company"), *map(str, arguments)])

    def dump(self, database, to):
        pipeline(f"gbak -b -g {database} stdout > {to}")
        return to

    # S3

    def bucket(self, name):
        timed([AWS, "--endpoint-url", self.endpoint, "s3", "mb", f"s3://{name}"])
        return name

    def bucket_bytes(self, bucket):
        listing = timed([AWS, "--endpoint-url", self.endpoint, "s3", "ls", "--recursive", f"s3://{bucket}"]).stdout
        return sum(int(line.split()[2]) for line in listing.decode().splitlines())

    # Peers

    def restic(self, repository):
        env = {"RESTIC_REPOSITORY": repository}
        timed(["restic", "init"], env=env)
        return env

    def restic_s3(self, bucket):
        return self.restic(f"s3:{self.endpoint}/{bucket}")

    def borg(self, name):
        path = self.folder / f"borg-{name}"
        timed(["borg", "init", "--encryption=repokey-blake2", str(path)])
        return path

    def cofre(self, name, store):
        return Cofre(self, name, store)


class Cofre:
    """One installation of Cofre in a folder of its own."""

    def __init__(self, bench, name, store):
        self.binary = bench.cofre_binary
        self.folder = bench.folder / f"cofre-{name}"
        self.config = self.folder / "cofre.toml"
        timed([self.binary, "init", "--dir", str(self.folder), "--store", store])

    def run(self, *arguments):
        return timed([self.binary, "--config", str(self.config), *map(str, arguments)])

    def add_firebird(self, company, database, *options):
        if company == "900000001":
            self.run("server", "add", "local", "--engine", "firebird")
        self.run("company", "add", company, "--name", f"Empresa {company}", "--server", "local", "--space-limit", "100")
        self.run("database", "add", company, YEAR, "--path", database, *options)

    def add_command(self, company, *command):
        if company == "900000001":
            self.run("server", "add", "local", "--engine", "command")
        self.run("company", "add", company, "--name", f"Empresa {company}", "--server", "local", "--space-limit", "100")
        self.run("database", "add", company, YEAR, "--", *command)

    def choose_average_blob_bytes(self, average):
        """In place of the choice that the first backup makes."""
        with sqlite3.connect(self.folder / "state" / "catalogue.db") as catalogue:
            catalogue.execute("UPDATE databases SET average_blob_bytes = ?", (average,))

    def let_a_day_pass(self):
        """Its backups become a day older. The second of one day would take the place of the first."""
        with contextlib.closing(sqlite3.connect(self.folder / "state" / "catalogue.db")) as catalogue, catalogue:
            catalogue.execute("UPDATE backups SET time_ns = time_ns - 86400 * 1000000000")

    def backup(self, company):
        return self.run("backup", company)

    def backup_measured(self, company):
        """(wall seconds, peak bytes). GNU time starts it: a child of ours would count our own memory as its peak."""
        report = self.folder / "peak"
        command = ["/usr/bin/time", "-f", "%M", "-o", str(report), self.binary, "--config", str(self.config), "backup", company]
        wall = timed(command).wall
        return wall, int(report.read_text()) * 1024
