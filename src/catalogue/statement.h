#pragma once

// One SQL statement: text fixed at compile time, values always bound. A thin cover over SOCI's statement that owns what
// is bound, so that conditions can be added one by one. Private to this folder; the engine's errors pass through it
// (Catalogue::State turns them into ours).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace soci {
class session;
}

namespace cofre::catalogue {

class Statement {
 public:
  Statement(soci::session& session, std::string sql);
  ~Statement();

  // The value of ":name" in the text.
  Statement& Bind(const char* name, const std::string& value);
  Statement& Bind(const char* name, int64_t value);
  Statement& Bind(const char* name, std::optional<int64_t> value);

  // More of the text, with the value that it names: " AND name = :name".
  Statement& Where(const char* condition, const char* name, const std::string& value);
  Statement& Where(const char* condition, const char* name, int64_t value);
  Statement& Append(const char* sql);

  // The columns of the result, in order.
  Statement& TextColumn();
  Statement& NumberColumn();

  // Runs a statement without result and returns how many rows it changed.
  int64_t Run();

  // Goes to the next row; false when there is none.
  bool Fetch();
  // The columns of the row, one after the other.
  std::string Text();
  int64_t Number();
  std::optional<int64_t> OptionalNumber();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre::catalogue
