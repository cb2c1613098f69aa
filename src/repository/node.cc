#include "repository/node.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/utf8.h"
#include "repository/json/json_writer.h"

namespace cofre::repository {
namespace {

constexpr uint64_t kModeFolder = uint64_t{1} << 31;
constexpr uint64_t kModeLink = uint64_t{1} << 27;
constexpr uint64_t kModeSetUser = uint64_t{1} << 23;
constexpr uint64_t kModeSetGroup = uint64_t{1} << 22;
constexpr uint64_t kModeSticky = uint64_t{1} << 20;

constexpr char kQuoteDigits[] = "0123456789abcdef";

void AppendEscape(std::string& out, char letter, uint32_t code, int digits) {
  out.push_back('\\');
  out.push_back(letter);
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back(kQuoteDigits[code >> shift & 15]);
}

struct CodeRange {
  uint32_t first;
  uint32_t last;
};

// Spaces, format characters, private use and what is no character.
constexpr std::array<CodeRange, 26> kNotPrintable = {{
    {0x00, 0x1f},        {0x7f, 0xa0},       {0xad, 0xad},       {0x0600, 0x0605},   {0x061c, 0x061c},
    {0x06dd, 0x06dd},    {0x070f, 0x070f},   {0x08e2, 0x08e2},   {0x1680, 0x1680},   {0x180e, 0x180e},
    {0x2000, 0x200f},    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},
    {0xfeff, 0xfeff},    {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0xe0000, 0xe00ff},
    {0xf0000, 0x10ffff},
}};

bool IsPrintable(uint32_t code) {
  return std::ranges::none_of(kNotPrintable,
                              [code](const CodeRange& range) { return code >= range.first && code <= range.last; });
}

void AppendField(std::string& json, std::string_view key, uint64_t value) {
  json += ",\"";
  json += key;
  json += "\":";
  AppendJsonNumber(json, value);
}

void AppendField(std::string& json, std::string_view key, std::string_view value) {
  json += ",\"";
  json += key;
  json += "\":";
  AppendJsonString(json, value);
}

// Go leaves members out that have no value.
template <typename Value>
void AppendFieldIfAny(std::string& json, std::string_view key, const Value& value) {
  if (value != Value{}) AppendField(json, key, value);
}

void AppendOpening(std::string& json, const FolderEntry& entry, std::string_view type) {
  const std::string modified = FormatTime(entry.modified);
  json += R"({"name":)";
  AppendJsonString(json, QuoteName(entry.name));
  AppendField(json, "type", type);
  AppendFieldIfAny(json, "mode", NodeMode(entry.type, entry.mode));
  AppendField(json, "mtime", modified);
  AppendField(json, "atime", modified);
  AppendField(json, "ctime", FormatTime(entry.changed));
  AppendField(json, "uid", entry.uid);
  AppendField(json, "gid", entry.gid);
  AppendFieldIfAny(json, "user", entry.user);
  AppendFieldIfAny(json, "group", entry.group);
  AppendFieldIfAny(json, "inode", entry.inode);
}

}  // namespace

std::string QuoteName(std::string_view name) {
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string quoted;
  quoted.reserve(name.size());
  while (!name.empty()) {
    uint32_t code = 0;
    const size_t length = DecodeUtf8(name, code);
    if (length == 0) {
      AppendEscape(quoted, 'x', static_cast<uint8_t>(name[0]), 2);
      name.remove_prefix(1);
      continue;
    }
    const size_t simple = length == 1 ? kMeanings.find(name[0]) : std::string_view::npos;
    if (simple != std::string_view::npos) {
      quoted.push_back('\\');
      quoted.push_back(kLetters[simple]);
    } else if (IsPrintable(code)) {
      quoted += name.substr(0, length);
    } else if (code < 0x20 || code == 0x7f) {
      AppendEscape(quoted, 'x', code, 2);
    } else if (code < 0x10000) {
      AppendEscape(quoted, 'u', code, 4);
    } else {
      AppendEscape(quoted, 'U', code, 8);
    }
    name.remove_prefix(length);
  }
  return quoted;
}

std::string UnquoteName(std::string_view quoted) {
  std::string name;
  name.reserve(quoted.size());
  while (!quoted.empty()) {
    if (quoted[0] != '\\' || quoted.size() < 2) {
      name.push_back(quoted[0]);
      quoted.remove_prefix(1);
      continue;
    }
    static constexpr std::string_view kLetters = "abfnrtv\\\"'";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"'";
    const char letter = quoted[1];
    const size_t simple = kLetters.find(letter);
    quoted.remove_prefix(2);
    if (simple != std::string_view::npos) {
      name.push_back(kMeanings[simple]);
      continue;
    }
    const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    uint32_t code = 0;
    if (digits == 0 || quoted.size() < digits ||
        std::from_chars(quoted.data(), quoted.data() + digits, code, 16).ptr != quoted.data() + digits) {
      throw Error(ErrorKind::kCorrupt, "tree is damaged: a node's name has an unknown escape");
    }
    quoted.remove_prefix(digits);
    if (letter == 'x') {
      name.push_back(static_cast<char>(code));
    } else {
      AppendUtf8(name, code);
    }
  }
  return name;
}

void AppendFileNode(std::string& json, const FolderEntry& entry, std::span<const Digest> content) {
  AppendOpening(json, entry, "file");
  if (entry.links > 1) AppendFieldIfAny(json, "device_id", entry.device);
  AppendFieldIfAny(json, "size", entry.size);
  AppendFieldIfAny(json, "links", entry.links);
  json.reserve(json.size() + content.size() * 67 + 64);
  json += R"(,"content":[)";
  for (const Digest& id : content) {
    if (&id != content.data()) json.push_back(',');
    AppendJsonId(json, id);
  }
  json += "]}";
}

void AppendFolderNode(std::string& json, const FolderEntry& entry, const Digest& subtree) {
  AppendOpening(json, entry, "dir");
  json += R"(,"content":null,"subtree":)";
  AppendJsonId(json, subtree);
  json.push_back('}');
}

void AppendLinkNode(std::string& json, const FolderEntry& entry) {
  AppendOpening(json, entry, "symlink");
  if (entry.links > 1) AppendFieldIfAny(json, "device_id", entry.device);
  AppendFieldIfAny(json, "links", entry.links);
  AppendField(json, "linktarget", entry.target);
  if (!IsValidUtf8(entry.target)) AppendField(json, "linktarget_raw", Base64Encode(AsBytes(entry.target)));
  json += R"(,"content":null})";
}

uint64_t NodeMode(EntryType type, uint32_t mode) {
  uint64_t node_mode = mode & 0777;
  if (type == EntryType::kFolder) node_mode |= kModeFolder;
  if (type == EntryType::kLink) node_mode |= kModeLink;
  if ((mode & 04000) != 0) node_mode |= kModeSetUser;
  if ((mode & 02000) != 0) node_mode |= kModeSetGroup;
  if ((mode & 01000) != 0) node_mode |= kModeSticky;
  return node_mode;
}

uint32_t PermissionsOf(uint64_t node_mode) {
  auto mode = static_cast<uint32_t>(node_mode & 0777);
  if ((node_mode & kModeSetUser) != 0) mode |= 04000;
  if ((node_mode & kModeSetGroup) != 0) mode |= 02000;
  if ((node_mode & kModeSticky) != 0) mode |= 01000;
  return mode;
}

}  // namespace cofre::repository
