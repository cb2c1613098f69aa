#include "cli/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace cofre::cli {

service::Wiring& Session::wiring() {
  if (wiring_ == nullptr) {
    service::Config config = service::LoadConfig(service::ConfigPath(config_option));
    if (catalogue::IsShared(config.catalogue)) {
      shared_clock_ = std::make_unique<service::SharedClock>(config.catalogue, clock_);
    }
    wiring_ = std::make_unique<service::Wiring>(std::move(config), clock(),
                                                service::StandIns{.true_clock = shared_clock_.get()});
  }
  return *wiring_;
}

Clock& Session::clock() {
  if (shared_clock_ != nullptr) return *shared_clock_;
  return clock_;
}

void Session::RefreshClock() {
  if (shared_clock_ != nullptr) shared_clock_->Refresh();
}

void Session::Print(std::string_view text) {
  while (!text.empty() && !output_gone_) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) output_gone_ = true;
    if (written < 0 && errno != EPIPE) throw SystemError(errno, "cannot write to standard output");
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

void Session::PrintJson(const service::Json& data) { Print(service::Print(data) + "\n"); }

void Session::Say(std::string_view line) const {
  if (!quiet) std::cerr << line << "\n" << std::flush;
}

void Session::Complain(std::string_view message, std::string_view hint) {
  std::cerr << "cofre: " << message << "\n";
  if (!hint.empty()) std::cerr << "  hint: " << hint << "\n";
  std::cerr << std::flush;
}

std::map<std::string, std::string> Session::CompanyNames() {
  std::map<std::string, std::string> names;
  for (const Company& company : catalogue().ListCompanies()) names[company.id] = company.name;
  return names;
}

planner::TimeZone Session::zone() { return planner::TimeZone::Find(config().time_zone); }

void Session::Confirm(bool yes, const std::string& what) const {
  if (yes) return;
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
    throw Error(ErrorKind::kUsage, what + "? Nobody is there to ask", "say --yes if that is meant");
  }
  std::cerr << what << "? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  const std::string word = AsciiLower(Trimmed(answer));
  if (word != "y" && word != "yes" && word != "s" && word != "si" && word != "sí") {
    throw Error(ErrorKind::kCancelled, "nothing was changed");
  }
}

}  // namespace cofre::cli
