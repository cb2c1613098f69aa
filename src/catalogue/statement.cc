#include "catalogue/statement.h"

#include <soci/soci.h>

#include <deque>
#include <utility>

namespace cofre::catalogue {
namespace {

using Integer = long long;  // NOLINT(google-runtime-int): the 64 bits that SOCI exchanges

struct FetchedColumn {
  std::string text;
  Integer number = 0;
  soci::indicator indicator = soci::i_ok;
};

struct BoundNumber {
  Integer value = 0;
  soci::indicator indicator = soci::i_ok;
};

}  // namespace

struct Statement::State {
  State(soci::session& session, std::string text) : sql(std::move(text)), statement(session) {}

  void Prepare() {
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
  }
  const FetchedColumn& NextColumn() { return columns.at(next++); }

  std::string sql;
  // Deques: what the statement refers to must not move. It is destroyed before them.
  std::deque<std::string> texts;
  std::deque<BoundNumber> numbers;
  std::deque<FetchedColumn> columns;
  size_t next = 0;
  bool started = false;
  soci::statement statement;
};

Statement::Statement(soci::session& session, std::string sql)
    : state_(std::make_unique<State>(session, std::move(sql))) {}
Statement::~Statement() = default;

Statement& Statement::Bind(const char* name, const std::string& value) {
  state_->texts.push_back(value);
  state_->statement.exchange(soci::use(state_->texts.back(), name));
  return *this;
}

Statement& Statement::Bind(const char* name, int64_t value) { return Bind(name, std::optional<int64_t>(value)); }

Statement& Statement::Bind(const char* name, std::optional<int64_t> value) {
  BoundNumber& number = state_->numbers.emplace_back();
  number.value = value.value_or(0);
  number.indicator = value ? soci::i_ok : soci::i_null;
  state_->statement.exchange(soci::use(number.value, number.indicator, name));
  return *this;
}

Statement& Statement::Where(const char* condition, const char* name, const std::string& value) {
  return Append(condition).Bind(name, value);
}

Statement& Statement::Where(const char* condition, const char* name, int64_t value) {
  return Append(condition).Bind(name, value);
}

Statement& Statement::Append(const char* sql) {
  state_->sql += sql;
  return *this;
}

Statement& Statement::TextColumn() {
  FetchedColumn& column = state_->columns.emplace_back();
  state_->statement.exchange(soci::into(column.text, column.indicator));
  return *this;
}

Statement& Statement::NumberColumn() {
  FetchedColumn& column = state_->columns.emplace_back();
  state_->statement.exchange(soci::into(column.number, column.indicator));
  return *this;
}

int64_t Statement::Run() {
  state_->Prepare();
  state_->statement.execute(true);
  return state_->statement.get_affected_rows();
}

bool Statement::Fetch() {
  if (!state_->started) {
    state_->Prepare();
    state_->started = true;
    state_->statement.execute(false);
  }
  state_->next = 0;
  return state_->statement.fetch();
}

std::string Statement::Text() { return state_->NextColumn().text; }

int64_t Statement::Number() { return state_->NextColumn().number; }

std::optional<int64_t> Statement::OptionalNumber() {
  const FetchedColumn& column = state_->NextColumn();
  return column.indicator == soci::i_null ? std::nullopt : std::optional<int64_t>(column.number);
}

}  // namespace cofre::catalogue
