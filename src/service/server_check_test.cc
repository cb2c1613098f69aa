#include "service/server_check.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.h"
#include "service/service_test_vault.h"
#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

// Takes connections into its backlog and never says a word.
class SilentServer {
 public:
  SilentServer() {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_.get(), 5), 0);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
  }

  uint16_t port = 0;

 private:
  FileDescriptor socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

TEST(ServerCheckTest, AServerThatSaysNothingIsGivenUp) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  ServiceVault vault;
  const SilentServer silent;
  vault.catalogue().AddServer({.name = "mudo", .host = "127.0.0.1", .port = silent.port, .user = "SYSDBA"});
  const Duration began = SystemClock().Monotonic();
  const ServerCheck check = CheckServer(*vault.wiring, "mudo", 1s, {});
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.kind, "transient");
  EXPECT_THAT(check.message, testing::HasSubstr("does not answer within 1 s"));
  EXPECT_LT(SystemClock().Monotonic() - began, 20s);
}

TEST(ServerCheckTest, ADatabaseThatIsNotThereIsToldWithItsName) {
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  ServiceVault vault;
  vault.catalogue().AddServer({.name = "local"});
  vault.catalogue().AddCompany({.id = "90000", .name = "Nueve", .server = "local"});
  vault.catalogue().AddDatabase({.company = "90000", .fiscal_year = 2026, .path = "/nowhere/x.fdb"}, vault.clock.Now());
  const ServerCheck check = CheckServer(*vault.wiring, "local", 15s, {});
  EXPECT_FALSE(check.ok);
  EXPECT_THAT(check.message, testing::HasSubstr("/nowhere/x.fdb"));
  EXPECT_FALSE(check.hint.empty());
}

}  // namespace
}  // namespace cofre::service
