// What goes wrong around a service that runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/exit_code.h"
#include "tests/support/eventually.h"
#include "tests/support/firebird_company.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

size_t Count(const std::string& text, const std::string& word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// A file system of its own, with room for a catalogue and little more.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path where) : where_(std::move(where)) {
    std::filesystem::create_directory(where_);
    mounted_ = mount("none", where_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(where_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  std::filesystem::path File(const std::string& name) const { return where_ / name; }
  void Fill() const {
    std::ofstream file(File("fill"), std::ios::binary);
    const std::string page(4096, 'x');
    while (file.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void Free() const { std::filesystem::remove(File("fill")); }

 private:
  std::filesystem::path where_;
  bool mounted_ = false;
};

TEST(ServeBadInputTest, ACatalogueWhoseDiskIsFullIsSaidAndTheServiceGoesOnOnceThereIsRoom) {
  Vault vault;
  vault.AddCompany("900000001", "a database");
  vault.AddCompany("900000002", "another one");
  vault.Must({"company", "set", "900000002", "--enabled", "no"});
  const SmallDisk disk(vault.File("disk"));
  if (!disk.mounted()) GTEST_SKIP() << "a small file system can be mounted by root alone";
  std::filesystem::copy_file(vault.File("vault/state/catalogue.db"), disk.File("catalogo.db"));
  std::string text = ReadFile(vault.Config(), 1 << 20);
  const size_t at = text.find("\ncatalogo = ");
  text.replace(at, text.find('\n', at + 1) - at, "\ncatalogo = \"" + disk.File("catalogo.db").string() + "\"");
  WriteFileAtomically(vault.Config(), AsBytes(text), 0600);

  const auto service = vault.Start({"serve"});
  ASSERT_TRUE(Eventually([&] { return vault.Json({"list"}).size() == 1; }));
  disk.Fill();
  EXPECT_REFUSED(vault.Run({"backup", "900000002"}), cli::kExitPermanent, HasSubstr("the disk is full"));
  // Longer than the service goes without writing.
  std::this_thread::sleep_for(16s);
  disk.Free();
  EXPECT_TRUE(Eventually([&] { return vault.Run({"backup", "900000002"}).exit_status == 0; }));
  EXPECT_EQ(vault.Json({"list"}).size(), 2U);
  kill(service->pid(), SIGTERM);
  const io::ProcessEnd end = service->Wait();
  EXPECT_EQ(end.exit_status, 0) << end.Describe();
  EXPECT_THAT(end.errors, AllOf(HasSubstr("service_hindered"), HasSubstr("the disk is full")));
  EXPECT_LE(Count(end.errors, "service_hindered"), 10U) << end.errors;
  EXPECT_THAT(vault.Must({"restic", "900000002", "--", "--no-cache", "check"}), HasSubstr("no errors"));
}

TEST(ServeBadInputTest, NewDatabasesAreFoundByAQueryOnAServerByAFolderAndByACommand) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_FIREBIRD");
  COFRE_REQUIRE_FIREBIRD_TOOLS();
  const FirebirdServer firebird = TestFirebirdServer();
  const std::string name = firebird.folder + "/found" + std::to_string(getpid());
  CreateCompany(firebird.Address(name + ".fdb"), "0.001", firebird.password);
  Sql(firebird.Address(name + ".fdb"),
      "create table empresas (fila varchar(200)); commit; insert into empresas values ('900000001;2025;" + name +
          ".fdb;Ferretería'); commit;",
      firebird.password);

  Vault vault;
  vault.Must({"server", "add", "remoto", "--host", firebird.host, "--port", std::to_string(firebird.port), "--user",
              firebird.user, "--password-file", Setting("COFRE_TEST_FIREBIRD_PASSWORD_FILE")});
  vault.Must({"server", "add", "local"});
  vault.Must({"server", "add", "otro"});
  std::filesystem::create_directories(vault.File("datos/900000002"));
  CreateCompany(vault.File("datos/900000002/2025.fdb"));
  CreateCompany(vault.File("otra.fdb"));
  std::string text = ReadFile(vault.Config(), 1 << 20);
  text += "\n[[descubrimiento]]\nservidor = \"remoto\"\nbase = \"" + name +
          ".fdb\"\nconsulta = \"select fila from empresas\"\n[[descubrimiento]]\nservidor = \"local\"\npatron = \"" +
          vault.File("datos/{empresa}/{anio}.fdb") +
          "\"\n[[descubrimiento]]\nservidor = \"otro\"\ncomando = [\"echo\", \"900000003;2025;" +
          vault.File("otra.fdb") + "\"]\n";
  WriteFileAtomically(vault.Config(), AsBytes(text), 0600);
  for (const char* server : {"remoto", "local", "otro"}) vault.Must({"server", "discover", server});
  const auto companies = vault.Json({"company", "list"});
  ASSERT_EQ(companies.size(), 3U);
  EXPECT_EQ(companies[0]["nombre"], "Ferretería");

  // What was found is backed up like any other.
  vault.Must({"pending", "--run"});
  vault.Must({"tick"});
  EXPECT_EQ(vault.Json({"list"}).size(), 3U);
  const std::string restored = name + "-restored.fdb";
  vault.Must({"restore", "900000001/2025", restored});
  EXPECT_EQ(Fingerprint(firebird.Address(restored), firebird.password),
            Fingerprint(firebird.Address(name + ".fdb"), firebird.password));
  for (const std::string& file : {name + ".fdb", restored}) std::filesystem::remove(file);
}

}  // namespace
}  // namespace cofre::test
