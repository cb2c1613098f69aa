#include "io/tar_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.h"

namespace cofre::io {
namespace {

constexpr size_t kBlock = 512;

// POSIX 1003.1, pax: fields of ustar's header.
struct Field {
  size_t offset;
  size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUser{108, 8};
constexpr Field kGroup{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kSum{148, 8};
constexpr Field kType{156, 1};
constexpr Field kTarget{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kUserName{265, 32};
constexpr Field kGroupName{297, 32};

using Header = std::array<uint8_t, kBlock>;

bool Fits(std::string_view text, Field field) {
  return text.size() <= field.size && std::ranges::all_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

void Put(Header& header, Field field, std::string_view text) {
  std::memcpy(header.data() + field.offset, text.data(), std::min(text.size(), field.size));
}

// Octal digits and a NUL. False, and zero, where it needs more of them.
bool PutNumber(Header& header, Field field, int64_t value) {
  const std::string digits = value < 0 ? "" : fmt::format("{:0{}o}", value, field.size - 1);
  const bool fits = value >= 0 && digits.size() < field.size;
  Put(header, field, fits ? digits : std::string(field.size - 1, '0'));
  return fits;
}

void PutSum(Header& header) {
  Put(header, kSum, std::string(kSum.size, ' '));
  uint32_t sum = 0;
  for (const uint8_t byte : header) sum += byte;
  Put(header, kSum, fmt::format("{:06o}", sum) + std::string(1, '\0'));
}

// "27 path=..." with a newline: its own length first, in that length too.
std::string Record(std::string_view key, std::string_view value) {
  const size_t rest = key.size() + value.size() + 3;
  size_t length = rest + 1;
  while (fmt::formatted_size("{}", length) + rest != length) length = fmt::formatted_size("{}", length) + rest;
  return fmt::format("{} {}={}\n", length, key, value);
}

void WritePadding(ByteSink& out, uint64_t bytes) {
  static constexpr Header kZeros{};
  if (bytes % kBlock != 0) out.Write(ByteView(kZeros).first(kBlock - bytes % kBlock));
}

}  // namespace

void TarSink::WriteHeader(const FolderEntry& entry, const std::string& path, char type) {
  const int64_t seconds = std::chrono::floor<std::chrono::seconds>(entry.modified).time_since_epoch().count();
  const uint64_t size = type == '0' ? entry.size : 0;
  Header header{};
  std::string records;
  Put(header, kName, path);
  if (!Fits(path, kName)) records += Record("path", path);
  Put(header, kTarget, entry.target);
  if (!Fits(entry.target, kTarget)) records += Record("linkpath", entry.target);
  PutNumber(header, kMode, entry.mode & 07777);
  if (!PutNumber(header, kUser, entry.uid)) records += Record("uid", std::to_string(entry.uid));
  if (!PutNumber(header, kGroup, entry.gid)) records += Record("gid", std::to_string(entry.gid));
  if (!PutNumber(header, kSize, static_cast<int64_t>(size))) records += Record("size", std::to_string(size));
  if (!PutNumber(header, kTime, seconds)) records += Record("mtime", std::to_string(seconds));
  if (Fits(entry.user, kUserName)) Put(header, kUserName, entry.user);
  if (Fits(entry.group, kGroupName)) Put(header, kGroupName, entry.group);
  Put(header, kType, std::string_view(&type, 1));
  Put(header, kMagic, std::string_view("ustar\00000", 8));
  PutSum(header);

  if (!records.empty()) {
    // Bytes that are no UTF-8 are said to be nothing else. GNU tar remarks that it does not know the word, and takes
    // them.
    if (!IsValidUtf8(path) || !IsValidUtf8(entry.target)) records.insert(0, Record("hdrcharset", "BINARY"));
    Header before{};
    Put(before, kName, "PaxHeader");
    PutNumber(before, kMode, 0600);
    PutNumber(before, kUser, 0);
    PutNumber(before, kGroup, 0);
    PutNumber(before, kSize, static_cast<int64_t>(records.size()));
    PutNumber(before, kTime, 0);
    Put(before, kType, "x");
    Put(before, kMagic, std::string_view("ustar\00000", 8));
    PutSum(before);
    out_.Write(before);
    out_.Write(AsBytes(records));
    WritePadding(out_, records.size());
  }
  out_.Write(header);
}

void TarSink::EnterFolder(const FolderEntry& entry) {
  folders_.push_back(folders_.empty() ? name_ + "/" : folders_.back() + entry.name + "/");
  WriteHeader(entry, folders_.back(), '5');
}

void TarSink::LeaveFolder() { folders_.pop_back(); }

void TarSink::BeginFile(const FolderEntry& entry) {
  WriteHeader(entry, folders_.back() + entry.name, '0');
  file_bytes_ = entry.size;
}

void TarSink::EndFile() { WritePadding(out_, file_bytes_); }

void TarSink::AddLink(const FolderEntry& entry) { WriteHeader(entry, folders_.back() + entry.name, '2'); }

void TarSink::Finish() {
  static constexpr std::array<uint8_t, 2 * kBlock> kEnd{};
  out_.Write(kEnd);
  out_.Finish();
}

}  // namespace cofre::io
