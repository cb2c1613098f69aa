// The API of the built program: users from the command line, serve with a port, TLS, and clients that do nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "cli/exit_code.h"
#include "io/http_client.h"
#include "tests/support/free_port.h"
#include "tests/support/raw_client.h"
#include "tests/system/vault.h"

namespace cofre::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kPassword = "una clave bien larga";

class ServedApiTest : public testing::Test {
 protected:
  void SetUp() override {
    vault_.AddCompany("900000001", "hello");
    EXPECT_EQ(vault_.Run({"user", "add", "ana", "--role", "administrator"}, kPassword).exit_status, 0);
  }

  void Serve(const std::string& more = "") {
    const std::string config = ReadFile(vault_.Config(), 1 << 20);
    const std::string section = "escucha = \"127.0.0.1:" + std::to_string(port_) + "\"\n" + more;
    WriteFileAtomically(vault_.Config(), AsBytes(config + section), 0600);
    service_ = vault_.Start({"serve"});
    AwaitPort(port_);
  }

  static void AwaitPort(uint16_t port) {
    for (int i = 0; i < 500; ++i) {
      try {
        const RawClient client(port);
        return;
      } catch (const Error&) {
        std::this_thread::sleep_for(20ms);
      }
    }
    FAIL() << "it does not listen";
  }

  void MakeCertificate() const {
    const io::ProcessEnd made = io::RunProgram(
        {.arguments = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-keyout", vault_.File("key.pem"), "-out", vault_.File("cert.pem"), "-days", "2", "-subj",
                       "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"}},
        "", {.stall = 30s, .total = 30s}, SystemClock(), {});
    ASSERT_EQ(made.exit_status, 0) << made.errors;
  }

  std::string Post(const std::string& target, const std::string& headers, const std::string& body) const {
    return Exchange(port_, "POST " + target +
                               " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
                               headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  // Headers of a session.
  std::string SignIn() const {
    const std::string answer =
        Post("/api/v1/session", "", R"({"usuario":"ana","clave":")" + std::string(kPassword) + "\"}");
    EXPECT_EQ(StatusOf(answer), 200) << answer;
    const size_t at = answer.find("__Host-cofre=");
    const auto csrf = nlohmann::json::parse(BodyOf(answer)).at("csrf").get<std::string>();
    return "Cookie: " + answer.substr(at, answer.find(';', at) - at) + "\r\nX-CSRF-Token: " + csrf + "\r\n";
  }

  Vault vault_;
  const uint16_t port_ = FreePort();
  std::unique_ptr<io::ChildProcess> service_;
};

TEST_F(ServedApiTest, UsersAreMadeAtTheCommandLineAndItIsLogged) {
  EXPECT_REFUSED(vault_.Run({"user", "add", "eva"}, "short"), cli::kExitUsage, HasSubstr("too short"));
  EXPECT_REFUSED(vault_.Run({"user", "add", "ana"}, kPassword), cli::kExitUsage, HasSubstr("exists already"));
  EXPECT_REFUSED(vault_.Run({"user", "add", "eva", "--role", "company"}, kPassword), cli::kExitUsage,
                 HasSubstr("sees nothing"));
  EXPECT_EQ(
      vault_.Run({"user", "add", "eva", "--role", "company", "--company", "900.000.001-5"}, kPassword).exit_status, 0);
  const auto users = vault_.Json({"user", "list"});
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(users[1]["empresas"][0], "900000001");
  EXPECT_THAT(users.dump(), Not(HasSubstr("argon2")));
  EXPECT_EQ(vault_.Run({"user", "password", "eva"}, "otra clave larga\n").exit_status, 0);
  vault_.Must({"user", "remove", "eva", "--yes"});
  EXPECT_REFUSED(vault_.Run({"user", "remove", "ana", "--yes"}), cli::kExitUsage, HasSubstr("no administrator"));
  Serve();
  const std::string audit = BodyOf(Exchange(port_, GetRequest("/api/v1/audit", SignIn())));
  EXPECT_THAT(audit, AllOf(HasSubstr("\"medio\":\"command line\""), HasSubstr("user.remove"),
                           HasSubstr("user.password"), Not(HasSubstr("otra clave")), Not(HasSubstr("argon2"))));
}

TEST_F(ServedApiTest, ABackupThatIsAskedForIsMadeAndToldLive) {
  vault_.Must({"pause"});
  Serve();
  const std::string session = SignIn();
  RawClient events(port_);
  events.Send(GetRequest("/api/v1/events", session));
  EXPECT_THAT(events.ReadUntil("event: inicio"), HasSubstr("text/event-stream"));
  EXPECT_EQ(StatusOf(Post("/api/v1/companies/900000001/backups", session, "{}")), 202);
  EXPECT_THAT(events.ReadUntil("\"estado\":\"done\"", 30), HasSubstr("\"tipo\":\"backup\""));
  EXPECT_EQ(vault_.Json({"list"}).size(), 1U);
}

