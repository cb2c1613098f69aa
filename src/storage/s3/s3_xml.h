#pragma once

// The XML that S3 answers with. Input is hostile: document type declarations and entities of its own are refused, depth
// and text are bounded, numbers are checked. What is not understood throws kind corrupt; elements that are not known
// are skipped. An answer whose root is <Error> where another was expected throws nothing: see S3Error in each result.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"

namespace cofre::storage::s3 {

// The body of a failed request. What the server left out is empty.
struct S3ErrorBody {
  std::string code;  // "SlowDown"
  std::string message;
  std::string region;        // of AuthorizationHeaderMalformed: the one that it should have been
  std::string request_time;  // of RequestTimeTooSkewed: ours ...
  std::string server_time;   // ... and theirs
};

// Never throws: a body that is empty, HTML or broken says nothing, and the status has to do.
S3ErrorBody ParseError(std::string_view xml);

// The <Error> that a server put into an answer of status 200, if it did.
std::optional<S3ErrorBody> ErrorInside(std::string_view xml);

struct ListPage {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> folders;  // the common prefixes, as they came
  bool truncated = false;
  std::string next_token;  // not empty where truncated
};
ListPage ParseListPage(std::string_view xml);

// The UploadId of an initiated multipart upload.
std::string ParseUploadId(std::string_view xml);

struct DeleteError {
  std::string key;
  std::string code;
  std::string message;
};
std::vector<DeleteError> ParseDeleteResult(std::string_view xml);

// Requests' bodies.
std::string DeleteRequest(std::span<const std::string> keys);
std::string CompleteRequest(std::span<const std::string> etags);

}  // namespace cofre::storage::s3
