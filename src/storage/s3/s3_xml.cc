#include "storage/s3/s3_xml.h"

#include <expat.h>
#include <fmt/core.h>

#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <new>
#include <utility>

#include "base/error.h"

namespace cofre::storage::s3 {
namespace {

constexpr size_t kMaxDepth = 16;
constexpr size_t kMaxText = size_t{16} * 1024;  // of one element: a key or a token has 1 to 2 KiB at most

// Calls `on_end` for each element when it ends, with its path ("ListBucketResult/Contents/Key") and its text.
class Reader {
 public:
  using OnEnd = std::function<void(std::string_view path, std::string_view text)>;

  explicit Reader(OnEnd on_end) : on_end_(std::move(on_end)), parser_(XML_ParserCreate("UTF-8")) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Reader::Start, &Reader::End);
    XML_SetCharacterDataHandler(parser_.get(), &Reader::Text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Reader::Doctype);
  }

  void Read(std::string_view xml) {
    const XML_Status status = XML_Parse(parser_.get(), xml.data(), static_cast<int>(xml.size()), 1);
    if (failure_) std::rethrow_exception(failure_);
    if (!problem_.empty()) throw Error(ErrorKind::kCorrupt, "the server's XML " + problem_);
    if (status != XML_STATUS_OK) {
      throw Error(ErrorKind::kCorrupt,
                  fmt::format("the server's XML is broken in line {}: {}", XML_GetCurrentLineNumber(parser_.get()),
                              XML_ErrorString(XML_GetErrorCode(parser_.get()))));
    }
  }

 private:
  struct Deleter {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, Deleter>;

  static void Start(void* user, const XML_Char* name, const XML_Char** /*attributes*/) {
    Reader& reader = *static_cast<Reader*>(user);
    if (reader.ends_.size() == kMaxDepth) return reader.Stop("is nested too deeply");
    // A prefix of the name space ("s3:Key") means nothing here.
    std::string_view plain(name);
    plain.remove_prefix(plain.find(':') == std::string_view::npos ? 0 : plain.find(':') + 1);
    if (plain.size() > kMaxText) return reader.Stop("has an endless name");
    reader.ends_.push_back(reader.path_.size());
    if (!reader.path_.empty()) reader.path_ += '/';
    reader.path_ += plain;
    reader.text_.clear();
  }

  static void End(void* user, const XML_Char* /*name*/) {
    Reader& reader = *static_cast<Reader*>(user);
    if (reader.failure_ || !reader.problem_.empty()) return;
    try {
      reader.on_end_(reader.path_, reader.text_);
    } catch (...) {  // must not pass through expat's C code
      reader.failure_ = std::current_exception();
      XML_StopParser(reader.parser_.get(), XML_FALSE);
    }
    reader.path_.resize(reader.ends_.back());
    reader.ends_.pop_back();
    reader.text_.clear();
  }

  static void Text(void* user, const XML_Char* text, int length) {
    Reader& reader = *static_cast<Reader*>(user);
    if (reader.text_.size() + static_cast<size_t>(length) > kMaxText) return reader.Stop("has an endless text");
    reader.text_.append(text, static_cast<size_t>(length));
  }

  static void Doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<Reader*>(user)->Stop("declares a document type");
  }

  void Stop(const char* problem) {
    problem_ = problem;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  OnEnd on_end_;
  Parser parser_;
  std::string path_;
  std::vector<size_t> ends_;  // of path_ before each open element
  std::string text_;
  std::string problem_;
  std::exception_ptr failure_;
};

uint64_t ParseSize(std::string_view text) {
  uint64_t size = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw Error(ErrorKind::kCorrupt, "the server's listing has a size that is no number");
  }
  return size;
}

// "&quot;9b2cf535f27731c974343645a3985328&quot;", or something else that says nothing.
std::optional<std::array<uint8_t, 16>> Md5OfEtag(std::string_view text) {
  if (text.size() == 34 && text.front() == '"' && text.back() == '"') text = text.substr(1, 32);
  if (text.size() != 32) return std::nullopt;
  std::array<uint8_t, 16> md5{};
  for (size_t i = 0; i < md5.size(); ++i) {
    const char* const digits = text.data() + 2 * i;
    const auto [end, problem] = std::from_chars(digits, digits + 2, md5[i], 16);
    if (problem != std::errc() || end != digits + 2) return std::nullopt;
  }
  return md5;
}

