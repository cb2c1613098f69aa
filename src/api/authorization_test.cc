// Who may do what: every route, as everybody, against a server that really listens. The table is written by hand, so
// that a route whose access was given wrongly is seen here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "api/api_test_world.h"
#include "api/openapi_test_check.h"
#include "tests/support/raw_client.h"

namespace cofre::api {
namespace {

using test::BodyOf;
using test::Exchange;
using test::StatusOf;

// By caller: '+' he may, '-' 401, 'x' 403, '0' 404 as if there were nothing.
enum Caller : uint8_t {
  kNobody,
  kContador,
  kVero,
  kOlga,
  kAna,
  kReadToken,
  kOperateToken,
  kAdministerToken,
  kCompanyToken
};
constexpr std::array<const char*, 9> kCallerNames{"nobody",         "company user",      "viewer",
                                                  "operator",       "administrator",     "token: read",
                                                  "token: operate", "token: administer", "token: company user"};

struct Row {
  Method method;
  const char* pattern;
  const char* expected;  // a sign a caller; paths name the company that is not the company user's
  const char* body = "";
};

const std::vector<Row>& Table() {
  static const std::vector<Row> table{
      {Method::kGet, "/api/v1/openapi.json", "+++++++++"},
      {Method::kPost, "/api/v1/session", "+++++++++", R"({"usuario":"ana","clave":"una clave bien larga"})"},
      {Method::kGet, "/api/v1/session", "-++++++++"},
      {Method::kDelete, "/api/v1/session", "-++++xxxx"},
      {Method::kPut, "/api/v1/session/password", "-++++xxxx",
       R"({"clave_actual":"una clave bien larga","clave_nueva":"x"})"},
      {Method::kPost, "/api/v1/session/second-factor", "-++++xxxx", R"({"clave":"una clave bien larga"})"},
      {Method::kPost, "/api/v1/session/second-factor/confirm", "-----xxxx", R"({"codigo":"000000"})"},
      {Method::kPost, "/api/v1/session/second-factor/remove", "-++++xxxx", R"({"clave":"x","codigo":"1"})"},
      {Method::kGet, "/api/v1/today", "-x++++++x"},
      {Method::kGet, "/api/v1/companies", "-++++++++"},
      {Method::kPost, "/api/v1/companies/bulk", "-xx++x++x",
       R"({"empresas":["900000002"],"cambios":{"hora_backup":"02:00"}})"},
      {Method::kGet, "/api/v1/companies/{company}", "-0++++++0"},
      {Method::kGet, "/api/v1/companies/{company}/databases", "-0++++++0"},
      {Method::kGet, "/api/v1/companies/{company}/backups", "-0++++++0"},
      {Method::kPost, "/api/v1/companies/{company}/backups", "-xx++x++x", "{}"},
      {Method::kPost, "/api/v1/companies/{company}/verify", "-xx++x++x", "{}"},
      {Method::kPost, "/api/v1/companies/{company}/drill", "-xx++x++x", "{}"},
      {Method::kGet, "/api/v1/companies/{company}/settings", "-0++++++0"},
      {Method::kPatch, "/api/v1/companies/{company}/settings", "-xx++x++x", R"({"hora_backup":"03:00"})"},
      {Method::kGet, "/api/v1/backups/{backup}", "-0++++++0"},
      {Method::kDelete, "/api/v1/backups/{backup}", "-xx++x++x"},
      {Method::kGet, "/api/v1/backups/{backup}/download", "-0x++x++0"},
      {Method::kGet, "/api/v1/backups/{backup}/database", "-0x00x000"},  // there is none
      {Method::kPost, "/api/v1/backups/{backup}/database", "-0x++x++0", "{}"},
      {Method::kPost, "/api/v1/backups/{backup}/links", "-0x++x++0", R"({"forma":"dump"})"},
      {Method::kGet, "/api/v1/companies/{company}/links", "-0x++x++0"},
      {Method::kDelete, "/api/v1/links/{link}", "-0x++x++0"},
      {Method::kGet, "/descarga/{token}", "000000000"},  // a wrong one
      {Method::kPost, "/descarga/{token}", "000000000"},
      {Method::kPut, "/api/v1/backups/{backup}/pin", "-xx++x++x", R"({"hasta":null})"},
      {Method::kGet, "/api/v1/jobs", "-++++++++"},
      {Method::kGet, "/api/v1/jobs/{job}", "-0++++++0"},
      {Method::kDelete, "/api/v1/jobs/{job}", "-xx++x++x"},
      {Method::kGet, "/api/v1/servers", "-x++++++x"},
      {Method::kGet, "/api/v1/servers/{server}", "-x++++++x"},
      {Method::kPut, "/api/v1/servers/{server}/pause", "-xx++x++x"},
      {Method::kDelete, "/api/v1/servers/{server}/pause", "-xx++x++x"},
      {Method::kGet, "/api/v1/nodes", "-x++++++x"},
      {Method::kPut, "/api/v1/nodes/{node}/drain", "-xx++x++x"},
      {Method::kDelete, "/api/v1/nodes/{node}/drain", "-xx++x++x"},
      {Method::kPut, "/api/v1/pause", "-xx++x++x"},
      {Method::kDelete, "/api/v1/pause", "-xx++x++x"},
      {Method::kPost, "/api/v1/servers", "-xxx+xx+x", R"({"servidor":"nuevo"})"},
      {Method::kDelete, "/api/v1/servers/{server}", "-xxx+xx+x"},
      {Method::kGet, "/api/v1/servers/{server}/settings", "-xxx+xx+x"},
      {Method::kPatch, "/api/v1/servers/{server}/settings", "-xxx+xx+x", R"({"maximo_simultaneo":3})"},
      {Method::kPost, "/api/v1/servers/{server}/test", "-xxx+xx+x", "{}"},
      {Method::kPost, "/api/v1/servers/{server}/discovery", "-xxx0xx0x", "{}"},
      {Method::kGet, "/api/v1/servers/{server}/discovery", "-xxx0xx0x"},
      {Method::kPost, "/api/v1/companies", "-xxx+xx+x", R"({"empresa":"900000003","servidor":"srv1"})"},
      {Method::kPost, "/api/v1/companies/import", "-xxx+xx+x", R"({"csv":"x"})"},
      {Method::kPost, "/api/v1/companies/{company}/databases", "-xxx+xx+x", R"({"anio_fiscal":2024,"base":"/x"})"},
      {Method::kGet, "/api/v1/companies/{company}/databases/{year}", "-xxx+xx+x"},
      {Method::kPatch, "/api/v1/companies/{company}/databases/{year}", "-xxx+xx+x", R"({"base":"/x"})"},
      {Method::kDelete, "/api/v1/companies/{company}/databases/{year}", "-xxx+xx+x"},
      {Method::kGet, "/api/v1/plan", "-++++++++"},
      {Method::kGet, "/api/v1/space", "-x++++++x"},
      {Method::kGet, "/api/v1/report", "-x++++++x"},
      {Method::kGet, "/api/v1/settings", "-x++++++x"},
      {Method::kGet, "/api/v1/simulation", "-x++++++x"},
      {Method::kGet, "/api/v1/users", "-xxx+xx+x"},
      {Method::kPost, "/api/v1/users", "-xxx+xx+x", R"({"usuario":"nueva","clave":"una clave bien larga"})"},
      {Method::kGet, "/api/v1/users/{user}", "-xxx+xx+x"},
      {Method::kPatch, "/api/v1/users/{user}", "-xxx+xx+x", R"({"rol":"operator"})"},
      {Method::kDelete, "/api/v1/users/{user}", "-xxx+xx+x"},
      {Method::kDelete, "/api/v1/users/{user}/second-factor", "-xxx+xx+x"},
      {Method::kGet, "/api/v1/tokens", "-++++xxxx"},
      {Method::kPost, "/api/v1/tokens", "-++++xxxx", R"({"nombre":"n","alcance":"read","dias":1})"},
      {Method::kDelete, "/api/v1/tokens/{token}", "-000+xxxx"},
      {Method::kGet, "/api/v1/audit", "-xxx+xx+x"},
      {Method::kGet, "/api/v1/events", "-++++++++"},
  };
  return table;
}

class AuthorizationTest : public testing::Test {
 protected:
  // The ids that a path names, of things that are there: each request finds them anew.
  std::string TargetOf(std::string pattern) {
    const auto replace = [&](const std::string& name, const std::string& value) {
      if (const size_t at = pattern.find(name); at != std::string::npos) pattern.replace(at, name.size(), value);
    };
    if (!world_.services.accounts.FindUser("victima")) world_.AddUser("victima", Role::kViewer);
    if (pattern.find("{job}") != std::string::npos) job_ = world_.vault.Enqueue(kOther);
    if (pattern.find("{token}") != std::string::npos) world_.AddToken("victima", Scope::kRead);
    if (pattern == "/api/v1/simulation") pattern += "?empresas=2&dias=1";  // a whole fleet takes its time
    replace("{company}", kOther);
    if (pattern.find("{link}") != std::string::npos) {
      replace("{link}", std::to_string(world_.services.accounts.AddLink({.hash = MakeSecret(SystemRandom()),
                                                                         .company = kOther,
                                                                         .fiscal_year = 2026,
                                                                         .snapshot_id = backup_.snapshot_id,
                                                                         .user = "ana"})));
    }
    replace("{backup}", backup_.snapshot_id);
    replace("{job}", std::to_string(job_));
    replace("{server}", "srv1");
    if (pattern.find("{node}") != std::string::npos) world_.AddNode("n1");
    replace("{node}", "n1");
    replace("{year}", "2026");
    replace("{user}", "victima");
    if (pattern.find("{token}") != std::string::npos) {
      replace("{token}", std::to_string(world_.services.accounts.ListTokens("victima").at(0).id));
    }
    return pattern;
  }

