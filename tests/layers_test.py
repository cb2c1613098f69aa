#!/usr/bin/env python3
"""Holds the project against the rules of layers.py, and the rules against bad examples."""

import pathlib
import unittest

import layers

TABLE = {"base": set(), "storage": {"base"}, "repository": {"base", "storage"}}
FILES = {"base/error.h", "storage/store.h", "repository/repository.h", "repository/crypto/seal.h"}


def includes(path, text):
    return layers.check_includes(path, text, TABLE, FILES.__contains__)


class LayersTest(unittest.TestCase):
    def test_the_project_obeys(self):
        complaints = layers.check_project(pathlib.Path(__file__).parent.parent)
        self.assertEqual(complaints, [], "\n" + "\n".join(complaints))

    def test_the_table_is_read_out_of_the_page(self):
        page = "# A\n## Layers\n| folder | what | may include |\n| --- | --- | --- |\n| `base` | x | nothing |\n| `io` | y | base |\n"
        self.assertEqual(layers.parse_table(page + "## B\n| `late` | z | io |\n"), {"base": set(), "io": {"base"}})

    def test_an_include_downwards_is_allowed(self):
        self.assertEqual(includes("repository/prune.cc", '#include <vector>\n#include "storage/store.h"\n'), [])

    def test_an_include_upwards_is_refused(self):
        found = includes("base/error.cc", '// x\n#include "storage/store.h"\n')
        self.assertEqual(found, ["src/base/error.cc:2: base may not include storage"])

    def test_a_private_folder_is_open_to_its_own_layer_only(self):
        table = dict(TABLE, engine={"base", "repository"})
        text = '#include "repository/crypto/seal.h"\n'
        self.assertEqual(includes("repository/prune.cc", text), [])
        found = layers.check_includes("engine/backup.cc", text, table, FILES.__contains__)
        self.assertEqual(found, ["src/engine/backup.cc:1: repository/crypto/seal.h is private to repository"])

    def test_an_include_of_nothing_is_refused(self):
        self.assertEqual(len(includes("base/error.cc", '#include "error.h"\n#include "base/missing.h"\n')), 2)

    def test_only_tests_include_test_support(self):
        text = '#include "tests/support/manual_clock.h"\n'
        self.assertEqual(includes("storage/store_test.cc", text), [])
        self.assertEqual(len(includes("storage/store.cc", text)), 1)

    def test_an_unknown_folder_is_refused(self):
        self.assertEqual(len(includes("common/util.cc", "")), 1)

    def test_a_slow_header_stays_out_of_headers(self):
        for name in ("nlohmann/json.hpp", "CLI/CLI.hpp", "soci/soci.h", "curl/curl.h", "spdlog/spdlog.h", "toml++/toml.h"):
            self.assertEqual(len(includes("base/error.h", f"#include <{name}>\n")), 1, name)
            self.assertEqual(includes("base/error.cc", f"#include <{name}>\n"), [], name)

    def test_a_light_header_of_a_heavy_library_is_allowed(self):
        self.assertEqual(includes("base/error.h", "#include <nlohmann/json_fwd.hpp>\n"), [])

    def test_a_slow_header_is_allowed_in_one_that_no_header_includes(self):
        self.assertEqual(includes("base/error_internal.h", "#include <soci/soci.h>\n"), [])
        self.assertIn("is for the .cc files", " ".join(includes("base/error.h", '#include "base/error_internal.h"\n')))

    def test_a_cycle_in_the_table_is_refused(self):
        self.assertEqual(layers.check_table(TABLE), [])
        self.assertEqual(len(layers.check_table({"a": {"b"}, "b": {"a"}})), 1)

    def test_links_are_those_of_the_table(self):
        cmake = "cofre_library(base)\ncofre_library(storage base)\ncofre_library(repository base storage)\n"
        self.assertEqual(layers.check_links(layers.parse_links(cmake), TABLE), [])
        self.assertEqual(len(layers.check_links(layers.parse_links(cmake.replace("(base)", "(base storage)")), TABLE)), 1)
        self.assertEqual(len(layers.check_links(layers.parse_links("cofre_library(base)\n"), TABLE)), 2)

    def test_only_the_clock_reads_the_time(self):
        for line in ("auto now = std::chrono::system_clock::now();\n", "srand(time(nullptr));\n"):
            self.assertEqual(len(layers.check_text("src/engine/backup.cc", line)), 1, line)
            self.assertEqual(layers.check_text("src/base/clock.cc", line), [])

    def test_unfinished_work_is_refused(self):
        self.assertEqual(len(layers.check_text("tests/x_test.cc", "// TODO: more\n")), 1)

    def test_a_header_begins_with_what_it_is_for(self):
        self.assertEqual(layers.check_text("src/base/a.h", "#pragma once\n\n// Numbers.\n"), [])
        self.assertEqual(len(layers.check_text("src/base/a.h", "// Numbers.\n#pragma once\n")), 1)
        self.assertEqual(len(layers.check_text("src/base/a.h", "#pragma once\n\nint a;\n")), 1)


if __name__ == "__main__":
    unittest.main()
