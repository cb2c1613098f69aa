#pragma once

// What the parts of the Firebird source share: one database, the tools, and how they are started.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/child_process.h"
#include "sources/firebird.h"
#include "sources/firebird_address.h"

namespace cofre::sources {

class FirebirdConnection {
 public:
  // `clock` outlives it and its copies.
  FirebirdConnection(FirebirdSettings settings, Clock& clock)
      : settings_(std::make_shared<const FirebirdSettings>(std::move(settings))), clock_(&clock) {}

  bool embedded() const { return settings_->server.host.empty(); }
  const FirebirdSettings& settings() const { return *settings_; }
  Clock& clock() const { return *clock_; }

  std::string AddressOf(const std::string& path) const;

  // With the credentials in its environment.
  io::Command CommandFor(std::vector<std::string> arguments) const;

  // Runs statements on the database and returns what isql printed. Throws what FirebirdError makes of its errors.
  std::string Query(const std::string& address, std::string_view sql, std::stop_token stop) const;

  // gfix's full validation; throws kind corrupt where it finds anything.
  void Validate(const std::string& address, std::stop_token stop) const;

 private:
  std::shared_ptr<const FirebirdSettings> settings_;
  Clock* clock_;
};

// The value of a column that isql printed with SET LIST ON ("NAME   value"); empty where it is not there.
std::string ListValue(std::string_view printed, std::string_view column);

}  // namespace cofre::sources
