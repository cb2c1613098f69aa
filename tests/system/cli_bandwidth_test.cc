// Limits of bandwidth, as an operator sets and sees them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "cli/exit_code.h"
#include "tests/support/eventually.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class BandwidthCommandTest : public ::testing::Test {
 protected:
  void Configure(const std::string& lines) {
    std::string text = original_;
    const std::string section = "[limites]\n";
    text.insert(text.find(section) + section.size(), lines);
    WriteFileAtomically(vault_.Config(), AsBytes(text), 0600);
  }

  Vault vault_;
  const std::string original_ = ReadFile(vault_.Config(), 1 << 20);
};

TEST_F(BandwidthCommandTest, WhatIsInForceIsShown) {
  EXPECT_THAT(vault_.Must({"config", "check"}), HasSubstr("no limit"));
  vault_.Must({"server", "add", "srv1", "--engine", "command"});
  Configure(
      "ancho_banda_subida = \"2 MB/s\"\nventanas_bajada = \"00:00-12:00=5 MB/s, 12:00-00:00=5 MB/s\"\n"
      "[[limite_servidor]]\nservidor = \"srv1\"\nancho_banda = \"4 MB/s\"\n");
  EXPECT_THAT(vault_.Must({"config", "check"}),
              AllOf(HasSubstr("2 MB/s"), HasSubstr("no limit, 00:00-12:00 5 MB/s, 12:00-00:00 5 MB/s; now 5 MB/s")));
  EXPECT_THAT(vault_.Must({"status"}), HasSubstr("up 2 MB/s, down 5 MB/s, dumps of srv1 4 MB/s"));
  EXPECT_EQ(vault_.Json({"status"})["ancho_banda"],
            nlohmann::json({{"subida", 2'000'000}, {"bajada", 5'000'000}, {"servidores", {{"srv1", 4'000'000}}}}));
}

TEST_F(BandwidthCommandTest, ALimitOfAServerThatDoesNotExistIsFoundByDoctor) {
  Configure("[[limite_servidor]]\nservidor = \"srv9\"\nancho_banda = \"4 MB/s\"\n");
  const io::ProcessEnd end = vault_.Run({"doctor"});
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.output + end.errors, AllOf(HasSubstr("srv9, which does not exist"), HasSubstr("cofre server list")));
}

TEST_F(BandwidthCommandTest, WhatIsNoLimitIsRefusedWithItsMend) {
  const std::pair<const char*, const char*> cases[] = {
      {"ancho_banda_subida = \"0\"\n", "leave the line out"},
      {"ancho_banda_subida = \"-1 MB/s\"\n", "20 MB/s"},
      {"ancho_banda_subida = \"abc\"\n", "20 MB/s"},
      {"ventanas_subida = \"07:00-19:00=1 MB/s, 18:00-20:00=2 MB/s\"\n", "let one end where the other begins"},
  };
  for (const auto& [line, mend] : cases) {
    Configure(line);
    EXPECT_REFUSED(vault_.Run({"config", "check"}), cli::kExitUsage, AllOf(HasSubstr("cofre.toml:"), HasSubstr(mend)));
  }
}

TEST_F(BandwidthCommandTest, AHangupChangesTheLimitOfWhatIsUnderWay) {
  Configure("ancho_banda_subida = \"10 kB/s\"\n");
  vault_.AddCompany("900000001", NoiseText(8'000'000, 1));
  const auto service = vault_.Start({"serve"});
  ASSERT_TRUE(Eventually([&] { return !vault_.Json({"inspect", "active"}).empty(); }));
  Configure("");  // 4 MB at 10 kB/s would be seven minutes
  kill(service->pid(), SIGHUP);
  EXPECT_TRUE(Eventually([&] { return vault_.Json({"list"}).size() == 1; }));
  kill(service->pid(), SIGTERM);
  EXPECT_THAT(service->Wait().errors, HasSubstr("configuration_reloaded"));
}

}  // namespace
}  // namespace cofre::test
