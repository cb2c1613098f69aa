#pragma once

// libcurl's handles as owners. Private to this folder, and without libcurl's own header, which is slow to parse: its
// easy and multi handles are `void` there too.

#include <memory>
#include <string>

struct curl_slist;

namespace cofre::io {

struct EasyDeleter {
  void operator()(void* easy) const;
};
struct MultiDeleter {
  void operator()(void* multi) const;
};
struct ListDeleter {
  void operator()(curl_slist* list) const;
};
using CurlEasy = std::unique_ptr<void, EasyDeleter>;
using CurlMulti = std::unique_ptr<void, MultiDeleter>;
using CurlList = std::unique_ptr<curl_slist, ListDeleter>;

void Append(CurlList& list, const std::string& line);

// `code` is what curl_easy_setopt answered to `option`. Throws permanent where this libcurl does not take it.
void RequireOptionTaken(int code, int option);

}  // namespace cofre::io