  std::string Credentials(Caller caller) {
    const auto session = [&](const char* user) {
      const std::string cookie = world_.SignIn(user);
      return "Cookie: __Host-cofre=" + cookie + "\r\nX-CSRF-Token: " + ApiWorld::CsrfOf(cookie) + "\r\n";
    };
    const auto token = [&](const char* user, Scope scope) {
      return "Authorization: Bearer " + world_.AddToken(user, scope) + "\r\n";
    };
    switch (caller) {
      case kNobody:
        return "";
      case kContador:
        return session("contador");
      case kVero:
        return session("vero");
      case kOlga:
        return session("olga");
      case kAna:
        return session("ana");
      case kReadToken:
        return token("ana", Scope::kRead);
      case kOperateToken:
        return token("ana", Scope::kOperate);
      case kAdministerToken:
        return token("ana", Scope::kAdminister);
      case kCompanyToken:
        return token("contador", Scope::kAdminister);
    }
    return "";
  }

  static std::string RequestOf(const Row& row, const std::string& target, const std::string& credentials) {
    const std::string body = row.body;
    std::string request = std::string(MethodName(row.method)) + " " + target +
                          " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + credentials;
    if (!body.empty())
      request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    if (row.method == Method::kPatch) request += "If-Match: *\r\n";
    return request + "\r\n" + body;
  }

