#include "sources/command.h"

#include <fmt/core.h>

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"
#include "io/file_sink.h"
#include "io/process_stream.h"
#include "sources/dump_name.h"

namespace cofre::sources {
namespace {

class CommandSource : public Source {
 public:
  CommandSource(std::vector<std::string> command, Limits limits, Clock& clock)
      : command_{std::move(command)}, limits_(limits), clock_(clock) {
    if (command_.arguments.empty() || command_.arguments.front().empty()) {
      throw Error(ErrorKind::kUsage, "an empty command", "give a program and its arguments");
    }
  }

  std::unique_ptr<ByteSource> Dump(std::stop_token stop) override {
    auto process = std::make_unique<io::ChildProcess>(
        command_, io::Input::kNone, io::ProcessLimits{limits_.stall, limits_.endless}, clock_, std::move(stop));
    return std::make_unique<io::ProcessSource>(
        std::move(process),
        [name = command_.Name()](const io::ProcessEnd& end, const io::StreamFacts&) { Judge(end, name); });
  }

  std::unique_ptr<ByteSink> Restore(const std::string& target, bool replace, std::stop_token) override {
    return std::make_unique<io::FileSink>(target, replace);
  }

  ProbeResult Probe(std::stop_token) override {
    io::FindProgram(command_.arguments.front());
    return {};
  }

  std::optional<uint64_t> CountTables(const std::string&, std::stop_token) override { return std::nullopt; }

  std::string DumpName() const override { return DumpNameFromPath(command_.Name(), ".dump"); }

 private:
  static void Judge(const io::ProcessEnd& end, const std::string& name) {
    if (end.ok()) return;
    const std::string_view said = Trimmed(end.errors);
    const std::string last_line = ToValidUtf8(said.substr(said.rfind('\n') + 1), 400);
    throw Error(end.signal != 0 ? ErrorKind::kTransient : ErrorKind::kPermanent,
                fmt::format("{}: {}{}{}", name, end.Describe(), last_line.empty() ? "" : ": ", last_line),
                "run the command by hand and look at what it says");
  }

  io::Command command_;
  Limits limits_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> MakeCommandSource(std::vector<std::string> command, Limits limits, Clock& clock) {
  return std::make_unique<CommandSource>(std::move(command), limits, clock);
}

}  // namespace cofre::sources
