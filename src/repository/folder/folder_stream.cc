#include "repository/folder/folder_stream.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace cofre::repository {
namespace {

constexpr size_t kMarksAtOnce = 256;

}  // namespace

MarkedStream::Got FolderStream::Read(MutableBytes buffer, std::vector<FolderMark>& marks) {
  using Kind = FolderMark::Kind;
  while (marks.size() < kMarksAtOnce) {
    if (is_open_) {
      if (const size_t bytes = source_.Read(buffer); bytes > 0) {
        file_bytes_ += bytes;
        return {bytes, false};
      }
      EndFile(marks);
      continue;
    }
    FolderStep step = source_.Next();
    if (step.kind == FolderStep::Kind::kEnd) return {0, true};
    if (step.kind == FolderStep::Kind::kLeave) {
      if (parent_ != nullptr) parent_->Leave();
      marks.push_back({Kind::kLeave, {}, {}});
    } else {
      Begin(std::move(step.entry), marks);
    }
  }
  return {0, false};
}

void FolderStream::EndFile(std::vector<FolderMark>& marks) {
  is_open_ = !source_.Settled(file_);
  if (is_open_) {
    marks.push_back({FolderMark::Kind::kVoid, {}, {}});
  } else if (file_bytes_ == file_.size) {
    marks.push_back({FolderMark::Kind::kFile, std::move(file_), {}});
  } else {
    throw Error(ErrorKind::kCorrupt, fmt::format("{} has {} bytes, and {} were read", ToValidUtf8(file_.name, 200),
                                                 file_.size, file_bytes_));
  }
  file_bytes_ = 0;
}

void FolderStream::Begin(FolderEntry entry, std::vector<FolderMark>& marks) {
  using Kind = FolderMark::Kind;
  if (entry.type == EntryType::kLink) {
    marks.push_back({Kind::kLink, std::move(entry), {}});
  } else if (entry.type == EntryType::kFolder) {
    if (parent_ != nullptr) parent_->Enter(entry.name);
    marks.push_back({Kind::kEnter, std::move(entry), {}});
  } else if (auto content = parent_ != nullptr ? parent_->ContentOf(entry) : std::nullopt) {
    unchanged_bytes_ += entry.size;
    marks.push_back({Kind::kUnchanged, std::move(entry), std::move(*content)});
  } else {
    is_open_ = source_.Open(entry);
    file_ = std::move(entry);
  }
}

}  // namespace cofre::repository
