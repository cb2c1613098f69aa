#pragma once

// Reads JSON by pulling what is expected, straight from the bytes: no tree of values, no copy but for strings that have
// escapes, a limit on nesting. Index files and trees are megabytes of hexadecimal ids, and every operation waits for
// them: see docs/decisions/0020. Throws kind corrupt, naming the place, for what is not JSON or not what was asked for.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"

namespace cofre::repository {

class JsonReader {
 public:
  // `text` outlives the reader. `what` names the document in errors, such as "index file".
  JsonReader(ByteView text, std::string_view what);

  // Calls `member(key)` for each member; it must read the value by exactly one call. The key is good until the next
  // string is read.
  template <typename Member>
  void Object(Member&& member) {
    Enter('{');
    for (bool first = true; NextIn('}', first); first = false) {
      const std::string_view key = String();
      Expect(':');
      member(key);
    }
  }

  // Calls `element()` for each element; it must read it by exactly one call.
  template <typename Element>
  void Array(Element&& element) {
    Enter('[');
    for (bool first = true; NextIn(']', first); first = false) element();
  }

  // A string's value in UTF-8, good until the next string is read.
  std::string_view String();
  // A string of exactly 64 lower-case hexadecimal digits.
  Digest Id();
  // Digits only: no sign, fraction or exponent.
  uint64_t Unsigned();
  bool Boolean();
  std::vector<std::string> Strings();

  // Takes a null, if that is what comes.
  bool Null();
  // Any value, whatever it is.
  void Skip();

  // Nothing but white space follows.
  void End();

  [[noreturn]] void Fail(std::string_view why) const;

 private:
  void SkipSpace();
  char Peek();
  void Expect(char c);
  void Enter(char open);
  bool NextIn(char close, bool first);
  void Word(std::string_view word);
  void SkipNumber();
  std::string_view StringWithEscapes(size_t begin);
  uint32_t EscapedCodePoint();
  uint32_t FourHexDigits();

  const char* text_;
  size_t size_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string_view what_;
  std::string unescaped_;
};

}  // namespace cofre::repository
