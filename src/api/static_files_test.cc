#include "api/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "api/api_test_world.h"
#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace cofre::api {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

void Write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  WriteFileAtomically(path, AsBytes(text), 0644);
}

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    Write(folder_.File("web/index.html"), "<meta content=\"__COFRE_NONCE__\"><div id=app>");
    Write(folder_.File("web/cofre.svg"), "<svg/>");
    Write(folder_.File("web/assets/index-1a2b.js"), "let long_name = 1");
    Write(folder_.File("web/assets/index-1a2b.js.gz"), "zipped");
    Write(folder_.File("secret.txt"), "not the page's");
    files_ = std::make_unique<StaticFiles>(folder_.File("web"), SystemRandom());
  }

  std::optional<Response> Get(const std::string& path, const Headers& headers = {}) const {
    return files_->Answer({.path = path, .headers = headers});
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<StaticFiles> files_;
};

TEST_F(StaticFilesTest, AViewOfThePageIsItsIndexWithANonceOfItsOwn) {
  const auto first = Get("/empresas/900869750");
  const auto second = Get("/");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->type, "text/html; charset=utf-8");
  EXPECT_EQ(HeaderOf(*first, "Cache-Control"), "no-store");
  const std::string policy = HeaderOf(*first, "Content-Security-Policy");
  EXPECT_THAT(policy, AllOf(HasSubstr("default-src 'self'"), Not(HasSubstr("unsafe"))));
  const size_t start = policy.find("'nonce-") + 7;
  const std::string nonce = policy.substr(start, policy.find('\'', start) - start);
  EXPECT_GE(nonce.size(), 32U);
  EXPECT_THAT(first->body, HasSubstr('"' + nonce + '"'));
  EXPECT_NE(first->body, second->body);
}

TEST_F(StaticFilesTest, AHashedFileIsKeptForEverAndAnotherIsAskedFor) {
  const auto hashed = Get("/assets/index-1a2b.js");
  const auto other = Get("/cofre.svg");
  ASSERT_TRUE(hashed && other);
  EXPECT_EQ(hashed->type, "text/javascript; charset=utf-8");
  EXPECT_EQ(hashed->body, "let long_name = 1");
  EXPECT_THAT(HeaderOf(*hashed, "Cache-Control"), HasSubstr("immutable"));
  EXPECT_EQ(other->type, "image/svg+xml");
  EXPECT_EQ(HeaderOf(*other, "Cache-Control"), "no-cache");
}

TEST_F(StaticFilesTest, WhoTakesGzipGetsTheZippedFormUnderAnEtagOfItsOwn) {
  const auto plain = Get("/assets/index-1a2b.js");
  const auto zipped = Get("/assets/index-1a2b.js", {{"accept-encoding", "gzip, br"}});
  ASSERT_TRUE(plain && zipped);
  EXPECT_EQ(zipped->body, "zipped");
  EXPECT_EQ(zipped->type, plain->type);
  EXPECT_EQ(HeaderOf(*zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(HeaderOf(*plain, "Vary"), "Accept-Encoding");
  EXPECT_NE(HeaderOf(*zipped, "ETag"), HeaderOf(*plain, "ETag"));
  EXPECT_FALSE(Get("/assets/index-1a2b.js.gz"));
}

TEST_F(StaticFilesTest, PathTricksFindNothing) {
  for (const char* path :
       {"/../secret.txt", "/assets/../../secret.txt", "//secret.txt", "/./cofre.svg", "/assets/../cofre.svg",
        "/assets/none.js", "/.env", "/cofre.svg/.", "/assets//index-1a2b.js"}) {
    EXPECT_FALSE(Get(path)) << path;
  }
}

TEST_F(StaticFilesTest, LinksOutOfTheFolderAreLeftOut) {
  std::filesystem::create_symlink(folder_.File("secret.txt"), folder_.File("web/link.txt"));
  EXPECT_FALSE(StaticFiles(folder_.File("web"), SystemRandom()).Answer({.path = "/link.txt"}));
}

TEST_F(StaticFilesTest, TheApiAndOtherMethodsAreNotItsOwn) {
  EXPECT_FALSE(Get("/api/v1/today"));
  EXPECT_FALSE(files_->Answer({.method = Method::kPost, .path = "/"}));
}

TEST_F(StaticFilesTest, WithoutAPageThereIsNone) {
  EXPECT_FALSE(StaticFiles(folder_.File("none"), SystemRandom()).Answer({.path = "/"}));
  EXPECT_FALSE(StaticFiles("", SystemRandom()).Answer({.path = "/"}));
}

TEST_F(StaticFilesTest, WhoLooksForAPageThatIsNotInstalledIsToldHowToGetIt) {
  ApiWorld world;
  const StaticFiles none(folder_.File("none"), SystemRandom());
  const Response answer = Api(world.services, &none).Answer({.path = "/"});
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("the page is not installed"), HasSubstr("ninja -C build/app cofre_page")));
}

TEST_F(StaticFilesTest, TheApiServesItToWhoHasNotSignedInAndLeavesItsPolicy) {
  ApiWorld world;
  const Api api(world.services, files_.get());
  const Response page = api.Answer({.path = "/"});
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(HeaderOf(page, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
  EXPECT_EQ(HeaderOf(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(api.Answer({.path = "/api/v1/today"}).status, 401);
  EXPECT_EQ(api.Answer({.path = "/assets/none.js"}).status, 404);
}

}  // namespace
}  // namespace cofre::api
