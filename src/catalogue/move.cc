#include "catalogue/move.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "catalogue/backend.h"
#include "catalogue/catalogue.h"
#include "catalogue/migrations.h"
#include "catalogue/statement.h"

namespace cofre::catalogue {
namespace {

constexpr const char* kMovedFrom = "catalogue.moved_from";
constexpr size_t kRowsAtOnce = 100;

struct Value {
  std::string text;
  std::optional<int64_t> number;
};
using Row = std::vector<Value>;

std::string Names(const std::vector<Column>& columns) {
  std::string names;
  for (const Column& column : columns) names += (names.empty() ? "" : ", ") + column.name;
  return names;
}

// Every row of a table, in the order of all its columns.
class Reader {
 public:
  Reader(soci::session& session, const std::string& table, const std::vector<Column>& columns)
      : columns_(columns),
        statement_(session, fmt::format("SELECT {0} FROM {1} WHERE {2} ORDER BY {0}", Names(columns), table,
                                        table == "facts" ? fmt::format("name <> '{}'", kMovedFrom) : "1 = 1")) {
    for (const Column& column : columns_) {
      column.is_text ? statement_.TextColumn() : statement_.NumberColumn();
    }
  }

  bool Next(Row& row) {
    if (!statement_.Fetch()) return false;
    row.resize(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].is_text) {
        row[i].text = statement_.Text();
      } else {
        row[i].number = statement_.OptionalNumber();
      }
    }
    return true;
  }

 private:
  const std::vector<Column>& columns_;
  Statement statement_;
};

void Insert(soci::session& session, const std::string& table, const std::vector<Column>& columns,
            const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::string places;
  for (size_t r = 0; r < rows.size(); ++r) {
    places += r == 0 ? "(" : ", (";
    for (size_t c = 0; c < columns.size(); ++c) places += fmt::format("{}:v{}_{}", c == 0 ? "" : ", ", r, c);
    places += ")";
  }
  Statement statement(session, fmt::format("INSERT INTO {} ({}) VALUES {}", table, Names(columns), places));
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string name = fmt::format("v{}_{}", r, c);
      if (columns[c].is_text) {
        statement.Bind(name.c_str(), rows[r][c].text);
      } else {
        statement.Bind(name.c_str(), rows[r][c].number);
      }
    }
  }
  statement.Run();
}

uint64_t Copy(soci::session& from, soci::session& to, const std::string& table, const std::vector<Column>& columns) {
  Reader reader(from, table, columns);
  uint64_t copied = 0;
  std::vector<Row> rows;
  Row row;
  while (reader.Next(row)) {
    rows.push_back(row);
    ++copied;
    if (rows.size() < kRowsAtOnce) continue;
    Insert(to, table, columns, rows);
    rows.clear();
  }
  Insert(to, table, columns, rows);
  return copied;
}

Digest DigestOf(soci::session& session, const std::string& table, const std::vector<Column>& columns) {
  Reader reader(session, table, columns);
  Sha256Stream digest;
  Row row;
  while (reader.Next(row)) {
    std::string line;
    for (const Value& value : row) {
      line +=
          fmt::format("{}:{}|{};", value.text.size(), value.text, value.number ? std::to_string(*value.number) : "");
    }
    digest.Update(AsBytes(line));
  }
  return digest.Finish();
}

void Empty(soci::session& session) {
  const std::vector<std::string>& tables = MovedTables();
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) session << "DELETE FROM " + *table;
}

void RequireFree(soci::session& target, const std::string& name, const std::string& from) {
  Statement fact(target, "SELECT value FROM facts");
  fact.Where(" WHERE name = :name", "name", std::string(kMovedFrom)).TextColumn();
  const std::string moved_from = fact.Fetch() ? fact.Text() : "";
  if (moved_from == from) return;
  Statement servers(target, "SELECT COUNT(*) FROM servers");
  servers.NumberColumn().Fetch();
  if (servers.Number() == 0 && moved_from.empty()) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} holds another catalogue already", name),
              "name an empty database; nothing was changed");
}

MoveReport CopyAll(soci::session& source, soci::session& target, const std::string& from) {
  MoveReport report;
  Empty(target);
  for (const std::string& table : MovedTables()) {
    const std::vector<Column> columns = ColumnsOf(source, table);
    report.rows += Copy(source, target, table, columns);
    if (DigestOf(source, table, columns) == DigestOf(target, table, columns)) continue;
    throw Error(ErrorKind::kCorrupt, fmt::format("the copy of {} reads back otherwise", table),
                "nothing was changed; look at the encoding of the target database: it must be UTF8");
  }
  Statement(target, "INSERT INTO facts (name, value) VALUES (:name, :value)")
      .Bind("name", std::string(kMovedFrom))
      .Bind("value", from)
      .Run();
  return report;
}

}  // namespace

const std::vector<std::string>& MovedTables() {
  static const std::vector<std::string> tables{
      "servers",          "companies",      "databases",       "backups",        "jobs",         "counters",
      "server_states",    "pauses",         "database_states", "company_states", "facts",        "alerts",
      "notices",          "users",          "user_companies",  "sessions",       "api_tokens",   "audit",
      "idempotency_keys", "download_links", "second_factors",  "recovery_codes", "server_nodes", "company_changes"};
  return tables;
}

MoveReport MoveCatalogue(const std::string& from, const std::string& to) {
  // Both brought to the newest version, or refused.
  (void)Catalogue::Open(from);
  (void)Catalogue::OpenOrCreate(to);
  const auto source = Connect(from, false);
  const auto target = Connect(to, false);
  const std::string name = ShownUrl(to);
  try {
    BeginWrite(*source);
    BeginWrite(*target);
    RequireFree(*target, name, ShownUrl(from));
    const MoveReport report = CopyAll(*source, *target, ShownUrl(from));
    target->commit();
    source->rollback();
    return report;
  } catch (const soci::soci_error& error) {
    throw Translate(error, name);
  }
}

}  // namespace cofre::catalogue
