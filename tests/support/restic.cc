#include "tests/support/restic.h"

#include <gtest/gtest.h>

namespace cofre::test {
namespace {

constexpr io::ProcessLimits kLimits{std::chrono::minutes(2), std::chrono::minutes(4)};

}  // namespace

Restic::Restic(std::string repository, std::string password,
               std::vector<std::pair<std::string, std::string>> environment)
    : repository_(std::move(repository)), password_(std::move(password)), environment_(std::move(environment)) {}

io::Command Restic::CommandFor(const std::vector<std::string>& arguments) const {
  io::Command command{{"restic", "--no-cache"}, {}};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.environment.emplace_back("RESTIC_REPOSITORY", Secret(std::string(repository_)));
  command.environment.emplace_back("RESTIC_PASSWORD", Secret(std::string(password_)));
  for (const auto& [name, value] : environment_) command.environment.emplace_back(name, Secret(std::string(value)));
  return command;
}

io::ProcessEnd Restic::Run(const std::vector<std::string>& arguments, std::string_view input) const {
  return io::RunProgram(CommandFor(arguments), input, kLimits, SystemClock(), {});
}

std::string Restic::Must(const std::vector<std::string>& arguments, std::string_view input) const {
  const io::ProcessEnd end = Run(arguments, input);
  EXPECT_TRUE(end.ok()) << "restic " << arguments.front() << ": " << end.Describe() << "\n" << end.output << end.errors;
  return end.output;
}

std::unique_ptr<io::ChildProcess> Restic::Start(const std::vector<std::string>& arguments, io::Input input) const {
  return std::make_unique<io::ChildProcess>(CommandFor(arguments), input, kLimits, SystemClock(), std::stop_token());
}

}  // namespace cofre::test
