#include "base/process_identity.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace cofre {
namespace {

// /proc files claim size 0 but end well below this.
constexpr uint64_t kProcLimit = 4096;

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

std::string BootId() {
  std::string id = ReadFile("/proc/sys/kernel/random/boot_id", kProcLimit);
  id.erase(id.find_last_not_of('\n') + 1);
  return id;
}

uint64_t PidNamespace() {
  struct stat status {};
  return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

// Field 22 of /proc/PID/stat (proc(5)); nullopt where it can't be read. The second field, the program's name, may
// hold blanks and parentheses, so fields are counted from its last ')'.
std::optional<std::string> StartTime(int pid) {
  std::string stat;
  try {
    stat = ReadFile(fmt::format("/proc/{}/stat", pid), kProcLimit);
  } catch (const Error&) {
    return std::nullopt;
  }
  size_t position = stat.rfind(')');
  for (int field = 2; field < 22 && position != std::string::npos; ++field) position = stat.find(' ', position + 1);
  if (position == std::string::npos) return std::nullopt;
  return stat.substr(position + 1, stat.find(' ', position + 1) - position - 1);
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find('/');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> ParsePid(std::string_view text) {
  int pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc() || end != text.data() + text.size() || pid <= 0) return std::nullopt;
  return pid;
}

}  // namespace

const std::string& OwnProcessIdentity() {
  static const std::string identity =
      fmt::format("{}/{}:{}/{}/{}", HostName(), BootId(), PidNamespace(), getpid(), StartTime(getpid()).value_or("0"));
  return identity;
}

bool MayBeAlive(const std::string& identity) {
  const auto parts = Split(identity);
  const auto own = Split(OwnProcessIdentity());
  if (parts.size() != own.size() || parts[0] != own[0] || !ParsePid(parts[2])) return true;
  const auto boot = [](std::string_view part) { return part.substr(0, part.find(':')); };
  if (boot(parts[1]) != boot(own[1])) return false;
  return !HasEndedHere(identity);
}

bool RunsHere(const std::string& identity) {
  const auto parts = Split(identity);
  const auto own = Split(OwnProcessIdentity());
  if (parts.size() != own.size() || parts[0] != own[0] || parts[1] != own[1]) return false;
  const auto pid = ParsePid(parts[2]);
  return pid && StartTime(*pid) == parts[3];
}

bool HasEndedHere(const std::string& identity) {
  const auto parts = Split(identity);
  const auto own = Split(OwnProcessIdentity());
  if (parts.size() != own.size() || parts[0] != own[0] || parts[1] != own[1]) return false;
  const auto pid = ParsePid(parts[2]);
  if (!pid) return false;
  if (const auto start = StartTime(*pid)) return *start != parts[3];
  // /proc may hide the processes of others (hidepid): only "no such process" is certain.
  return kill(*pid, 0) != 0 && errno == ESRCH;
}

}  // namespace cofre
