#include "sources/mariadb_dump.h"

#include <gtest/gtest.h>

namespace cofre::sources {
namespace {

// In pieces of every size.
std::string WithoutName(const std::string& text) {
  std::string first;
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    DatabaseNameRemover remover;
    std::string out;
    for (size_t at = 0; at < text.size(); at += piece) remover.Add(text.substr(at, piece), out);
    remover.Finish(out);
    if (piece == 1) first = out;
    EXPECT_EQ(out, first);
  }
  return first;
}

TEST(MariadbDumpTest, AStatementLosesTheDatabasesName) {
  EXPECT_EQ(WithoutName("x;\nALTER DATABASE `Año ``25` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\ny;\n"),
            "x;\nALTER DATABASE CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\ny;\n");
  EXPECT_EQ(WithoutName("ALTER DATABASE `a` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci ;;\n"),
            "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci ;;\n");
}

TEST(MariadbDumpTest, EverythingElseStays) {
  for (const std::string text :
       {"", "\n", "\n\n", "ALTER DATABASE `a", "ALTER DATABASE `a` COMMENT 'x' ;\n",
        "  ALTER DATABASE `a` CHARACTER SET latin1 COLLATE latin1_bin ;\n", "ALTER DATABASES\n",
        "('ALTER DATABASE `a` CHARACTER SET latin1 COLLATE latin1_bin ;\n", "-- Dump completed\n"}) {
    EXPECT_EQ(WithoutName(text), text);
  }
  const std::string endless = "ALTER DATABASE `" + std::string(3000, 'x') + "` CHARACTER SET a COLLATE b ;\n";
  EXPECT_EQ(WithoutName(endless), endless);
}

TEST(MariadbDumpTest, ATailIsWhatCameLast) {
  Tail tail(4);
  tail.Add("ab");
  EXPECT_EQ(tail.text(), "ab");
  tail.Add("cdef");
  EXPECT_EQ(tail.text(), "cdef");
  tail.Add("g");
  tail.Add("");
  EXPECT_EQ(tail.text(), "defg");
  tail.Add("0123456789");
  EXPECT_EQ(tail.text(), "6789");
}

}  // namespace
}  // namespace cofre::sources
