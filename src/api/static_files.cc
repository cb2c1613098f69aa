#include "api/static_files.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "api/services.h"
#include "api/sign_in.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace cofre::api {
namespace {

constexpr uint64_t kMostBytes = 64 << 20;  // of all files together
constexpr size_t kMostFiles = 2000;
constexpr std::string_view kNoncePlace = "__COFRE_NONCE__";
constexpr std::string_view kZipped = ".gz";

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes{
    {{".html", "text/html; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".svg", "image/svg+xml"},
     {".png", "image/png"},
     {".woff2", "font/woff2"},
     {".woff", "font/woff"},
     {".ttf", "font/ttf"}}};

std::string TypeOf(const std::string& path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return std::string(type);
  }
  return "application/octet-stream";
}

// The path of a view of the page: its last part looks like no file's name.
bool IsView(const std::string& path) { return path.find('.', path.rfind('/')) == std::string::npos; }

}  // namespace

std::string PageFolder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "";
  return (program.parent_path().parent_path() / "share/cofre/web").string();
}

StaticFiles::StaticFiles(const std::string& folder, Random& random) : random_(random) {
  std::error_code error;
  if (folder.empty() || !std::filesystem::is_regular_file(folder + "/index.html", error)) return;
  try {
    Read(folder);
  } catch (const std::filesystem::filesystem_error& failure) {
    throw Error(ErrorKind::kPermanent, "the page in " + Quoted(folder) + " cannot be read: " + failure.what(),
                "install the package again");
  }
  for (auto& [path, file] : files_) {
    if (const auto zipped = files_.find(path + std::string(kZipped)); zipped != files_.end()) {
      file.zipped = std::move(zipped->second.body);
    }
  }
  std::erase_if(files_, [](const auto& file) { return file.first.ends_with(kZipped); });
  const std::string index = std::move(files_.at("/index.html").body);
  files_.erase("/index.html");
  const size_t place = index.find(kNoncePlace);
  before_nonce_ = index.substr(0, place);
  if (place != std::string::npos) after_nonce_ = index.substr(place + kNoncePlace.size());
  has_index_ = true;
}

void StaticFiles::Read(const std::string& folder) {
  uint64_t left = kMostBytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_symlink() || !entry.is_regular_file()) continue;
    if (files_.size() == kMostFiles) {
      throw Error(ErrorKind::kPermanent, "the page in " + Quoted(folder) + " has too many files", "install it again");
    }
    File file{.body = ReadFile(entry.path().string(), left)};
    left -= file.body.size();
    file.etag = MakeEtag(file.body);
    std::string path = "/" + std::filesystem::relative(entry.path(), folder).string();
    file.type = TypeOf(path);
    files_.emplace(std::move(path), std::move(file));
  }
}

Response StaticFiles::Send(const Request& request, const std::string& path, const File& file) const {
  const bool takes_gzip = !file.zipped.empty() && request.Header("accept-encoding").find("gzip") != std::string::npos;
  Response response{.type = file.type, .body = takes_gzip ? file.zipped : file.body};
  const bool is_hashed = path.starts_with("/assets/");
  response.headers.emplace_back("Cache-Control", is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (takes_gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  if (!file.zipped.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  // Of each form its own.
  response.headers.emplace_back("ETag", takes_gzip ? file.etag.substr(0, file.etag.size() - 1) + "-gzip\"" : file.etag);
  return response;
}

// Scripts and style sheets are ours alone; styles that a script of ours makes bear the nonce. Nothing inline, no eval.
Response StaticFiles::SendIndex() const {
  const std::string nonce = MakeSecret(random_);
  Response response{.type = "text/html; charset=utf-8", .body = before_nonce_ + nonce + after_nonce_};
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'self'; style-src 'self' 'nonce-" + nonce +
          "'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  return response;
}

std::optional<Response> StaticFiles::Answer(const Request& request) const {
  if (!has_index_ || request.method != Method::kGet || request.path.starts_with("/api/")) return std::nullopt;
  if (request.path.starts_with("/descarga/")) return std::nullopt;
  if (const auto found = files_.find(request.path); found != files_.end()) {
    return Send(request, found->first, found->second);
  }
  if (!IsView(request.path)) return std::nullopt;
  return SendIndex();
}

}  // namespace cofre::api
