#pragma once

// The built program, run as a user runs it, on a vault in a folder of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "base/secret.h"
#include "io/child_process.h"
#include "tests/support/streams.h"
#include "tests/support/temporary_folder.h"

namespace cofre::test {

using Words = std::vector<std::string>;

class Vault {
 public:
  // `cofre init` has been run, with `store` where it is given.
  explicit Vault(const std::string& store = "", std::vector<std::pair<std::string, std::string>> environment = {})
      : environment_(std::move(environment)) {
    Words words{"init", "--dir", File("vault")};
    if (!store.empty()) words.insert(words.end(), {"--store", store});
    Must(words);
  }

  std::string File(const std::string& name) const { return folder_.File(name); }
  std::string Config() const { return File("vault/cofre.toml"); }

  io::Command CommandFor(const Words& words) const {
    io::Command command{.arguments = {COFRE_PROGRAM}};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.environment.emplace_back("COFRE_CONFIG", Secret(Config()));
    for (const auto& [name, value] : environment_) command.environment.emplace_back(name, Secret(std::string(value)));
    return command;
  }

  // Runs it to its end, whatever that is.
  io::ProcessEnd Run(const Words& words, std::string_view input = "") const {
    return io::RunProgram(CommandFor(words), input, kLimits, SystemClock(), {});
  }

  // Starts it; it is killed when the result goes.
  std::unique_ptr<io::ChildProcess> Start(const Words& words) const {
    return std::make_unique<io::ChildProcess>(CommandFor(words), io::Input::kNone, kLimits, SystemClock(),
                                              std::stop_token());
  }

  // A test failure where it does not exit with 0. Returns its standard output.
  std::string Must(const Words& words) const {
    const io::ProcessEnd end = Run(words);
    EXPECT_EQ(end.exit_status, 0) << testing::PrintToString(words) << "\n" << end.errors;
    return end.output;
  }
  nlohmann::json Json(Words words) const {
    words.emplace_back("--json");
    return nlohmann::json::parse(Must(words));
  }

  // Registers a company whose database of 2025 is the output of `cat FILE`, and the file with `content`.
  void AddCompany(const std::string& id, const std::string& content) {
    if (!has_server_) Must({"server", "add", "srv1", "--engine", "command"});
    has_server_ = true;
    Must({"company", "add", id, "--name", "Empresa " + id, "--server", "srv1"});
    SetDump(id, content);
    Must({"database", "add", id, "2025", "--", "cat", File(id + ".dump")});
  }
  void SetDump(const std::string& id, const std::string& content) const {
    WriteFileAtomically(File(id + ".dump"), AsBytes(content), 0600);
  }

  // Objects of the local store below a folder of the company's repository, as paths.
  std::vector<std::filesystem::path> Objects(const std::string& id, const std::string& folder) const {
    std::vector<std::filesystem::path> found;
    const std::filesystem::path root = File("vault/store/srv1/" + id + "/" + folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }

 private:
  static constexpr io::ProcessLimits kLimits{.stall = std::chrono::seconds(120), .total = std::chrono::seconds(120)};

  TemporaryFolder folder_;
  std::vector<std::pair<std::string, std::string>> environment_;
  bool has_server_ = false;
};

// EXPECT_REFUSED(vault.Run({...}), kExitUsage, HasSubstr("...")): the matcher is for standard error, where nothing may
// look like a crash.
#define EXPECT_REFUSED(end_expression, code, matcher)           \
  do {                                                          \
    const ::cofre::io::ProcessEnd end_ = (end_expression);      \
    EXPECT_EQ(end_.exit_status, code) << end_.errors;           \
    EXPECT_THAT(end_.errors, ::testing::StartsWith("cofre: ")); \
    EXPECT_THAT(end_.errors, matcher);                          \
  } while (false)

}  // namespace cofre::test
