"""What bench/run measures. Each function takes a Bench and returns a section of docs/performance.md."""

import json

import fleet as nights
from peers import AWS, YEAR, CountingProxy, folder_bytes, interleaved, median, pipeline, timed

MIB = 1 << 20
ALPHANUMERICS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def verdict(ratio, bar, at_most=True):
    met = ratio <= bar if at_most else ratio >= bar
    return f"{ratio:.2f} (bar: {'at most' if at_most else 'at least'} {bar}) {'met' if met else '**missed**'}"


def spread(walls):
    return f"{median(walls):.2f} s ({min(walls):.2f} to {max(walls):.2f})"


def large_file(bench, megabytes):
    """Bytes like a dump's, without repetition: copies of a real dump, each with its letters and digits exchanged."""
    path = bench.folder / f"large-{megabytes}.bin"
    seed = bench.folder / "seed.fbk"
    if not seed.exists():
        bench.dump(bench.company("seed", "1"), seed)
    dump = seed.read_bytes()
    left, turn = megabytes * MIB, 0
    with open(path, "wb") as out:
        while left > 0:
            turn += 1
            step = turn % (len(ALPHANUMERICS) - 1) + 1
            other = ALPHANUMERICS[step:] + ALPHANUMERICS[:step]
            # Past one round of the alphabet, the control bytes turn too.
            shift = bytes((byte + turn // 60) % 256 if byte > 127 else byte for byte in range(256))
            copy = dump.translate(bytes.maketrans(ALPHANUMERICS, other)).translate(shift)[:left]
            out.write(copy)
            left -= len(copy)
    return path


def first_and_next(bench):
    database = bench.company("daily")
    first, following = {}, {}
    dump_file = bench.folder / "daily.fbk"
    cofre = bench.cofre("daily", f"s3:{bench.endpoint}/{bench.bucket('daily-cofre')}/all")

    for turn in range(bench.rounds):
        company = f"90000000{turn + 1}"
        cofre.add_firebird(company, database)
        restic_env = bench.restic_s3(bench.bucket(f"daily-restic-{turn}"))
        bucket = bench.bucket(f"daily-aws-{turn}")
        copy = f"{AWS} --endpoint-url {bench.endpoint} s3 cp --only-show-errors {dump_file} s3://{bucket}/daily.fbk"
        contenders = {
            "gbak to /dev/null": lambda: pipeline(f"gbak -b -g {database} stdout > /dev/null").wall,
            "gbak -e to /dev/null": lambda: pipeline(f"gbak -b -g -e {database} stdout > /dev/null").wall,
            "cofre backup": lambda: cofre.backup(company).wall,
            "gbak, restic backup --stdin": lambda: pipeline(
                f"gbak -b -g {database} stdout | restic backup --quiet --stdin --stdin-filename daily.fbk", env=restic_env
            ).wall,
            "gbak FILE, aws s3 cp": lambda: pipeline(f"gbak -b -g {database} {dump_file}; {copy}; rm {dump_file}").wall,
        }
        for walls in (first, *[following] * 3):
            for name, seconds in interleaved(1, contenders).items():
                walls.setdefault(name, []).extend(seconds)
            bench.day(database)

    rows = []
    for name in first:
        ratios = [median([a / b for a, b in zip(walls[name], walls["gbak to /dev/null"])]) for walls in (first, following)]
        rows.append([name, spread(first[name]), f"{ratios[0]:.2f}", spread(following[name]), f"{ratios[1]:.2f}"])
    size = bench.dump(database, dump_file).stat().st_size / 1e6
    ratio = {name: (float(row[2]), float(row[4])) for name, row in zip(first, rows)}
    return "\n\n".join(
        [
            f"## A Firebird database to S3 ({size:.0f} MB of stream)",
            table(["", "first time", "against gbak", "next day", "against gbak"], rows),
            "Cofre has gbak write without run lengths (`-e`: decision 0033), which is faster; its peers use gbak as it is usually used.",
            f"Cofre against gbak alone: first {verdict(ratio['cofre backup'][0], 1.25)}, next day "
            f"{verdict(ratio['cofre backup'][1], 1.08)}. Cofre below restic and below aws, first and next day: "
            + ("met." if all(ratio["cofre backup"][i] < ratio[n][i] for i in (0, 1) for n in list(ratio)[3:]) else "**missed**."),
        ]
    )


def throughput(bench):
    source = large_file(bench, 1024)
    first, second = {}, {}
    for turn in range(bench.rounds):
        cofre = bench.cofre(f"throughput-{turn}", f"file:{bench.folder}/throughput-{turn}")
        cofre.add_command("900000001", "/bin/cat", source)
        restic_env = bench.restic(str(bench.folder / f"throughput-restic-{turn}"))
        borg = bench.borg(f"throughput-{turn}")
        names = iter(range(1000))
        contenders = {
            "cofre": lambda: cofre.backup("900000001").wall,
            "restic": lambda: pipeline(f"cat {source} | restic backup --quiet --stdin --stdin-filename x", env=restic_env).wall,
            "borg": lambda: pipeline(f"cat {source} | borg create {borg}::{next(names)} -").wall,
            "zstd -3 -T2": lambda: pipeline(f"cat {source} | zstd -q -3 -T2 > {bench.folder}/zstd.out").wall,
        }
        for walls in (first, second):
            for name, seconds in interleaved(1, contenders).items():
                walls.setdefault(name, []).extend(seconds)
        timed(["rm", "-rf", str(bench.folder / f"throughput-{turn}"), str(bench.folder / f"throughput-restic-{turn}"), str(borg)])
    source.unlink()
    ratio = [median([a / b for a, b in zip(walls["restic"], walls["cofre"])]) for walls in (first, second)]
    rows = [[name, spread(first[name]), spread(second[name])] for name in first]
    return "\n\n".join(
        [
            "## 1 GiB from the page cache, through `cat`, to a local folder",
            table(["", "first time", "second, all known"], rows),
            f"Throughput against restic's: first {verdict(ratio[0], 2.5, False)}, second {verdict(ratio[1], 2, False)}.",
        ]
    )


def count_requests(bench, files, current):
    """Requests of one changed backup among ten in a process: in a vault of its own, through a proxy that counts."""
    count = 10
    proxy = CountingProxy(bench.s3_port)
    cofre = bench.cofre("counted", f"s3:{proxy.endpoint}/{bench.bucket('small-counted')}/all")
    for number in range(count):
        cofre.add_command(f"9{number + 1:08}" if number else "900000001", "/bin/cat", current)
    current.write_bytes(files[0].read_bytes())
    cofre.run("backup", "--all")
    cofre.let_a_day_pass()
    current.write_bytes(files[1].read_bytes())
    before = proxy.requests
    cofre.run("backup", "--all")
    return (proxy.requests - before) / count


def small(bench):
    count = 100
    database = bench.company("small", "0.02")
    files = [bench.dump(database, bench.folder / "small-0.fbk")]
    bench.day(database)
    files.append(bench.dump(database, bench.folder / "small-1.fbk"))
    current = bench.folder / "small.fbk"

    cofre = bench.cofre("small", f"s3:{bench.endpoint}/{bench.bucket('small-cofre')}/all")
    for number in range(count):
        cofre.add_command(f"9{number + 1:08}" if number else "900000001", "/bin/cat", current)
    restic_env = bench.restic_s3(bench.bucket("small-restic"))
    backup = f"cat {current} | restic backup --quiet --stdin --stdin-filename x"

    current.write_bytes(files[0].read_bytes())
    cofre.run("backup", "--all")
    cofre.let_a_day_pass()
    pipeline(backup, env=restic_env)
    current.write_bytes(files[1].read_bytes())
    ours = cofre.run("backup", "--all").wall / count
    theirs = []
    for _ in range(5):
        bench.day(database)
        bench.dump(database, current)
        theirs.append(pipeline(backup, env=restic_env).wall)
    ratio = ours / median(theirs)
    requests = count_requests(bench, files, current)
    return "\n\n".join(
        [
            f"## A small database that changed a little, to S3 ({files[1].stat().st_size / 1e6:.1f} MB of stream)",
            table(
                ["", "seconds each", "requests each"],
                [[f"cofre, {count} companies in one process", f"{ours:.3f}", f"{requests:.1f}"], ["restic", spread(theirs), ""]],
            ),
            f"Cofre against restic: {verdict(ratio, 0.1)}; requests {verdict(requests, 8)}. The process opens each repository for the "
            "first time, on a machine that has backed the company up before.",
        ]
    )


def month(bench):
    days = 30
    database = bench.company("month")
    dump = bench.folder / "month.fbk"
    cofre = bench.cofre("month", f"file:{bench.folder}/month-cofre")
    cofre.add_command("900000001", "/bin/cat", dump)
    restic_folder = bench.folder / "month-restic"
    restic_env = bench.restic(str(restic_folder))
    borg = bench.borg("month")
    sizes = []
    for number in range(days):
        bench.dump(database, dump)
        cofre.run("backup", "900000001", "--pin", "2099-12-31")
        pipeline(f"restic backup --quiet --stdin --stdin-filename x < {dump}", env=restic_env)
        pipeline(f"borg create {borg}::{number} - < {dump}")
        sizes.append([folder_bytes(bench.folder / "month-cofre"), folder_bytes(restic_folder), folder_bytes(borg)])
        bench.day(database)
    ratio = sizes[-1][0] / min(sizes[-1][1:])
    shown = [0, 1, 9, 19, 29]
    rows = [[f"after day {day + 1}", *(f"{size / 1e6:.1f} MB" for size in sizes[day])] for day in shown]
    growth = [(sizes[-1][i] - sizes[0][i]) / (days - 1) / 1e6 for i in range(3)]
    rows.append(["growth a day", *(f"{value:.2f} MB" for value in growth)])
    return "\n\n".join(
        [
            f"## {days} daily backups, all kept ({dump.stat().st_size / 1e6:.0f} MB of stream on the last day)",
            table(["stored", "cofre", "restic", "borg"], rows),
            f"Cofre against the better of the two: {verdict(ratio, 0.6)}.",
        ]
    )


def blob_sizes(bench):
    """What the average blob size does to a database's stored bytes: the ground of docs/decisions/0030-blob-sizes.md."""
    averages, days, rows = (16, 32, 64, 128, 256), 10, []
    for scale in ("0.02", "1", "4"):
        database = bench.company(f"sizes-{scale}", scale)
        dump = bench.folder / f"sizes-{scale}.fbk"
        vaults = {}
        for average in averages:
            vaults[average] = bench.cofre(f"sizes-{scale}-{average}", f"file:{bench.folder}/sizes-{scale}-{average}")
            vaults[average].add_command("900000001", "/bin/cat", dump)
            vaults[average].choose_average_blob_bytes(average * 1024)
        sizes = {average: [] for average in averages}
        for _ in range(days):
            bench.dump(database, dump)
            for average, cofre in vaults.items():
                cofre.run("backup", "900000001", "--pin", "2099-12-31")
                sizes[average].append(folder_bytes(bench.folder / f"sizes-{scale}-{average}"))
            bench.day(database)
        megabytes = dump.stat().st_size / 1e6
        for what, figure in (
            ("first", lambda stored: stored[0]),
            ("growth a day", lambda stored: (stored[-1] - stored[0]) / (days - 1)),
            ("30 days", lambda stored: stored[0] + 29 * (stored[-1] - stored[0]) / (days - 1)),
        ):
            rows.append([f"{megabytes:.1f} MB", what, *(f"{figure(sizes[average]) / 1e3:,.0f} kB" for average in averages)])
    return "\n\n".join(
        [
            f"## Average blob sizes: stored bytes, from {days} days",
            table(["stream", "", *(f"{average} KiB" for average in averages)], rows),
        ]
    )


def restore(bench):
    database = bench.company("restore")
    dump = bench.dump(database, bench.folder / "restore.fbk")
    cofre = bench.cofre("restore", f"s3:{bench.endpoint}/{bench.bucket('restore-cofre')}/all")
    cofre.add_command("900000001", "/bin/cat", dump)
    cofre.backup("900000001")
    backup = json.loads(cofre.run("list", "900000001", "--json").stdout)[0]["respaldo"]
    restic_env = bench.restic_s3(bench.bucket("restore-restic"))
    pipeline(f"restic backup --quiet --stdin --stdin-filename restore.fbk < {dump}", env=restic_env)
    target = bench.folder / "restored"

    def ours():
        wall = cofre.run("restore", backup, target / "cofre.fbk", "--replace").wall
        timed(["cmp", str(dump), str(target / "cofre.fbk")])
        return wall

    def theirs():
        wall = timed(["restic", "restore", "--quiet", "latest", "--target", str(target)], env=restic_env).wall
        timed(["cmp", str(dump), str(target / "restore.fbk")])
        (target / "restore.fbk").unlink()
        return wall

    target.mkdir()
    walls = interleaved(bench.rounds + 2, {"cofre restore": ours, "restic restore": theirs})
    ratio = median([a / b for a, b in zip(walls["cofre restore"], walls["restic restore"])])
    return "\n\n".join(
        [
            f"## Restore from S3 ({dump.stat().st_size / 1e6:.0f} MB), to a file",
            table(["", "seconds"], [[name, spread(seconds)] for name, seconds in walls.items()]),
            f"Cofre against restic: {verdict(ratio, 1)}. Each from its own repository of the same dump.",
        ]
    )


def physical(bench):
    """Copies by nbackup against dumps by gbak, of the same database on the same days."""
    days, averages = 30, (16, 32, 64)
    database = bench.company("pages")
    vaults = {}
    for name, method, average in [("logical", "logical", None), *((f"physical-{a}", "physical", a) for a in averages)]:
        vaults[name] = bench.cofre(f"pages-{name}", f"file:{bench.folder}/pages-{name}")
        vaults[name].add_firebird("900000001", database, "--method", method)
        if average is not None:
            vaults[name].choose_average_blob_bytes(average * 1024)
    walls, sizes = {name: [] for name in vaults}, {name: [] for name in vaults}
    tools = {"gbak -e to /dev/null": [], "nbackup to /dev/null": []}
    for _ in range(days):
        for name, seconds in interleaved(
            1,
            {
                "gbak -e to /dev/null": lambda: pipeline(f"gbak -b -g -e {database} stdout > /dev/null").wall,
                "nbackup to /dev/null": lambda: pipeline(f"nbackup -B 0 {database} stdout > /dev/null").wall,
            },
        ).items():
            tools[name].extend(seconds)
        for name, cofre in vaults.items():
            walls[name].append(cofre.run("backup", "900000001", "--pin", "2099-12-31").wall)
            sizes[name].append(folder_bytes(bench.folder / f"pages-{name}"))
        bench.day(database)

    target = bench.folder / "pages-restored.fdb"
    restores = interleaved(
        bench.rounds,
        {name: lambda cofre=cofre: cofre.run("restore", f"900000001/{YEAR}", target, "--replace").wall for name, cofre in vaults.items()},
    )
    rows = [[name, "", spread(seconds), "", "", "", ""] for name, seconds in tools.items()]
    for name in vaults:
        growth = (sizes[name][-1] - sizes[name][0]) / (days - 1)
        label = "cofre, " + name.replace("physical-", "physical, pieces of ") + (" KiB" if name != "logical" else "")
        rows.append(
            [
                label,
                f"{walls[name][0]:.2f} s",
                spread(walls[name][1:]),
                f"{sizes[name][0] / 1e6:.1f} MB",
                f"{growth / 1e6:.2f} MB",
                f"{sizes[name][-1] / 1e6:.1f} MB",
                spread(restores[name]),
            ]
        )
    return "\n\n".join(
        [
            f"## Copies of pages (nbackup) against gbak: {days} days, all kept ({database.stat().st_size / 1e6:.0f} MB of database)",
            table(["", "first", "a day", "stored, first", "growth a day", f"after {days} days", "restore"], rows),
        ]
    )


def memory(bench):
    rows, peaks = [], []
    for megabytes in (100, 1024, 5 * 1024):
        source = large_file(bench, megabytes)
        cofre = bench.cofre(f"memory-{megabytes}", f"file:{bench.folder}/memory-{megabytes}")
        cofre.add_command("900000001", "/bin/cat", source)
        (first, first_peak), (second, second_peak) = cofre.backup_measured("900000001"), cofre.backup_measured("900000001")
        peaks.append(max(first_peak, second_peak) / MIB)
        rows.append([f"{megabytes} MiB", f"{first_peak / MIB:.0f} MiB", f"{second_peak / MIB:.0f} MiB", f"{first:.1f} s", f"{second:.1f} s"])
        source.unlink()
        timed(["rm", "-rf", str(bench.folder / f"memory-{megabytes}")])
    return "\n\n".join(
        [
            "## Peak memory of one backup",
            table(["stream", "peak, first", "peak, second", "wall, first", "wall, second"], rows),
            f"The largest, in MiB: {verdict(max(peaks), 96)}.",
        ]
    )


def fleet(bench):
    return nights.fleet(bench, table, verdict)


def crowd(bench):
    return nights.crowd(bench, verdict)


MEASUREMENTS = {
    "first_and_next": first_and_next,
    "throughput": throughput,
    "small": small,
    "month": month,
    "blob_sizes": blob_sizes,
    "restore": restore,
    "physical": physical,
    "memory": memory,
    "fleet": fleet,
    "crowd": crowd,
}