TEST_F(ServedApiTest, HundredsOfSilentClientsStopNeitherTheServiceNorTheApi) {
  Serve();
  std::vector<RawClient> silent;
  for (int i = 0; i < 400; ++i)
    silent.emplace_back(port_).Send("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
  const std::string session = SignIn();
  EXPECT_EQ(StatusOf(Exchange(port_, GetRequest("/api/v1/today", session))), 200);
  bool made = false;
  for (int i = 0; i < 600 && !made; ++i) {
    made = vault_.Json({"list"}).size() == 1;
    if (!made) std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(made);
  kill(service_->pid(), SIGTERM);
  EXPECT_EQ(service_->Wait().exit_status, 0);
}

TEST_F(ServedApiTest, ItSpeaksTlsWithACertificateOfItsOwn) {
  MakeCertificate();
  Serve("certificado = \"" + vault_.File("cert.pem") + "\"\nclave_privada = \"" + vault_.File("key.pem") + "\"\n");
  io::HttpClient client({.ca_file = vault_.File("cert.pem")});
  const io::HttpResponse response =
      client.Send({.method = "GET",
                   .url = "https://127.0.0.1:" + std::to_string(port_) + "/api/v1/openapi.json",
                   .response_limit = 1 << 20},
                  {});
  EXPECT_EQ(response.status, 200);
  ASSERT_NE(response.Header("Strict-Transport-Security"), nullptr);
  EXPECT_EQ(StatusOf(Exchange(port_, GetRequest("/api/v1/openapi.json"))), 0);
}

// The example of docs/api.md, with our ports and files in it.
std::string NginxConfig(const std::string& folder, uint16_t api, uint16_t proxy) {
  const std::string page = ReadFile(COFRE_PROJECT_FOLDER "/docs/api.md", 1 << 20);
  const size_t begin = page.find("    server {");
  std::string server = page.substr(begin, page.find("\n    }\n", begin) + 7 - begin);
  const auto replace = [&](const std::string& what, const std::string& with) {
    const size_t at = server.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    server.replace(at, what.size(), with);
  };
  replace("listen 443", "listen 127.0.0.1:" + std::to_string(proxy));
  replace("/etc/ssl/cofre.pem", folder + "/cert.pem");
  replace("/etc/ssl/cofre.key", folder + "/key.pem");
  replace("127.0.0.1:9188", "127.0.0.1:" + std::to_string(api));
  std::string temporary;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    temporary += std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
  }
  return "daemon off;\npid " + folder + "/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" +
         temporary + server + "}\n";
}

TEST_F(ServedApiTest, TheProxyOfTheDocumentsLeadsToItAndSaysWhoAsks) {
  if (access("/usr/sbin/nginx", X_OK) != 0) GTEST_SKIP() << "nginx is not installed";
  MakeCertificate();
  Serve("proxies = [\"127.0.0.1\"]\n");
  const uint16_t port = FreePort();
  WriteFileAtomically(vault_.File("nginx.conf"), AsBytes(NginxConfig(vault_.File(""), port_, port)), 0600);
  const io::ChildProcess nginx({.arguments = {"/usr/sbin/nginx", "-c", vault_.File("nginx.conf")}}, io::Input::kNone,
                               {.stall = 60s, .total = 60s}, SystemClock(), {});
  AwaitPort(port);
  io::HttpClient client({.ca_file = vault_.File("cert.pem")});
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + "/api/v1/session";
  const std::string body = R"({"usuario":"ana","clave":")" + std::string(kPassword) + "\"}";
  const auto response = client.Send({.method = "POST",
                                     .url = url,
                                     .headers = {{"Content-Type", "application/json"}, {"X-Forwarded-For", "6.6.6.6"}},
                                     .body = AsBytes(body),
                                     .response_limit = 1 << 20},
                                    {});
  ASSERT_EQ(response.status, 200);
  const std::string audit = BodyOf(Exchange(port_, GetRequest("/api/v1/audit", SignIn())));
  // Not what the client says of himself.
  EXPECT_THAT(audit, AllOf(HasSubstr("\"direccion\":\"127.0.0.1\""), Not(HasSubstr("6.6.6.6"))));
}

TEST_F(ServedApiTest, APortThatIsTakenEndsTheServiceWithAWord) {
  Serve();
  EXPECT_REFUSED(vault_.Run({"serve"}), cli::kExitPermanent, HasSubstr("cannot serve the API on 127.0.0.1"));
}

}  // namespace
}  // namespace cofre::test