void AppendEscaped(std::string& xml, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      default:
        xml += c;
    }
  }
}

void TakeErrorField(S3ErrorBody& error, std::string_view path, std::string_view text) {
  if (path == "Error/Code") error.code = text;
  if (path == "Error/Message") error.message = text;
  if (path == "Error/Region") error.region = text;
  if (path == "Error/RequestTime") error.request_time = text;
  if (path == "Error/ServerTime") error.server_time = text;
}

}  // namespace

std::optional<S3ErrorBody> ErrorInside(std::string_view xml) {
  S3ErrorBody error;
  bool found = false;
  Reader([&](std::string_view path, std::string_view text) {
    found = found || path == "Error";
    TakeErrorField(error, path, text);
  }).Read(xml);
  if (!found) return std::nullopt;
  return error;
}

S3ErrorBody ParseError(std::string_view xml) {
  try {
    return ErrorInside(xml).value_or(S3ErrorBody());
  } catch (const Error&) {
    return {};
  }
}

ListPage ParseListPage(std::string_view xml) {
  ListPage page;
  ObjectInfo object;
  bool has_size = false;
  bool complete = false;
  Reader([&](std::string_view path, std::string_view text) {
    if (path == "ListBucketResult/Contents/Key") object.key = text;
    if (path == "ListBucketResult/Contents/Size") {
      object.size = ParseSize(text);
      has_size = true;
    }
    if (path == "ListBucketResult/Contents/ETag") object.md5 = Md5OfEtag(text);
    if (path == "ListBucketResult/Contents") {
      if (object.key.empty() || !has_size) {
        throw Error(ErrorKind::kCorrupt, "the server's listing has an object without key or size");
      }
      page.objects.push_back(std::move(object));
      object = {};
      has_size = false;
    }
    if (path == "ListBucketResult/CommonPrefixes/Prefix") page.folders.emplace_back(text);
    if (path == "ListBucketResult/IsTruncated") page.truncated = text == "true";
    if (path == "ListBucketResult/NextContinuationToken") page.next_token = text;
    if (path == "ListBucketResult") complete = true;
  }).Read(xml);
  if (!complete) throw Error(ErrorKind::kCorrupt, "the server's answer is not a listing");
  if (page.truncated && page.next_token.empty()) {
    throw Error(ErrorKind::kCorrupt, "the server's listing breaks off without saying how to go on");
  }
  return page;
}

std::string ParseUploadId(std::string_view xml) {
  std::string id;
  Reader([&](std::string_view path, std::string_view text) {
    if (path == "InitiateMultipartUploadResult/UploadId") id = text;
  }).Read(xml);
  if (id.empty()) throw Error(ErrorKind::kCorrupt, "the server's answer has no UploadId");
  return id;
}

std::vector<DeleteError> ParseDeleteResult(std::string_view xml) {
  std::vector<DeleteError> errors;
  DeleteError error;
  bool complete = false;
  Reader([&](std::string_view path, std::string_view text) {
    if (path == "DeleteResult/Error/Key") error.key = text;
    if (path == "DeleteResult/Error/Code") error.code = text;
    if (path == "DeleteResult/Error/Message") error.message = text;
    if (path == "DeleteResult/Error") errors.push_back(std::exchange(error, {}));
    if (path == "DeleteResult") complete = true;
  }).Read(xml);
  if (!complete) throw Error(ErrorKind::kCorrupt, "the server's answer is not that to a deletion");
  return errors;
}

std::string DeleteRequest(std::span<const std::string> keys) {
  // Quiet: only what failed comes back.
  std::string xml = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
  for (const std::string& key : keys) {
    xml += "<Object><Key>";
    AppendEscaped(xml, key);
    xml += "</Key></Object>";
  }
  return xml + "</Delete>";
}

std::string CompleteRequest(std::span<const std::string> etags) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (size_t i = 0; i < etags.size(); ++i) {
    xml += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>", i + 1);
    AppendEscaped(xml, etags[i]);
    xml += "</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace cofre::storage::s3
