#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/values.h"
#include "engine/verify_job.h"
#include "service/model_json.h"

namespace cofre::cli {
namespace {

struct VerifyOptions {
  std::optional<std::string> company;
  bool read_data = false;
};

service::Json JsonOfOutcome(const Company& company, const engine::VerifyOutcome& outcome) {
  service::Json problems = service::Json::array();
  for (const repository::CheckProblem& problem : outcome.report.problems) {
    problems.push_back({{"objeto", problem.object}, {"mensaje", problem.message}});
  }
  return {{"empresa", company.id},
          {"estado", outcome.ok() ? "bien" : "dañada"},
          {"respaldos", outcome.report.snapshots},
          {"paquetes", outcome.report.packs},
          {"bloques", outcome.report.blobs},
          {"bytes_leidos", outcome.report.bytes_read},
          {"problemas", problems},
          {"observaciones", outcome.report.hints},
          {"respaldos_perdidos", service::ToJson(outcome.missing)},
          {"respaldos_desconocidos", service::ToJson(outcome.unknown)}};
}

void Explain(const Company& company, const engine::VerifyOutcome& outcome) {
  for (const repository::CheckProblem& problem : outcome.report.problems) {
    Session::Complain(fmt::format("{}: {}: {}", company.id, problem.object, problem.message), "");
  }
  for (const Backup& backup : outcome.missing) {
    Session::Complain(fmt::format("{}: the backup {} of {} is not in the repository", company.id,
                                  ShortId(backup.snapshot_id), backup.fiscal_year),
                      "");
  }
  if (outcome.ok()) return;
  Session::Complain(fmt::format("the repository of company {} is damaged", company.id),
                    fmt::format("make a new backup at once (cofre backup {}): it stores again what is missing; keep "
                                "the bucket as it is until then",
                                company.id));
}

int RunVerify(Session& session, const VerifyOptions& options) {
  catalogue::Catalogue& catalogue = session.catalogue();
  std::vector<Company> companies;
  if (options.company) {
    companies.push_back(catalogue.GetCompany(ParseCompanyId(*options.company)));
  } else {
    for (const Company& company : catalogue.ListCompanies()) {
      if (!catalogue.ListBackups({.company = company.id}).empty()) companies.push_back(company);
    }
  }
  int code = kExitOk;
  service::Json json = service::Json::array();
  Table table({{"company"},
               {"name"},
               {"backups", Align::kRight},
               {"packs", Align::kRight},
               {"blobs", Align::kRight},
               {"read", Align::kRight},
               {"state"}});
  for (const Company& company : companies) {
    try {
      const engine::VerifyOutcome outcome =
          engine::RunVerify(session.engine(), company.id, {.read_data = options.read_data}, session.stop());
      if (!outcome.ok()) code = CombineExitCodes(code, kExitCorrupt);
      Explain(company, outcome);
      json.push_back(JsonOfOutcome(company, outcome));
      table.AddRow({company.id, company.name, std::to_string(outcome.report.snapshots),
                    std::to_string(outcome.report.packs), std::to_string(outcome.report.blobs),
                    HumanBytes(outcome.report.bytes_read), outcome.ok() ? "ok" : "DAMAGED"});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kCancelled || companies.size() == 1) throw;
      code = CombineExitCodes(code, ExitCodeOf(error.kind()));
      Session::Complain(company.id + ": " + error.what(), error.hint());
      json.push_back({{"empresa", company.id},
                      {"estado", "fallida"},
                      {"error", ErrorKindName(error.kind())},
                      {"mensaje", error.what()}});
      table.AddRow({company.id, company.name, "", "", "", "", std::string(ErrorKindName(error.kind()))});
    }
  }
  if (session.json) {
    session.PrintJson(json);
  } else {
    session.Print(table.Format());
  }
  return code;
}

}  // namespace

Command VerifyCommand() {
  auto options = std::make_shared<VerifyOptions>();
  return {
      .name = "verify",
      .summary = "Look for damage in the repositories",
      .details =
          "Without --read-data: every index, snapshot and tree, and that each pack is there with its size. With\n"
          "it every byte is read back and compared. Damage is exit code 6.",
      .examples = {{"cofre verify", "all companies, quickly"}, {"cofre verify 900869750 --read-data", ""}},
      .arguments = {{"COMPANY", "only this one", &options->company}},
      .options = {{"--read-data", "", "read everything back", &options->read_data}},
      .run = [options](Session& session) { return RunVerify(session, *options); },
  };
}

}  // namespace cofre::cli
