#pragma once

// One run of the program: global options, what the configuration stands for, and where output goes.

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "planner/local_time.h"
#include "service/model_json.h"
#include "service/shared_clock.h"
#include "service/wiring.h"

namespace cofre::cli {

class Session {
 public:
  Session(Clock& clock, std::stop_token stop) : clock_(clock), stop_(std::move(stop)) {}

  // Global options, set by the parser.
  std::string config_option;              // --config
  bool json = false;                      // --json
  bool quiet = false;                     // --quiet
  std::optional<std::string> log_format;  // --log

  // The machine's, or, once the configuration has been read and names a shared catalogue, that of all its nodes.
  Clock& clock();
  // For what runs long: see SharedClock::Refresh.
  void RefreshClock();
  const std::stop_token& stop() const { return stop_; }

  // Reads the configuration at the first call; throws what LoadConfig does.
  service::Wiring& wiring();
  const service::Config& config() { return wiring().config(); }
  catalogue::Catalogue& catalogue() { return wiring().catalogue(); }
  const engine::Context& engine() { return wiring().engine(); }

  // To standard output. Throws permanent where it can't be written (a full disk); a reader that has gone away (`|
  // head`) ends the output in silence.
  void Print(std::string_view text);
  void PrintJson(const service::Json& data);
  // To standard error, unless --quiet: what a person may want to know and no program reads.
  void Say(std::string_view line) const;
  // To standard error, in any case: "cofre: message" and "  hint: ..." in a second line.
  static void Complain(std::string_view message, std::string_view hint);

  // The configured time zone, for showing times.
  planner::TimeZone zone();
  // Each company's name by its id.
  std::map<std::string, std::string> CompanyNames();
  std::string FormatLocal(TimePoint time) { return zone().Format(time); }

  // Throws kind usage unless `yes`, or a person at the terminal answers so. `what` as in "remove company 900869750".
  void Confirm(bool yes, const std::string& what) const;

 private:
  Clock& clock_;
  std::stop_token stop_;
  std::unique_ptr<service::SharedClock> shared_clock_;
  std::unique_ptr<service::Wiring> wiring_;
  bool output_gone_ = false;
};

}  // namespace cofre::cli
