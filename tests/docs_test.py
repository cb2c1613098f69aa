#!/usr/bin/env python3
"""What the documents and comments refer to exists: links, decisions, tests that are named, commands of the README."""

import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
DECISION = re.compile(r"decisions/(\d{4})(-[a-z0-9-]+\.md)?")
# A file of ours named in code quotes, as in `src/base/error.h` or `check_test.cc`.
NAMED_FILE = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:cc|h|py|sh|md|toml|sql))`")


def project_files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


class DocumentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = project_files()
        cls.pages = {file: file.read_text() for file in cls.files if file.suffix == ".md"}

    def test_every_link_leads_somewhere(self):
        lost = [f"{page.relative_to(ROOT)}: {link}" for page, text in self.pages.items() for link in LINK.findall(text)
                if not (page.parent / link).exists()]
        self.assertEqual(lost, [])

    def test_every_decision_that_is_named_exists(self):
        known = {file.name[:4]: file.name for file in DECISIONS.glob("0*.md")}
        lost = []
        for file in self.files:
            if file == pathlib.Path(__file__).resolve() or file.suffix not in {".h", ".cc", ".md", ".py", ".txt", ".sql", ""}:
                continue
            for number, rest in DECISION.findall(file.read_text(errors="replace")):
                if number not in known or (rest and known[number] != number + rest):
                    lost.append(f"{file.relative_to(ROOT)}: {number}{rest}")
        self.assertEqual(lost, [])

    def test_every_decision_is_listed_with_its_title(self):
        index = (DECISIONS / "README.md").read_text()
        rows = re.findall(r"\| \[(\d{4})\]\((.+?)\) \| (.+?) \|", index)
        written = []
        for file in sorted(DECISIONS.glob("0*.md")):
            number, title = file.read_text().splitlines()[0].removeprefix("# ").split(": ", 1)
            written.append((number, file.name, title))
        self.assertEqual(rows, written)

    def test_every_file_that_a_page_names_exists(self):
        names = {file.name for file in self.files}
        lost = [f"{page.relative_to(ROOT)}: {name}" for page, text in self.pages.items() for name in NAMED_FILE.findall(text)
                if "/" not in name and name.endswith((".cc", ".h", ".py")) and name not in names]
        lost += [f"{page.relative_to(ROOT)}: {name}" for page, text in self.pages.items() for name in NAMED_FILE.findall(text)
                 if name.startswith(("src/", "tests/", "docs/", "bench/")) and not (ROOT / name).exists()]
        self.assertEqual(lost, [])


if __name__ == "__main__":
    unittest.main()
