#pragma once

// The installed restic, run on a repository of a test.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/child_process.h"

namespace cofre::test {

class Restic {
 public:
  // `repository` as restic spells it. It is run without a cache, so that it sees what is stored and nothing else.
  Restic(std::string repository, std::string password,
         std::vector<std::pair<std::string, std::string>> environment = {});

  // Runs `restic ARGUMENTS...` to its end, whatever that is.
  io::ProcessEnd Run(const std::vector<std::string>& arguments, std::string_view input = "") const;

  // The same, and a test failure with what restic said where it does not exit with 0. Returns its standard output (long
  // ones lose their middle).
  std::string Must(const std::vector<std::string>& arguments, std::string_view input = "") const;

  // Starts it; it is killed when the result goes.
  std::unique_ptr<io::ChildProcess> Start(const std::vector<std::string>& arguments, io::Input input) const;

 private:
  io::Command CommandFor(const std::vector<std::string>& arguments) const;

  std::string repository_;
  std::string password_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace cofre::test
