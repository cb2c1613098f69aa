#include "engine/company_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/log.h"

namespace cofre::engine {
namespace {

constexpr std::string_view kSuffix = ".lock";

// What stands in a lock file: one short line.
std::string ReadHolder(int file) {
  std::array<char, 512> text{};
  const ssize_t length = pread(file, text.data(), text.size(), 0);
  if (length <= 0) return "";
  std::string line(text.data(), static_cast<size_t>(length));
  return line.substr(0, line.find('\n'));
}

bool TryLock(int file, const std::string& path) {
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw SystemError(errno, "cannot lock " + path);
  }
  return true;
}

}  // namespace

CompanyLock::CompanyLock(const std::string& folder, const std::string& company, std::string_view what, TimePoint now)
    : path_((std::filesystem::path(folder) / (company + std::string(kSuffix))).string()) {
  file_ = FileDescriptor(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!file_.valid()) throw SystemError(errno, "cannot open the lock file " + path_);
  if (!TryLock(file_.get(), path_)) {
    const std::string holder = ReadHolder(file_.get());
    throw Error(ErrorKind::kTransient, fmt::format("company {} is busy: {}", company, holder.empty() ? "?" : holder),
                "one job runs at a time for each company: try again when that one has ended");
  }
  in_doubt_ = !ReadHolder(file_.get()).empty();
  const std::string holder = fmt::format("{}, process {}, since {}\n", what, getpid(),
                                         FormatTime(std::chrono::floor<std::chrono::seconds>(now)));
  if (ftruncate(file_.get(), 0) != 0 ||
      pwrite(file_.get(), holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    throw SystemError(errno, "cannot write the lock file " + path_);
  }
}

CompanyLock::~CompanyLock() {
  // Where even this fails, the doubt stays: it costs the next job a listing.
  if (!in_doubt_ && ftruncate(file_.get(), 0) != 0) Log(LogLevel::kWarning, "lock_file_not_cleared", {{"file", path_}});
}

std::vector<std::string> CompaniesInDoubt(const std::string& folder) {
  std::vector<std::string> companies;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    const FileDescriptor file(open(entry.path().c_str(), O_RDWR | O_CLOEXEC));
    // One that is held belongs to a job under way.
    if (!file.valid() || ReadHolder(file.get()).empty() || !TryLock(file.get(), entry.path().string())) continue;
    companies.push_back(name.substr(0, name.size() - kSuffix.size()));
  }
  // No folder: no job has ever run.
  if (error && error != std::errc::no_such_file_or_directory) {
    throw SystemError(error.value(), "cannot list the folder " + folder);
  }
  std::sort(companies.begin(), companies.end());
  return companies;
}

}  // namespace cofre::engine
