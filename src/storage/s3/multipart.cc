#include "storage/s3/multipart.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "storage/s3/s3_errors.h"
#include "storage/s3/s3_xml.h"

namespace cofre::storage::s3 {
namespace {

constexpr uint64_t kMaxParts = 10'000;
constexpr uint64_t kPartStep = uint64_t{1024} * 1024;

// An upload between its beginning and its completion.
class Upload {
 public:
  Upload(Requests& requests, const std::string& key, ByteView body, const MultipartOptions& options, Clock& clock,
         Random& random)
      : requests_(requests),
        key_(key),
        body_(body),
        options_(options),
        clock_(clock),
        random_(random),
        part_bytes_(PartBytes(body.size(), options.part_bytes)),
        etags_((body.size() + part_bytes_ - 1) / part_bytes_) {}

  void Begin(const std::stop_token& stop) {
    Call call = NewCall("POST");
    call.query = {{"uploads", ""}};
    id_ = Retry(options_.part_retry, clock_, random_, stop,
                [&] { return ParseUploadId(requests_.SendForXml(call, stop)); });
  }

  // Ends with the first failure of any part, or when all have arrived.
  void SendParts(const std::stop_token& stop) {
    std::stop_source ending;
    const std::stop_callback pass_on(stop, [&ending] { ending.request_stop(); });
    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::exception_ptr first_failure;
    const auto work = [&] {
      try {
        for (size_t part = next++; part < etags_.size(); part = next++)
          etags_[part] = SendPart(part, ending.get_token());
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!first_failure) first_failure = std::current_exception();
        ending.request_stop();
      }
    };
    {
      std::vector<std::jthread> threads;
      const size_t count = std::min(etags_.size(), static_cast<size_t>(std::max(options_.parts_in_flight, 1)));
      for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
      work();
    }
    if (first_failure) std::rethrow_exception(first_failure);
  }

  void Complete(const std::stop_token& stop) {
    const std::string request = CompleteRequest(etags_);
    Call call = NewCall("POST");
    call.query = {{"uploadId", id_}};
    call.body = AsBytes(request);
    try {
      Retry(options_.part_retry, clock_, random_, stop, [&] { requests_.SendForXml(call, stop); });
    } catch (const Refused& refused) {
      // Where the answer to a completion was lost, the next try finds no upload. Whether the object arrived is not
      // known: let the whole be sent again.
      if (refused.code() != "NoSuchUpload") throw;
      throw Error(ErrorKind::kTransient, refused.what());
    }
  }

  // Parts of an upload that is never completed are paid for until they are taken back.
  void Abort() noexcept {
    try {
      Call call = NewCall("DELETE");
      call.query = {{"uploadId", id_}};
      requests_.Send(call, {});
    } catch (const std::exception& error) {
      Log(LogLevel::kWarning, "multipart_upload_left_behind", {{"key", key_}, {"error", error.what()}});
    }
  }

 private:
  Call NewCall(const char* method) const { return {.verb = "cannot write", .method = method, .key = key_}; }

  std::string SendPart(size_t part, const std::stop_token& stop) {
    Call call = NewCall("PUT");
    call.query = {{"partNumber", fmt::format("{}", part + 1)}, {"uploadId", id_}};
    const ByteView rest = body_.subspan(part * part_bytes_);
    call.body = rest.first(std::min<uint64_t>(rest.size(), part_bytes_));
    call.sha256 = Sha256(call.body);
    return Retry(options_.part_retry, clock_, random_, stop, [&] {
      const io::HttpResponse response = requests_.Send(call, stop);
      const std::string* const etag = response.Header("etag");
      if (etag == nullptr) {
        throw Error(ErrorKind::kPermanent, requests_.Describe(call) + ": the server gave a part no ETag");
      }
      return *etag;
    });
  }

  Requests& requests_;
  const std::string& key_;
  const ByteView body_;
  const MultipartOptions& options_;
  Clock& clock_;
  Random& random_;
  const uint64_t part_bytes_;
  std::vector<std::string> etags_;
  std::string id_;
};

}  // namespace

uint64_t PartBytes(uint64_t object_bytes, uint64_t at_least) {
  const uint64_t needed = (object_bytes + kMaxParts - 1) / kMaxParts;
  if (needed <= at_least) return at_least;
  return (needed + kPartStep - 1) / kPartStep * kPartStep;
}

void UploadInParts(Requests& requests, const std::string& key, ByteView body, const MultipartOptions& options,
                   Clock& clock, Random& random, const std::stop_token& stop) {
  Upload upload(requests, key, body, options, clock, random);
  upload.Begin(stop);
  try {
    upload.SendParts(stop);
    upload.Complete(stop);
  } catch (...) {
    upload.Abort();
    throw;
  }
}

}  // namespace cofre::storage::s3
