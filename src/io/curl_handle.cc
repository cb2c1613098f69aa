#include "io/curl_handle.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <new>

#include "base/error.h"

namespace cofre::io {

void EasyDeleter::operator()(void* easy) const { curl_easy_cleanup(easy); }
void MultiDeleter::operator()(void* multi) const { curl_multi_cleanup(multi); }
void ListDeleter::operator()(curl_slist* list) const { curl_slist_free_all(list); }

void Append(CurlList& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

void RequireOptionTaken(int code, int option) {
  if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLE_OK) {
    throw Error(ErrorKind::kPermanent,
                fmt::format("libcurl refuses option {}: {}", option, curl_easy_strerror(static_cast<CURLcode>(code))));
  }
}

}  // namespace cofre::io
