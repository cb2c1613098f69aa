#include "tests/support/processes.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace cofre::test {
namespace {

// Empty where the process is gone; it may go while it is read.
std::string ReadProc(pid_t pid, const char* file) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Status {
  std::string name;
  char state = 'X';
  pid_t parent = 0;
};

// "123 (name) S 1 ...": the name may hold blanks and parentheses.
Status ReadStatus(pid_t pid) {
  const std::string text = ReadProc(pid, "stat");
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 4 > text.size()) return {};
  return {text.substr(open + 1, close - open - 1), text[close + 2], std::stoi(text.substr(close + 4))};
}

}  // namespace

bool IsRunning(pid_t pid) {
  const char state = ReadStatus(pid).state;
  return state != 'X' && state != 'Z';
}

bool WaitUntilGone(pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    if (!IsRunning(pid)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

pid_t ChildNamed(pid_t parent, const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string text = entry.path().filename().string();
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) continue;
    const Status status = ReadStatus(std::stoi(text));
    if (status.parent == parent && status.name == name && status.state != 'Z') return std::stoi(text);
  }
  return 0;
}

std::string CommandLine(pid_t pid) {
  std::string text = ReadProc(pid, "cmdline");
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace cofre::test
