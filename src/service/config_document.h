#pragma once

// A TOML file whose every key must be one that somebody asks for. Private to the configuration.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cofre::service {

// Each setting is taken once, with its section ("" for the top) and key. What is wrong is collected, not thrown, so
// that one look finds it all; every problem is of kind usage and begins "FILE:LINE: ".
class ConfigDocument {
 public:
  // Text that is no TOML is a problem too, then nothing is in the document.
  ConfigDocument(std::string_view text, std::string path);
  ~ConfigDocument();

  // Calls `use` with the value, if it is there and of the type. What `use` throws is a problem of that line.
  void TakeText(std::string_view section, std::string_view key, const std::function<void(const std::string&)>& use);
  void TakeInteger(std::string_view section, std::string_view key, int64_t least, int64_t most,
                   const std::function<void(int64_t)>& use);
  // A number with or without a fraction, as decimal text.
  void TakeNumber(std::string_view section, std::string_view key, const std::function<void(const std::string&)>& use);

  void TakeFlag(std::string_view section, std::string_view key, const std::function<void(bool)>& use);
  // A list of texts, at most `most` of them.
  void TakeTexts(std::string_view section, std::string_view key, size_t most,
                 const std::function<void(const std::vector<std::string>&)>& use);

  // Sections that may stand several times, as in [[webhook]], at most `most` of them: their names for the other
  // methods, in the order of the file.
  std::vector<std::string> TakeSections(std::string_view name, size_t most);

  bool Has(std::string_view section, std::string_view key) const;
  // Notes a problem of a setting (of the file where the setting is not there).
  void AddProblem(std::string_view section, std::string_view key, const std::string& message, const std::string& hint);

  // After all was taken: notes what is there and was not asked for, and returns all problems in the order of the file.
  std::vector<Error> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cofre::service
