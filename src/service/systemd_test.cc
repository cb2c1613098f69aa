#include "service/systemd.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace cofre::service {
namespace {

using namespace std::chrono_literals;

// What systemd does: it listens.
class Listener {
 public:
  explicit Listener(const std::string& path) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  std::string Receive() {
    std::array<char, 100> text{};
    const ssize_t size = recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return {text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  FileDescriptor socket_;
};

class SystemdTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  test::TemporaryFolder folder_;
};

TEST_F(SystemdTest, WithoutASocketNothingIsSent) { EXPECT_FALSE(NotifySystemd("READY=1")); }

TEST_F(SystemdTest, TheStateGoesToItsSocket) {
  Listener listener(folder_.File("notify"));
  setenv("NOTIFY_SOCKET", folder_.File("notify").c_str(), 1);
  EXPECT_TRUE(NotifySystemd("READY=1"));
  EXPECT_EQ(listener.Receive(), "READY=1");
}

TEST_F(SystemdTest, ASocketThatIsGoneIsNoHarm) {
  setenv("NOTIFY_SOCKET", folder_.File("nothing").c_str(), 1);
  EXPECT_FALSE(NotifySystemd("READY=1"));
  setenv("NOTIFY_SOCKET", std::string(500, 'x').c_str(), 1);
  EXPECT_FALSE(NotifySystemd("READY=1"));
}

TEST_F(SystemdTest, TheWatchdogIsThisProcessesOrNone) {
  EXPECT_EQ(WatchdogInterval(), std::nullopt);
  setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(WatchdogInterval(), 30s);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(WatchdogInterval(), 30s);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(WatchdogInterval(), std::nullopt);
  unsetenv("WATCHDOG_PID");
  setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_EQ(WatchdogInterval(), std::nullopt);
}

}  // namespace
}  // namespace cofre::service
