#include "cli/ask_secret.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string_view>

#include "base/error.h"

namespace cofre::cli {
namespace {

constexpr size_t kLongest = 4096;

// Shows nothing of what is typed while it lives.
class NoEcho {
 public:
  NoEcho() : known_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!known_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool known_;
};

// Up to a line end where `one_line`, else all of it; without the line end.
Secret ReadInput(bool one_line) {
  std::string text;
  char c = 0;
  while (text.size() <= kLongest) {
    const ssize_t got = read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SystemError(errno, "cannot read standard input");
    if (got == 0 || (one_line && c == '\n')) break;
    text.push_back(c);
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.empty()) throw Error(ErrorKind::kUsage, "nothing was given", "type it, or pipe it: cofre ... < FILE");
  if (text.size() > kLongest) throw Error(ErrorKind::kUsage, "that is too long");
  return Secret(std::move(text));
}

Secret Ask(std::string_view prompt) {
  const NoEcho silent;
  std::cerr << prompt << ": " << std::flush;
  Secret secret = ReadInput(true);
  std::cerr << "\n" << std::flush;
  return secret;
}

}  // namespace

Secret AskNewSecret(const std::string& what) {
  if (isatty(STDIN_FILENO) == 0) return ReadInput(false);
  Secret secret = Ask(what);
  if (Ask(what + ", again").Reveal() != secret.Reveal()) throw Error(ErrorKind::kUsage, "the two are not the same");
  return secret;
}

}  // namespace cofre::cli
