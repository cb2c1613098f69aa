#pragma once

// What the parts of the MariaDB source share: one server, the tools, and how they are started.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/child_process.h"
#include "sources/mariadb.h"

namespace cofre::sources {

class MariadbConnection {
 public:
  // `clock` outlives it and its copies.
  MariadbConnection(MariadbSettings settings, Clock& clock)
      : settings_(std::make_shared<const MariadbSettings>(std::move(settings))), clock_(&clock) {}

  const MariadbSettings& settings() const { return *settings_; }
  Clock& clock() const { return *clock_; }

  // A tool with where the server is, who signs in and the password in its environment; `arguments` stand behind.
  io::Command CommandFor(const std::string& tool, const std::vector<std::string>& arguments) const;

  // mariadb with what both questions and restores need: it ends at the first error, takes no commands of its own out of
  // its input, and does not sign in anew half way. `database` may be empty.
  io::Command ClientFor(const std::string& database, const std::vector<std::string>& arguments) const;

  // Runs statements and returns what they gave: rows of columns with tabs between. Throws what MariadbError makes of
  // its errors.
  std::string Query(const std::string& database, std::string_view sql, std::stop_token stop) const;

 private:
  std::shared_ptr<const MariadbSettings> settings_;
  Clock* clock_;
};

// As SQL writes them: `na``me`, and a text, which may hold anything, in hexadecimal digits.
std::string MariadbIdentifier(std::string_view name);
std::string MariadbText(std::string_view text);

}  // namespace cofre::sources
