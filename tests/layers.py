"""The rules of src/ that a compiler does not know: who may include whom, and what a header looks like.

Each function returns complaints, one line each, as "file:line: what is wrong". None means that all is well.
"""

import pathlib
import re

# Slow to parse, so that one header with them makes every file slow: they stay in .cc files.
HEAVY = re.compile(r"^(nlohmann/(?!json_fwd\.hpp)|CLI/|soci/|soci\.h|curl/|spdlog/|toml\+\+/|sqlite3\.h|boost/)")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
SYSTEM_TIME = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime|utc_clock)\b|\btime\((nullptr|NULL|0)\)"
)
IS_TEST = re.compile(r"_test(_[a-z_]+)?\.(cc|h)$")  # x_test.cc, or x_test_fixture.h that several of them share
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def parse_table(markdown):
    """The table below "## Layers": {folder: set of the folders it may include}."""
    section = markdown.split("## Layers", 1)[1].split("\n## ", 1)[0]
    table = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            allowed = set() if cells[2] == "nothing" else {name.strip() for name in cells[2].split(",")}
            table[cells[0].strip("`")] = allowed
    return table


def check_table(table):
    """Rows name known folders only, and only such as stand above them: so there can be no cycle."""
    complaints, above = [], set()
    for folder, allowed in table.items():
        for other in sorted(allowed - above):
            complaints.append(f"docs/architecture.md: {folder} may not include {other}, which is not above it in the table")
        above.add(folder)
    return complaints


def parse_links(cmake):
    """What src/CMakeLists.txt links: {library: set of libraries of ours}."""
    return {
        words[0]: set(words[1:])
        for words in (match.split() for match in re.findall(r"^cofre_library\(([^)]*)\)", cmake, re.MULTILINE))
    }


def check_links(links, table):
    complaints = []
    for library, linked in links.items():
        if library not in table:
            complaints.append(f"src/CMakeLists.txt: {library} is not in the table of docs/architecture.md")
        elif linked != table[library]:
            differing = ", ".join(sorted(linked ^ table[library]))
            complaints.append(f"src/CMakeLists.txt: {library} differs from docs/architecture.md in {differing}")
    complaints += [f"src/CMakeLists.txt: {name} of docs/architecture.md is missing" for name in table if name not in links]
    return complaints


def check_includes(path, text, table, exists):
    """`path` is relative to src/, as in "storage/s3_store.cc"; exists("storage/x.h") says whether there is such a file."""
    folder, is_test = path.split("/", 1)[0], IS_TEST.search(path)
    complaints = []
    if folder not in table:
        return [f"src/{path}:1: the folder {folder} is not in the table of docs/architecture.md"]
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        where = f"src/{path}:{number}: "
        if path.endswith(".h") and name.endswith("_internal.h"):
            complaints.append(f"{where}{name} is for the .cc files of its folder")
        if path.endswith(".h") and not path.endswith("_internal.h") and HEAVY.match(name):
            complaints.append(f"{where}{name} is slow to parse and belongs into a .cc file")
        if quote == "<":
            continue
        target, nested = name.split("/", 1)[0], name.count("/") > 1
        if target == "tests" and is_test:
            continue
        if "/" not in name or not exists(name):
            complaints.append(f'{where}"{name}" is not a file below src/')
        elif target != folder and target not in table[folder]:
            complaints.append(f"{where}{folder} may not include {target}")
        elif target != folder and nested:
            complaints.append(f"{where}{name} is private to {target}")
    return complaints


def check_text(path, text):
    """`path` is relative to the project."""
    complaints = []
    reads_time = path.startswith("src/") and not IS_TEST.search(path) and path != "src/base/clock.cc"
    for number, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            complaints.append(f"{path}:{number}: unfinished work belongs into an issue")
        if reads_time and SYSTEM_TIME.search(line):
            complaints.append(f"{path}:{number}: only base/clock.cc asks the system for the time; take a Clock")
    if path.startswith("src/") and path.endswith(".h"):
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines or lines[0] != "#pragma once":
            complaints.append(f"{path}:1: a header begins with #pragma once")
        elif len(lines) < 2 or not lines[1].startswith("//"):
            complaints.append(f"{path}:2: after #pragma once a header says what it is for")
    return complaints


def check_project(root):
    root = pathlib.Path(root)
    src = root / "src"
    table = parse_table((root / "docs/architecture.md").read_text())
    complaints = check_table(table) + check_links(parse_links((src / "CMakeLists.txt").read_text()), table)
    for file in sorted(src.rglob("*")):
        if file.suffix in (".h", ".cc"):
            text = file.read_text()
            complaints += check_includes(str(file.relative_to(src)), text, table, lambda name: (src / name).is_file())
            complaints += check_text(str(file.relative_to(root)), text)
    for folder in ("tests", "bench"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".h", ".cc"):
                complaints += check_text(str(file.relative_to(root)), file.read_text())
    return complaints
