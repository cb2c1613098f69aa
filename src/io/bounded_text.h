#pragma once

// The beginning and the end of a text of any length: what a program says on standard error, without trusting its size.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace cofre::io {

class BoundedText {
 public:
  // Keeps the first and the last `half` bytes.
  explicit BoundedText(size_t half = 64 * 1024) : half_(half) {}

  void Append(std::string_view text) {
    const size_t to_head = std::min(text.size(), half_ - head_.size());
    head_.append(text.substr(0, to_head));
    tail_.append(text.substr(to_head));
    // Cut seldom, so that small pieces do not move the tail each time.
    if (tail_.size() > 2 * half_) DropFrontOfTail();
  }

  // Where something was left out, a line "[...]" stands in its place.
  std::string Text() const {
    if (!dropped_ && tail_.size() <= half_) return head_ + tail_;
    return head_ + "\n[...]\n" + tail_.substr(tail_.size() - std::min(tail_.size(), half_));
  }

 private:
  void DropFrontOfTail() {
    tail_.erase(0, tail_.size() - half_);
    dropped_ = true;
  }

  size_t half_;
  std::string head_;
  std::string tail_;
  bool dropped_ = false;
};

}  // namespace cofre::io
