// Any bytes as an S3 server's answer: read, or refused with kind corrupt. What is read is bounded by what came.

#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"
#include "storage/s3/s3_errors.h"
#include "storage/s3/s3_xml.h"

namespace {

template <typename Parse>
void MayRefuse(Parse&& parse) {
  try {
    parse();
  } catch (const cofre::Error& error) {
    if (error.kind() != cofre::ErrorKind::kCorrupt) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace s3 = cofre::storage::s3;
  const std::string_view xml = cofre::AsText({data, size});
  MayRefuse([&] {
    const s3::ListPage page = s3::ParseListPage(xml);
    size_t bytes = page.next_token.size();
    for (const auto& object : page.objects) bytes += object.key.size();
    for (const auto& folder : page.folders) bytes += folder.size();
    if (bytes > size) std::abort();
    if (page.truncated && page.next_token.empty()) std::abort();
  });
  MayRefuse([&] {
    if (s3::ParseUploadId(xml).empty()) std::abort();
  });
  MayRefuse([&] { s3::ParseDeleteResult(xml); });
  MayRefuse([&] { s3::ErrorInside(xml); });
  // Errors are made of whatever it was, and their messages stay in one line.
  const s3::Refused error = s3::ToError("x", {.status = 403, .body = s3::ParseError(xml)});
  if (std::string_view(error.what()).find_first_of("\n\r\x1b") != std::string_view::npos) std::abort();
  if (std::string_view(error.hint()).find_first_of("\n\r\x1b") != std::string_view::npos) std::abort();
  return 0;
}
