"""A night of many small companies: `cofre tick` against the script that operators write today."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

from peers import AWS, YEAR, pipeline, timed

COMPANIES, WORKERS = 1000, 4
# The script pays the same for each company, so fewer of them tell what a thousand cost.
SCRIPT_COMPANIES = 100


def register(cofre, dumps):
    """Companies whose database is a file with today's dump: what gbak takes is in neither side's time."""
    cofre.run("server", "add", "local", "--engine", "command", "--max-concurrent", WORKERS)
    for number, dump in enumerate(dumps):
        company = f"9{number + 1:08}"
        cofre.run("company", "add", company, "--name", f"Empresa {number + 1}", "--server", "local")
        cofre.run("database", "add", company, YEAR, "--", "/bin/cat", dump)


def tick(cofre, day):
    # From tomorrow on: a database registered after its hour waits for the next one.
    at = (datetime.now(timezone.utc).replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=day + 1)).isoformat()
    return [cofre.binary, "--config", str(cofre.config), "tick", "--at", at]


def script_night(bench, bucket, dumps, old):
    """A dump into a file, up, and the one before deleted: four at a time."""

    def one(number):
        key = f"s3://{bucket}/9{number + 1:08}"
        file = bench.folder / f"script-{number}.fbk"
        endpoint = f"{AWS} --endpoint-url {bench.endpoint} s3"
        delete = f" && {endpoint} rm --only-show-errors {key}/{old}.fbk" if old is not None else ""
        new = 0 if old is None else old + 1
        pipeline(f"cat {dumps[number]} > {file} && {endpoint} cp --only-show-errors {file} {key}/{new}.fbk{delete}; rm {file}")

    begin = time.monotonic()
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        list(pool.map(one, range(SCRIPT_COMPANIES)))
    return (time.monotonic() - begin) * COMPANIES / SCRIPT_COMPANIES


def small_dumps(bench):
    """Two days of a dozen small companies; the thousand share them."""
    days = [[], []]
    for number in range(12):
        database = bench.company(f"fleet-{number}", "0.02")
        days[0].append(bench.dump(database, bench.folder / f"fleet-{number}-0.fbk"))
        bench.day(database)
        days[1].append(bench.dump(database, bench.folder / f"fleet-{number}-1.fbk"))
    return days


def stored_by(cofre, seen):
    """What the backups that were not seen before have added to the bucket."""
    backups = [backup for backup in json.loads(cofre.run("list", "--json").stdout) if backup["respaldo"] not in seen]
    seen.update(backup["respaldo"] for backup in backups)
    return len(backups), sum(backup["bytes_almacenados"] for backup in backups)


def crowd(bench, verdict):
    """Peak memory of 20 backups at once."""
    source = Path(bench.dump(bench.company("crowd-source"), bench.folder / "crowd.fbk"))
    cofre = bench.cofre("crowd", f"s3:{bench.endpoint}/{bench.bucket('crowd')}/all")
    cofre.run("server", "add", "local", "--engine", "command", "--max-concurrent", 20)
    for number in range(20):
        company = f"9{number + 1:08}"
        cofre.run("company", "add", company, "--name", f"Empresa {number}", "--server", "local", "--space-limit", "100")
        cofre.run("database", "add", company, YEAR, "--", "/bin/cat", source)
    cofre.config.write_text(cofre.config.read_text().replace("[servicio]\n", "[servicio]\ntrabajadores = 20\n", 1))
    report = bench.folder / "crowd-peak"
    cofre.run("tick")  # they are known from now on
    timed(["/usr/bin/time", "-f", "%M", "-o", str(report), *tick(cofre, 0)])
    assert stored_by(cofre, set())[0] == 20
    return (
        f"## 20 backups at once\n\n`cofre tick` with 20 workers, each backup of {source.stat().st_size / 1e6:.0f} MB of stream: "
        f"the process's peak in MiB: {verdict(int(report.read_text()) / 1024, 512)}."
    )


def fleet(bench, table, verdict):
    days = small_dumps(bench)
    dumps = [bench.folder / f"today-{number}.fbk" for number in range(COMPANIES)]

    def advance(day):
        for number, dump in enumerate(dumps):
            dump.unlink(missing_ok=True)
            os.link(days[day][number % 12], dump)

    cofre = bench.cofre("fleet", f"s3:{bench.endpoint}/{bench.bucket('fleet-cofre')}/all")
    advance(0)
    register(cofre, dumps)
    cofre.run("tick")  # they are known from now on
    bucket = bench.bucket("fleet-script")
    rows, seen = [], set()
    ours, theirs, sent = [], [], []
    for day, name in enumerate(("first night", "second night")):
        advance(day)
        ours.append(timed(tick(cofre, day)).wall)
        count, stored = stored_by(cofre, seen)
        assert count == COMPANIES, f"{count} backups"
        theirs.append(script_night(bench, bucket, dumps, None if day == 0 else 0))
        sent.append((stored, sum(dump.stat().st_size for dump in dumps)))
        rows.append([name, f"{ours[-1]:.0f} s", f"{theirs[-1]:.0f} s", f"{stored / 1e6:.1f} MB", f"{sent[-1][1] / 1e6:.0f} MB"])
    megabytes = days[0][0].stat().st_size / 1e6
    return "\n\n".join(
        [
            f"## A night of {COMPANIES} small companies to S3 ({megabytes:.1f} MB of stream each), {WORKERS} at a time",
            table(["", "cofre tick", "script", "cofre: bytes up", "script: bytes up"], rows),
            f"The dumps lie ready, so gbak is in nobody's time. The script (`cat > FILE`, `aws s3 cp`, `aws s3 rm` of the one before) did "
            f"{SCRIPT_COMPANIES} companies, its time is multiplied. Wall, worse night: "
            f"{verdict(max(a / b for a, b in zip(ours, theirs)), 0.2)}. Bytes up, second night: {verdict(sent[1][0] / sent[1][1], 0.1)}.",
        ]
    )