  std::string Ask(const Row& row, const std::string& credentials) {
    const std::string request = RequestOf(row, TargetOf(row.pattern), credentials);
    if (std::string(row.pattern) != "/api/v1/events") return Exchange(server_.port(), request);
    test::RawClient client(server_.port());
    client.Send(request);
    return client.ReadUntil("\n\n");
  }

  ApiWorld world_;
  Backup backup_ = world_.MakeBackup(kOther);
  int64_t job_ = 0;
  HttpServer server_{{.listen = "127.0.0.1:0"}, [this](const Request& request) { return world_.api.Answer(request); }};
};

char SignOf(int status) {
  if (status == 401) return '-';
  if (status == 403) return 'x';
  return status == 404 ? '0' : '+';
}

std::string TypeOf(const std::string& answer) {
  const size_t at = answer.find("Content-Type: ");
  return at == std::string::npos ? "" : answer.substr(at + 14, answer.find('\r', at) - at - 14);
}

TEST_F(AuthorizationTest, EveryRouteIsOpenToWhoMayUseItAndToNobodyElse) {
  for (const Row& row : Table()) {
    for (size_t caller = 0; caller < kCallerNames.size(); ++caller) {
      const std::string answer = Ask(row, Credentials(static_cast<Caller>(caller)));
      const int status = StatusOf(answer);
      const std::string what =
          std::string(MethodName(row.method)) + " " + row.pattern + " as " + kCallerNames.at(caller);
      EXPECT_EQ(SignOf(status), row.expected[caller]) << what << "\n" << answer;
      EXPECT_LT(status, 500) << what << "\n" << answer;
      const std::string wrong = CheckAnswer(row.method, row.pattern, status, TypeOf(answer), BodyOf(answer));
      EXPECT_EQ(wrong, "") << what << "\n" << answer;
      if (world_.services.accounts.FindUser("nueva")) world_.services.accounts.RemoveUser("nueva");
    }
  }
}

TEST_F(AuthorizationTest, TheTableHasEveryRoute) {
  std::set<std::string> rows;
  for (const Row& row : Table()) rows.insert(std::string(MethodName(row.method)) + " " + row.pattern);
  EXPECT_EQ(rows.size(), Table().size());
  for (const Route& route : world_.api.router().routes()) {
    EXPECT_EQ(rows.count(std::string(MethodName(route.method)) + " " + route.pattern), 1U) << route.pattern;
  }
  EXPECT_EQ(rows.size(), world_.api.router().routes().size());
}

TEST_F(AuthorizationTest, NoSessionChangesAnythingWithoutItsCsrfHeader) {
  for (const Row& row : Table()) {
    const bool is_open =
        std::string(row.pattern) == "/api/v1/session" || std::string(row.pattern).starts_with("/descarga");
    if (row.method == Method::kGet || is_open) continue;
    const std::string answer = Ask(row, "Cookie: __Host-cofre=" + world_.SignIn("ana") + "\r\n");
    EXPECT_EQ(StatusOf(answer), 403) << row.pattern << answer;
    EXPECT_THAT(answer, testing::HasSubstr("urn:cofre:problem:csrf")) << row.pattern;
  }
}

TEST_F(AuthorizationTest, OddIdsAreNotFoundAndNothingWorse) {
  const std::string credentials = Credentials(kAna);
  const std::vector<std::string> odd{
      "..",    "%2e%2e", "%3Cscript%3E", "'%20OR%201=1",        "-1", "9223372036854775808", "0x1",
      "a%25b", "%C3%B1", "1e9",          std::string(3000, '9')};
  for (const Row& row : Table()) {
    const std::string pattern = row.pattern;
    const size_t open = pattern.find('{');
    if (open == std::string::npos) continue;
    for (const std::string& id : odd) {
      const std::string target = pattern.substr(0, open) + id + pattern.substr(pattern.find('}') + 1);
      const int status = StatusOf(Exchange(server_.port(), RequestOf(row, target, credentials)));
      EXPECT_TRUE(status == 404 || status == 400) << target << " " << status;
    }
  }
}

TEST_F(AuthorizationTest, RandomRequestLinesBringNothingDown) {
  SeededRandom random(7);
  const std::string credentials = Credentials(kVero);
  for (int i = 0; i < 300; ++i) {
    std::string line = random.Below(2) == 0 ? "GET /api/v1/companies" : "";
    for (uint64_t n = random.Below(60); n > 0; --n) line.push_back(static_cast<char>(1 + random.Below(255)));
    const std::string answer =
        Exchange(server_.port(), line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + credentials + "\r\n");
    EXPECT_LT(StatusOf(answer), 500) << line << answer;
  }
  EXPECT_EQ(StatusOf(Exchange(server_.port(), test::GetRequest("/api/v1/companies", credentials))), 200);
}

}  // namespace
}  // namespace cofre::api
