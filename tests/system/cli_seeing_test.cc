// What an operator sees of his fleet: status, inspect, history, report, alerts, the log.

#include <algorithm>
#include <fstream>
#include <functional>
#include <thread>

#include "cli/exit_code.h"
#include "io/http_client.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/free_port.h"
#include "tests/support/servers.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using namespace cofre::cli;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliSeeingTest : public testing::Test {
 protected:
  CliSeeingTest() {
    vault_.AddCompany("900000001", NoiseText(100'000, 1));
    vault_.AddCompany("900000002", NoiseText(100'000, 2));
    vault_.Must({"backup", "900000001"});
    vault_.Must({"database", "set", "900000002", "2025", "--", "cat", vault_.File("missing")});
    EXPECT_NE(vault_.Run({"backup", "900000002"}).exit_status, 0);
  }

  void Configure(const std::string& text) const { std::ofstream(vault_.Config(), std::ios::app) << "\n" << text; }

  Vault vault_;
};

TEST_F(CliSeeingTest, StatusIsOneScreenWithWhatIsWrong) {
  const std::string screen = vault_.Must({"status"});
  EXPECT_THAT(screen, AllOf(HasSubstr("does not run: cofre serve"), HasSubstr("1 backups done"), HasSubstr("1 failed"),
                            HasSubstr("closed years:"), HasSubstr("1 of 2 fresh"), HasSubstr("\nFailing (1)\n"),
                            HasSubstr("Empresa 900000002")));
  EXPECT_LT(std::count(screen.begin(), screen.end(), '\n'), 24);
}

TEST_F(CliSeeingTest, StatusAsJsonHasTheSame) {
  const auto status = vault_.Json({"status"});
  EXPECT_EQ(status["servicio"], false);
  EXPECT_EQ(status["ultimas_24_horas"]["hechos"], 1);
  EXPECT_EQ(status["ultimas_24_horas"]["fallidos"], 1);
  EXPECT_EQ(status["anios_cerrados"]["bases"], 2);
  EXPECT_EQ(status["anios_cerrados"]["al_dia"], 1);
  ASSERT_EQ(status["fallando"].size(), 1U);
  EXPECT_EQ(status["fallando"][0]["empresa"], "900000002");
  EXPECT_TRUE(status["en_curso"].empty());
}

TEST_F(CliSeeingTest, StatusNeedsNeitherStoreNorMasterKey) {
  std::filesystem::remove_all(vault_.File("vault/store"));
  EXPECT_EQ(vault_.Run({"status"}).exit_status, 0);
}

TEST_F(CliSeeingTest, InspectLooksIntoTheQueue) {
  EXPECT_THAT(vault_.Must({"inspect", "scheduled"}), HasSubstr("900000001"));
  EXPECT_FALSE(vault_.Json({"inspect", "scheduled"}).empty());
  EXPECT_TRUE(vault_.Json({"inspect", "active"}).empty());
  EXPECT_TRUE(vault_.Json({"inspect", "reserved"}).empty());
  EXPECT_THAT(vault_.Must({"inspect", "active"}), StartsWith("job"));
  EXPECT_THAT(vault_.Must({"inspect", "reserved"}), StartsWith("job"));
  EXPECT_REFUSED(vault_.Run({"inspect", "active", "--limit", "0"}), kExitUsage, HasSubstr("--limit"));
}

TEST_F(CliSeeingTest, HistoryIsFiltered) {
  EXPECT_EQ(vault_.Json({"history"}).size(), 2U);
  EXPECT_EQ(vault_.Json({"history", "900000001"}).size(), 1U);
  EXPECT_EQ(vault_.Json({"history", "--company", "900.000.001-0"}), vault_.Json({"history", "900000001"}));
  EXPECT_REFUSED(vault_.Run({"history", "900000001", "--company", "900000001"}), kExitUsage, HasSubstr("twice"));
  EXPECT_EQ(vault_.Json({"history", "--state", "failed", "--since", "1h"}).at(0)["empresa"], "900000002");
  EXPECT_EQ(vault_.Json({"history", "--kind", "prune"}).size(), 0U);
  EXPECT_EQ(vault_.Json({"history", "--limit", "1"}).size(), 1U);
  EXPECT_THAT(vault_.Must({"history"}), AllOf(HasSubstr("failed"), HasSubstr("Empresa 900000001")));
  EXPECT_REFUSED(vault_.Run({"history", "--since", "tomorrow"}), kExitUsage, HasSubstr("since when"));
  EXPECT_REFUSED(vault_.Run({"history", "--since", "2199-01-01"}), kExitUsage, HasSubstr("has not come yet"));
  EXPECT_REFUSED(vault_.Run({"history", "--state", "lost"}), kExitUsage, HasSubstr("lost"));
}

TEST_F(CliSeeingTest, AReportIsTextCsvOrJson) {
  vault_.Must({"company", "set", "900000002", "--name", "=HYPERLINK(\"x\"),y"});
  EXPECT_THAT(vault_.Must({"report"}), AllOf(HasSubstr("failing"), HasSubstr("1 backups done")));
  const std::string csv = vault_.Must({"report", "--since", "7d", "--format", "csv"});
  EXPECT_THAT(csv, StartsWith("empresa,nombre,anio_fiscal,servidor,estado,"));
  EXPECT_THAT(csv, HasSubstr("\r\n900000002,\"'=HYPERLINK(\"\"x\"\"),y\",2025,srv1,failing,,0,1,0,0,0,"));
  const auto report = nlohmann::json::parse(vault_.Must({"report", "--format", "json", "--company", "900000001"}));
  ASSERT_EQ(report["bases"].size(), 1U);
  EXPECT_EQ(report["bases"][0]["estado"], "fresh");
  EXPECT_EQ(report["bases"][0]["hechos"], 1);
  EXPECT_EQ(report["total"]["hechos"], 1);
  EXPECT_REFUSED(vault_.Run({"report", "--format", "pdf"}), kExitUsage, HasSubstr("'pdf'"));
  EXPECT_REFUSED(vault_.Run({"report", "--company", "900000009"}), kExitNotFound, HasSubstr("900000009"));
}

TEST_F(CliSeeingTest, ATrialMessageGoesToEveryReceiver) {
  EXPECT_REFUSED(vault_.Run({"alerts", "test"}), kExitUsage, HasSubstr("nobody is told anything"));
  FaultProxy good([](const FaultProxy::Request&) { return FaultProxy::Reply(200, ""); });
  Configure("[[webhook]]\nnombre = \"chat\"\nformato = \"chat\"\nurl = \"" + good.endpoint() + "/hook\"\n");
  EXPECT_EQ(vault_.Must({"alerts", "test"}), "webhook chat: sent\n");
  EXPECT_THAT(good.requests().at(0).body, HasSubstr("This is a test"));
  Configure("[[webhook]]\nnombre = \"gone\"\nurl = \"http://127.0.0.1:1/hook\"\n");
  const io::ProcessEnd end = vault_.Run({"alerts", "test", "--json"});
  EXPECT_EQ(end.exit_status, kExitPermanent);
  const auto trials = nlohmann::json::parse(end.output);
  EXPECT_EQ(trials[0]["bien"], true);
  EXPECT_EQ(trials[1]["bien"], false);
  EXPECT_THAT(vault_.Must({"alerts", "list"}), StartsWith("since"));
}

TEST_F(CliSeeingTest, ATrialMailArrivesAndAWrongPasswordIsSaidSo) {
  COFRE_REQUIRE_SERVER("COFRE_TEST_SMTP");
  const std::string place = Setting("COFRE_TEST_SMTP");
  const std::string port = place.substr(place.find(':') + 1);
  WriteFileAtomically(vault_.File("password"), AsBytes("hunter2"), 0600);
  std::string text = ReadFile(vault_.Config(), 1 << 20);
  const size_t section = text.find("[correo]\n");
  text.insert(section + 9, "servidor = \"localhost\"\npuerto = " + port + "\nusuario = \"" +
                               Setting("COFRE_TEST_SMTP_USER") + "\"\narchivo_ca = \"" + Setting("COFRE_TEST_SMTP_CA") +
                               "\"\nde = \"cofre@example.com\"\npara = [\"trial@example.com\"]\narchivo_clave = \"");
  const size_t file = text.find("archivo_clave = \"", section) + 17;
  std::string wrong = text;
  wrong.insert(file, vault_.File("password") + "\"\n");
  WriteFileAtomically(vault_.Config(), AsBytes(wrong), 0644);
  const io::ProcessEnd end = vault_.Run({"alerts", "test"});
  EXPECT_EQ(end.exit_status, kExitPermanent);
  EXPECT_THAT(end.output, AllOf(StartsWith("correo: "), HasSubstr("hint: check the user and the password"),
                                Not(HasSubstr("hunter2"))));
  text.insert(file, Setting("COFRE_TEST_SMTP_PASSWORD_FILE") + "\"\n");
  WriteFileAtomically(vault_.Config(), AsBytes(text), 0644);
  EXPECT_EQ(vault_.Must({"alerts", "test"}), "correo: sent\n");
}

// What /metrics says, "" while nobody serves it.
std::string Figures(uint16_t port) {
  try {
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
    return std::string(
        AsText(io::HttpClient({}).Send({.method = "GET", .url = url, .response_limit = 1 << 20}, {}).body));
  } catch (const Error&) {
    return "";
  }
}

TEST_F(CliSeeingTest, AServiceIsSeenThoughAWebhookNeverAnswers) {
  FaultProxy silent([](const FaultProxy::Request&) { return FaultProxy::Action{.silent = true}; });
  FaultProxy good([](const FaultProxy::Request&) { return FaultProxy::Reply(200, ""); });
  const uint16_t port = FreePort();
  std::string text = ReadFile(vault_.Config(), 1 << 20);
  text.insert(text.find("[metricas]\n") + 11, "escucha = \"127.0.0.1:" + std::to_string(port) + "\"\n");
  text.insert(text.find("[avisos]\n") + 9, "agrupar_segundos = 0\nespera_segundos = 300\n");
  text.insert(text.find("[latido]\n") + 9, "url = \"" + good.endpoint() + "/ping\"\n");
  for (const FaultProxy* proxy : {&silent, &good}) text += "\n[[webhook]]\nurl = \"" + proxy->endpoint() + "/hook\"\n";
  WriteFileAtomically(vault_.Config(), AsBytes(text), 0644);

  const auto service = vault_.Start({"serve"});
  const auto wait_for = [](const std::function<bool()>& holds) {
    for (int i = 0; i < 1200 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return holds();
  };
  const auto is_told = [&](const std::string& what) {
    return wait_for([&] {
      return std::ranges::any_of(good.requests(), [&](const FaultProxy::Request& request) {
        return request.target.find(what) != std::string::npos || request.body.find(what) != std::string::npos;
      });
    });
  };
  ASSERT_TRUE(wait_for([&] { return Figures(port).find("cofre_build_info") != std::string::npos; }));
  EXPECT_TRUE(is_told("/ping"));
  EXPECT_NE(vault_.Run({"backup", "900000002"}).exit_status, 0);
  EXPECT_TRUE(is_told("Backup failed: Empresa 900000002"));
  vault_.Must({"backup", "900000001"});
  EXPECT_TRUE(wait_for([&] {
    return Figures(port).find("cofre_jobs_total{kind=\"backup\",outcome=\"done\"} 1\n") != std::string::npos;
  }));
  vault_.SetDump("900000002", NoiseText(1000, 3));
  vault_.Must({"database", "set", "900000002", "2025", "--", "cat", vault_.File("900000002.dump")});
  vault_.Must({"backup", "900000002"});
  EXPECT_TRUE(is_told("Backup works again: Empresa 900000002"));
  EXPECT_FALSE(silent.requests().empty());
  EXPECT_EQ(vault_.Json({"status"})["servicio"], true);
}

TEST_F(CliSeeingTest, TheLogIsJsonWhereThatIsAskedFor) {
  EXPECT_REFUSED(vault_.Run({"status", "--log", "xml"}), kExitUsage, HasSubstr("text or json"));
  EXPECT_EQ(vault_.Run({"status", "--log", "json"}).exit_status, 0);
}

}  // namespace
}  // namespace cofre::test
