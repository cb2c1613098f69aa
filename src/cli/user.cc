#include <pwd.h>
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "api/account_json.h"
#include "api/password.h"
#include "base/error.h"
#include "base/random.h"
#include "catalogue/accounts.h"
#include "cli/ask_secret.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/table.h"

namespace cofre::cli {
namespace {

struct UserOptions {
  std::string name;
  std::optional<std::string> role;
  std::vector<std::string> companies;
  bool yes = false;
};

// Who sits at the command line, for the audit log.
std::string LoginName() {
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_name : "uid " + std::to_string(getuid());
}

void Audit(Session& session, catalogue::Accounts& accounts, const std::string& action, const std::string& subject,
           const std::optional<User>& before, const std::optional<User>& after) {
  AuditEntry entry{
      .time = session.clock().Now(), .user = LoginName(), .way = "command line", .action = action, .subject = subject};
  if (before) entry.before = api::ToJson(*before).dump();
  if (after) entry.after = api::ToJson(*after).dump();
  accounts.AddAudit(entry);
}

int RunAdd(Session& session, const UserOptions& options) {
  User user{.name = ParseUserName(options.name),
            .role = options.role ? ParseRole(*options.role) : Role::kViewer,
            .created = session.clock().Now()};
  user.changed = user.created;
  for (const std::string& company : options.companies) user.companies.push_back(ParseCompanyId(company));
  catalogue::Accounts accounts(session.catalogue());
  if (accounts.FindUser(user.name)) throw Error(ErrorKind::kUsage, "the user " + user.name + " exists already");
  const Secret password = AskNewSecret("Password of " + user.name);
  api::RequireGoodPassword(password, user.name);
  user.password = api::HashPassword(password, SystemRandom());
  catalogue::Transaction transaction(session.catalogue());
  accounts.AddUser(user);
  Audit(session, accounts, "user.add", user.name, std::nullopt, user);
  transaction.Commit();
  if (session.json) {
    session.PrintJson(api::ToJson(accounts.GetUser(user.name)));
  } else {
    session.Say("user " + user.name + " is there, as " + std::string(RoleName(user.role)));
  }
  return 0;
}

int RunList(Session& session) {
  const std::vector<User> users = catalogue::Accounts(session.catalogue()).ListUsers();
  if (session.json) {
    service::Json json = service::Json::array();
    for (const User& user : users) json.push_back(api::ToJson(user));
    session.PrintJson(json);
    return 0;
  }
  Table table({{"user"}, {"role"}, {"state"}, {"companies"}, {"last sign-in"}});
  for (const User& user : users) {
    std::string companies;
    for (const std::string& company : user.companies) companies += (companies.empty() ? "" : ", ") + company;
    table.AddRow({user.name, std::string(RoleName(user.role)), user.enabled ? "" : "disabled", companies,
                  user.signed_in ? session.FormatLocal(*user.signed_in) : "never"});
  }
  session.Print(table.Format());
  return 0;
}

int RunRemove(Session& session, const UserOptions& options) {
  catalogue::Accounts accounts(session.catalogue());
  const User user = accounts.GetUser(ParseUserName(options.name));
  session.Confirm(options.yes, "remove user " + user.name);
  catalogue::Transaction transaction(session.catalogue());
  accounts.RemoveUser(user.name);
  Audit(session, accounts, "user.remove", user.name, user, std::nullopt);
  transaction.Commit();
  session.Say("user " + user.name + " is removed, with his sessions and tokens");
  return 0;
}

int RunPassword(Session& session, const UserOptions& options) {
  catalogue::Accounts accounts(session.catalogue());
  User user = accounts.GetUser(ParseUserName(options.name));
  const Secret password = AskNewSecret("New password of " + user.name);
  api::RequireGoodPassword(password, user.name);
  const std::string hash = api::HashPassword(password, SystemRandom());
  catalogue::Transaction transaction(session.catalogue());
  user = accounts.GetUser(user.name);
  user.password = hash;
  user.enabled = true;
  user.changed = session.clock().Now();
  accounts.UpdateUser(user);
  accounts.RemoveSessions(user.name);
  Audit(session, accounts, "user.password", user.name, std::nullopt, std::nullopt);
  transaction.Commit();
  session.Say("user " + user.name + " has a new password; who had signed in as him must do so again");
  return 0;
}

int RunTotpReset(Session& session, const UserOptions& options) {
  catalogue::Accounts accounts(session.catalogue());
  const User user = accounts.GetUser(ParseUserName(options.name));
  session.Confirm(options.yes, "let " + user.name + " sign in with his password alone");
  catalogue::Transaction transaction(session.catalogue());
  const bool had_one = accounts.RemoveSecondFactor(user.name);
  if (had_one) Audit(session, accounts, "user.second_factor_remove", user.name, std::nullopt, std::nullopt);
  transaction.Commit();
  session.Say(had_one ? "user " + user.name + " signs in with his password alone"
                      : "user " + user.name + " has no authenticator");
  return 0;
}

using Handler = int (*)(Session&, const UserOptions&);

Command Make(std::string name, std::string summary, std::vector<Example> examples, Handler handler) {
  auto options = std::make_shared<UserOptions>();
  Command command{
      .name = std::move(name),
      .summary = std::move(summary),
      .details = "",
      .examples = std::move(examples),
      .arguments = {{"USER", "small letters, digits and . _ @ -", &options->name}},
      .run = [options, handler](Session& session) { return handler(session, *options); },
  };
  if (handler == RunAdd) {
    command.details = "The password is asked for, or read from standard input; it is never an argument.";
    command.options = {
        {"--role", "ROLE", "company, viewer (default), operator or administrator", &options->role},
        {"--company", "COMPANY", "that a company user sees; may be given again", &options->companies},
    };
  }
  if (handler == RunRemove || handler == RunTotpReset) command.options = {{"--yes", "", "don't ask", &options->yes}};
  return command;
}

}  // namespace

Command UserCommand() {
  return {
      .name = "user",
      .summary = "Who may use the page and the API",
      .details = "",
      .children =
          {
              Make("add", "Make a user",
                   {{"cofre user add ana --role administrator", "the first one"},
                    {"cofre user add contador@acme.co --role company --company 900869750", "sees this company only"}},
                   RunAdd),
              {.name = "list",
               .summary = "List the users",
               .details = "",
               .examples = {{"cofre user list", ""}},
               .run = RunList},
              Make("password", "Give a user a new password, and let him in again",
                   {{"cofre user password ana", "asks for it"}, {"cofre user password ana < FILE", "reads it"}},
                   RunPassword),
              Make("totp-reset", "Take a user's authenticator away: he has lost it",
                   {{"cofre user totp-reset ana", "his password alone lets him in, until he sets up another one"}},
                   RunTotpReset),
              Make("remove", "Remove a user", {{"cofre user remove ana", ""}}, RunRemove),
          },
  };
}

}  // namespace cofre::cli
