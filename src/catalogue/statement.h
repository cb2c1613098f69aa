#pragma once

// One SQL statement: text fixed at compile time, values always bound. A thin cover over SOCI's statement that owns what
// is bound, so that conditions can be added one by one.

#include <soci/soci.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace cofre::catalogue {

class Statement {
 public:
  Statement(soci::session& session, std::string sql) : statement_(session), sql_(std::move(sql)) {}

  Statement& Bind(const char* name, const std::string& value) {
    texts_.push_back(value);
    statement_.exchange(soci::use(texts_.back(), name));
    return *this;
  }
  Statement& Bind(const char* name, int64_t value) { return Bind(name, std::optional<int64_t>(value)); }
  Statement& Bind(const char* name, std::optional<int64_t> value) {
    BoundNumber& number = numbers_.emplace_back();
    number.value = value.value_or(0);
    number.indicator = value ? soci::i_ok : soci::i_null;
    statement_.exchange(soci::use(number.value, number.indicator, name));
    return *this;
  }

  // More of a condition: " AND name = :name".
  Statement& Where(const char* condition, const char* name, const std::string& value) {
    sql_ += condition;
    return Bind(name, value);
  }
  Statement& Where(const char* condition, const char* name, int64_t value) {
    sql_ += condition;
    return Bind(name, value);
  }
  Statement& Append(const char* sql) {
    sql_ += sql;
    return *this;
  }

  // A column of the result, in order. Text() and Number() give its value after each Fetch.
  Statement& TextColumn() {
    columns_.emplace_back();
    statement_.exchange(soci::into(columns_.back().text, columns_.back().indicator));
    return *this;
  }
  Statement& NumberColumn() {
    columns_.emplace_back();
    statement_.exchange(soci::into(columns_.back().number, columns_.back().indicator));
    return *this;
  }

  // Runs a statement without result and returns how many rows it changed.
  int64_t Run() {
    Prepare();
    statement_.execute(true);
    return statement_.get_affected_rows();
  }

  // The next row; false when there is none.
  bool Fetch() {
    if (!started_) {
      Prepare();
      started_ = true;
      statement_.execute(false);
    }
    next_ = 0;
    return statement_.fetch();
  }

  // The columns of the row, one after the other.
  std::string Text() { return columns_.at(next_++).text; }
  int64_t Number() { return columns_.at(next_++).number; }
  std::optional<int64_t> OptionalNumber() {
    const Column& column = columns_.at(next_++);
    return column.indicator == soci::i_null ? std::nullopt : std::optional<int64_t>(column.number);
  }

 private:
  struct Column {
    std::string text;
    long long number = 0;  // NOLINT(google-runtime-int): SOCI's own name for 64 bits
    soci::indicator indicator = soci::i_ok;
  };
  struct BoundNumber {
    long long value = 0;  // NOLINT(google-runtime-int)
    soci::indicator indicator = soci::i_ok;
  };

  void Prepare() {
    statement_.alloc();
    statement_.prepare(sql_);
    statement_.define_and_bind();
  }

  // Deques: what is bound by address must not move. Destroyed after statement_, which refers to them.
  std::deque<std::string> texts_;
  std::deque<BoundNumber> numbers_;
  std::deque<Column> columns_;
  size_t next_ = 0;
  bool started_ = false;
  soci::statement statement_;
  std::string sql_;
};

}  // namespace cofre::catalogue
