#include "repository/json/json_reader.h"

#include <array>
#include <cstring>
#include <limits>

#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

constexpr int kMaxDepth = 32;

constexpr std::array<int8_t, 256> MakeHexValues() {
  std::array<int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (int i = 0; i < 10; ++i) values['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) values['a' + i] = static_cast<int8_t>(10 + i);
  return values;
}
constexpr std::array<int8_t, 256> kLowerHexValues = MakeHexValues();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

JsonReader::JsonReader(ByteView text, std::string_view what)
    : text_(reinterpret_cast<const char*>(text.data())), size_(text.size()), what_(what) {}

void JsonReader::Fail(std::string_view why) const {
  throw Error(ErrorKind::kCorrupt,
              std::string(what_) + " is damaged: " + std::string(why) + " at byte " + std::to_string(at_));
}

void JsonReader::SkipSpace() {
  while (at_ < size_ && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
}

char JsonReader::Peek() {
  SkipSpace();
  if (at_ >= size_) Fail("it ends too early");
  return text_[at_];
}

void JsonReader::Expect(char c) {
  if (Peek() != c) Fail(std::string("expected '") + c + "'");
  ++at_;
}

void JsonReader::Enter(char open) {
  Expect(open);
  if (++depth_ > kMaxDepth) Fail("nested too deeply");
}

bool JsonReader::NextIn(char close, bool first) {
  const char c = Peek();
  if (c == close) {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) Expect(',');
  return true;
}

std::string_view JsonReader::String() {
  Expect('"');
  const size_t begin = at_;
  for (; at_ < size_; ++at_) {
    const char c = text_[at_];
    if (c == '"') return {text_ + begin, at_++ - begin};
    if (c == '\\') return StringWithEscapes(begin);
    if (static_cast<unsigned char>(c) < 0x20) Fail("a control character in a string");
  }
  Fail("it ends in a string");
}

std::string_view JsonReader::StringWithEscapes(size_t begin) {
  unescaped_.assign(text_ + begin, at_ - begin);
  while (at_ < size_) {
    const char c = text_[at_++];
    if (c == '"') return unescaped_;
    if (static_cast<unsigned char>(c) < 0x20) Fail("a control character in a string");
    if (c != '\\') {
      unescaped_.push_back(c);
      continue;
    }
    if (at_ >= size_) break;
    switch (text_[at_++]) {
      case '"':
        unescaped_.push_back('"');
        break;
      case '\\':
        unescaped_.push_back('\\');
        break;
      case '/':
        unescaped_.push_back('/');
        break;
      case 'b':
        unescaped_.push_back('\b');
        break;
      case 'f':
        unescaped_.push_back('\f');
        break;
      case 'n':
        unescaped_.push_back('\n');
        break;
      case 'r':
        unescaped_.push_back('\r');
        break;
      case 't':
        unescaped_.push_back('\t');
        break;
      case 'u':
        AppendUtf8(unescaped_, EscapedCodePoint());
        break;
      default:
        Fail("an unknown escape in a string");
    }
  }
  Fail("it ends in a string");
}

uint32_t JsonReader::FourHexDigits() {
  if (size_ - at_ < 4) Fail("it ends in a string");
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    char c = text_[at_++];
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    const int digit = kLowerHexValues[static_cast<unsigned char>(c)];
    if (digit < 0) Fail("a bad \\u escape");
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  return value;
}

// After "\u". A lone half of a surrogate pair becomes U+FFFD, as in Go.
uint32_t JsonReader::EscapedCodePoint() {
  constexpr uint32_t kReplacement = 0xfffd;
  const uint32_t high = FourHexDigits();
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high > 0xdbff || size_ - at_ < 6 || text_[at_] != '\\' || text_[at_ + 1] != 'u') return kReplacement;
  const size_t after_high = at_;
  at_ += 2;
  const uint32_t low = FourHexDigits();
  if (low < 0xdc00 || low > 0xdfff) {
    at_ = after_high;
    return kReplacement;
  }
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

Digest JsonReader::Id() {
  Expect('"');
  if (size_ - at_ < 65 || text_[at_ + 64] != '"') Fail("expected an id of 64 hexadecimal digits");
  Digest id;
  int bad = 0;
  for (size_t i = 0; i < 32; ++i) {
    const int high = kLowerHexValues[static_cast<unsigned char>(text_[at_ + 2 * i])];
    const int low = kLowerHexValues[static_cast<unsigned char>(text_[at_ + 2 * i + 1])];
    bad |= high | low;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (bad < 0) Fail("expected an id of 64 hexadecimal digits");
  at_ += 65;
  return id;
}

uint64_t JsonReader::Unsigned() {
  if (!IsDigit(Peek())) Fail("expected a number without sign");
  const size_t begin = at_;
  uint64_t value = 0;
  for (; at_ < size_ && IsDigit(text_[at_]); ++at_) {
    const auto digit = static_cast<uint64_t>(text_[at_] - '0');
    if (value > (std::numeric_limits<uint64_t>::max() - digit) / 10) Fail("a number too large");
    value = value * 10 + digit;
  }
  if (text_[begin] == '0' && at_ - begin > 1) Fail("a number with a leading zero");
  if (at_ < size_ && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E')) Fail("expected a whole number");
  return value;
}

bool JsonReader::Boolean() {
  if (Peek() == 't') {
    Word("true");
    return true;
  }
  Word("false");
  return false;
}

std::vector<std::string> JsonReader::Strings() {
  std::vector<std::string> strings;
  if (Null()) return strings;
  Array([&] { strings.emplace_back(String()); });
  return strings;
}

bool JsonReader::Null() {
  if (Peek() != 'n') return false;
  Word("null");
  return true;
}

void JsonReader::Word(std::string_view word) {
  SkipSpace();
  if (size_ - at_ < word.size() || std::memcmp(text_ + at_, word.data(), word.size()) != 0) {
    Fail("expected " + std::string(word));
  }
  at_ += word.size();
}

void JsonReader::SkipNumber() {
  const auto digits = [this] {
    if (at_ >= size_ || !IsDigit(text_[at_])) Fail("a malformed number");
    while (at_ < size_ && IsDigit(text_[at_])) ++at_;
  };
  if (text_[at_] == '-') ++at_;
  if (at_ < size_ && text_[at_] == '0') {
    ++at_;
  } else {
    digits();
  }
  if (at_ < size_ && text_[at_] == '.') {
    ++at_;
    digits();
  }
  if (at_ < size_ && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < size_ && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    digits();
  }
}

// Recursion is as deep as the nesting, which Enter limits.
void JsonReader::Skip() {
  switch (Peek()) {
    case '{':
      Object([this](std::string_view) { Skip(); });
      break;
    case '[':
      Array([this] { Skip(); });
      break;
    case '"':
      String();
      break;
    case 't':
      Word("true");
      break;
    case 'f':
      Word("false");
      break;
    case 'n':
      Word("null");
      break;
    default:
      SkipNumber();
  }
}

void JsonReader::End() {
  SkipSpace();
  if (at_ != size_) Fail("something follows its end");
}

}  // namespace cofre::repository
