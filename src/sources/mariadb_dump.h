#pragma once

// A database as a stream, through mariadb-dump.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/stream.h"
#include "sources/mariadb_look.h"
#include "sources/mariadb_tools.h"

namespace cofre::sources {

// The last line of every whole dump (--skip-dump-date), with the line end before it.
inline constexpr std::string_view kMariadbDumpEnd = "\n-- Dump completed\n";

// See Source::Dump. A dump is whole when mariadb-dump ended with exit status 0 and its last line is that of a whole
// one. Before its text stands a statement that gives a database the old one's default character set; those that name
// the old one are without its name (DatabaseNameRemover).
std::unique_ptr<ByteSource> StartMariadbDump(const MariadbConnection& connection, const MariadbFacts& facts,
                                             std::stop_token stop);

// Takes the name out of statements such as
//   ALTER DATABASE `contab` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;
// which mariadb-dump writes around routines and triggers that are older than their database's character set: a dump
// loaded into another database would change the one of that name, or fail without it. Only such whole lines are
// touched.
class DatabaseNameRemover {
 public:
  // Appends what is decided of the text so far.
  void Add(std::string_view text, std::string& out);
  // The rest, at the end of the text.
  void Finish(std::string& out);

 private:
  std::string held_;  // the beginning of a line that may be such a statement
  bool in_line_ = false;
};

// The last bytes of a text that comes in pieces.
class Tail {
 public:
  explicit Tail(size_t size) : size_(size) {}
  void Add(std::string_view text);
  std::string_view text() const { return text_; }

 private:
  size_t size_;
  std::string text_;
};

}  // namespace cofre::sources
