#include "service/config_document.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/suggest.h"
#include "base/text.h"

namespace cofre::service {
namespace {

using Line = toml::source_index;

struct Problem {
  Line line = 0;  // 0: of the file
  std::string message;
  std::string hint;
};

// Between the name of a section that may stand several times and its place among them: "webhook#0". A section of the
// file whose name has it is unknown in any case.
constexpr char kPlaceMark = '#';

std::string_view NameOf(std::string_view section) { return section.substr(0, section.find(kPlaceMark)); }

std::string FullName(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", NameOf(section), key);
}

// What a TOML value is, in words.
std::string_view TypeName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// Whoever writes such a key may be about to put a secret into the file.
bool SoundsSecret(std::string_view key) {
  const std::string word = AsciiLower(key);
  return std::ranges::any_of(std::initializer_list<std::string_view>{"secret", "clave", "contras", "passw", "token"},
                             [&](std::string_view part) { return word.find(part) != std::string::npos; });
}

}  // namespace

struct ConfigDocument::State {
  std::string path;
  toml::table table;
  std::vector<Problem> problems;
  // The keys asked for, by section, in the order of asking: what is known.
  std::map<std::string, std::vector<std::string_view>, std::less<>> known;
  std::vector<std::string_view> lists;  // sections that may stand several times
  bool unreadable = false;

  const toml::table* Place(std::string_view section) const {
    if (section.empty()) return &table;
    const size_t mark = section.find(kPlaceMark);
    if (mark == std::string_view::npos) return table[section].as_table();
    return table[section.substr(0, mark)][std::stoul(std::string(section.substr(mark + 1)))].as_table();
  }

  const toml::node* Find(std::string_view section, std::string_view key) const {
    const toml::table* place = Place(section);
    return place == nullptr ? nullptr : place->get(key);
  }

  const toml::node* Take(std::string_view section, std::string_view key) {
    known.try_emplace(std::string(section)).first->second.push_back(key);
    return Find(section, key);
  }

  void WrongType(std::string_view section, std::string_view key, const toml::node& node, std::string_view expected,
                 std::string hint) {
    problems.push_back({node.source().begin.line,
                        fmt::format("{} must be {}, and is {}", FullName(section, key), expected, TypeName(node)),
                        std::move(hint)});
  }

  void Use(std::string_view section, std::string_view key, const toml::node& node, const std::function<void()>& use) {
    try {
      use();
    } catch (const Error& error) {
      problems.push_back(
          {node.source().begin.line, fmt::format("{}: {}", FullName(section, key), error.what()), error.hint()});
    }
  }

  void NoteUnknown(std::string_view section, const toml::key& key) {
    const auto& keys = known.find(section)->second;
    const std::string name(key.str());
    std::string hint = Suggestion(name, keys);
    if (SoundsSecret(name)) {
      hint = "a secret never stands here: write it into a file of mode 0600 and name that file; " + hint;
    }
    const std::string place = section.empty() ? "" : fmt::format(" in [{}]", NameOf(section));
    problems.push_back({key.source().begin.line, fmt::format("the key {}{} is unknown", Quoted(name), place), hint});
  }

  void NoteUnknownSection(const toml::key& key) {
    std::vector<std::string_view> sections;
    for (const auto& [section, keys] : known) {
      if (!section.empty() && section.find(kPlaceMark) == std::string::npos) sections.push_back(section);
    }
    sections.insert(sections.end(), lists.begin(), lists.end());
    problems.push_back({key.source().begin.line, fmt::format("the section [{}] is unknown", ToValidName(key.str())),
                        Suggestion(key.str(), sections)});
  }

  static std::string ToValidName(std::string_view name) {
    const std::string quoted = Quoted(name);
    return quoted.substr(1, quoted.size() - 2);
  }
};

ConfigDocument::ConfigDocument(std::string_view text, std::string path) : state_(std::make_unique<State>()) {
  state_->path = std::move(path);
  try {
    state_->table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    state_->unreadable = true;
    state_->problems.push_back({error.source().begin.line, fmt::format("this is not TOML: {}", error.description()),
                                "text stands in quotes: clave = \"valor\""});
  }
}

ConfigDocument::~ConfigDocument() = default;

void ConfigDocument::TakeText(std::string_view section, std::string_view key,
                              const std::function<void(const std::string&)>& use) {
  const toml::node* node = state_->Take(section, key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value) {
    state_->WrongType(section, key, *node, "text", fmt::format("put the value in quotes: {} = \"...\"", key));
    return;
  }
  state_->Use(section, key, *node, [&] { use(*value); });
}

void ConfigDocument::TakeInteger(std::string_view section, std::string_view key, int64_t least, int64_t most,
                                 const std::function<void(int64_t)>& use) {
  const toml::node* node = state_->Take(section, key);
  if (node == nullptr) return;
  const auto value = node->value_exact<int64_t>();
  if (!value) {
    state_->WrongType(section, key, *node, "a whole number",
                      fmt::format("write it without quotes: {} = {}", key, least));
    return;
  }
  state_->Use(section, key, *node, [&] {
    if (*value < least || *value > most) {
      throw Error(ErrorKind::kUsage, fmt::format("{} is not one from {} to {}", *value, least, most));
    }
    use(*value);
  });
}

void ConfigDocument::TakeNumber(std::string_view section, std::string_view key,
                                const std::function<void(const std::string&)>& use) {
  const toml::node* node = state_->Take(section, key);
  if (node == nullptr) return;
  if (const auto whole = node->value_exact<int64_t>()) {
    state_->Use(section, key, *node, [&] { use(std::to_string(*whole)); });
  } else if (const auto number = node->value_exact<double>()) {
    state_->Use(section, key, *node, [&] { use(fmt::format("{:.9f}", *number)); });
  } else {
    state_->WrongType(section, key, *node, "a number", fmt::format("write it without quotes: {} = 1.5", key));
  }
}

void ConfigDocument::TakeFlag(std::string_view section, std::string_view key, const std::function<void(bool)>& use) {
  const toml::node* node = state_->Take(section, key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>()) {
    state_->Use(section, key, *node, [&] { use(*value); });
  } else {
    state_->WrongType(section, key, *node, "true or false", fmt::format("write it without quotes: {} = true", key));
  }
}

void ConfigDocument::TakeTexts(std::string_view section, std::string_view key, size_t most,
                               const std::function<void(const std::vector<std::string>&)>& use) {
  const toml::node* node = state_->Take(section, key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  const bool is_texts = list != nullptr && std::all_of(list->begin(), list->end(),
                                                       [](const toml::node& entry) { return entry.is_string(); });
  if (!is_texts) {
    state_->WrongType(section, key, *node, "a list of texts", fmt::format("write {} = [\"...\", \"...\"]", key));
    return;
  }
  state_->Use(section, key, *node, [&] {
    if (list->size() > most) {
      throw Error(ErrorKind::kUsage, fmt::format("{} of them are more than {}", list->size(), most));
    }
    std::vector<std::string> texts;
    for (const toml::node& entry : *list) texts.push_back(entry.as_string()->get());
    use(texts);
  });
}

std::vector<std::string> ConfigDocument::TakeSections(std::string_view name, size_t most) {
  state_->lists.push_back(name);
  const toml::node* node = state_->table.get(name);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  const Line line = node->source().begin.line;
  if (list == nullptr || !list->is_homogeneous<toml::table>()) {
    state_->problems.push_back({line, fmt::format("{} must be a section that may stand several times", name),
                                fmt::format("write [[{}]] on a line of its own, its keys below", name)});
    return {};
  }
  if (list->size() > most) {
    state_->problems.push_back(
        {line, fmt::format("{} sections [[{}]] are more than {}", list->size(), name, most), ""});
  }
  std::vector<std::string> sections;
  for (size_t i = 0; i < list->size() && i < most; ++i) {
    sections.push_back(fmt::format("{}{}{}", name, kPlaceMark, i));
    state_->known.try_emplace(sections.back());
  }
  return sections;
}

bool ConfigDocument::Has(std::string_view section, std::string_view key) const {
  return state_->Find(section, key) != nullptr;
}

void ConfigDocument::AddProblem(std::string_view section, std::string_view key, const std::string& message,
                                const std::string& hint) {
  if (state_->unreadable) return;
  const toml::node* node = state_->Find(section, key);
  state_->problems.push_back({node == nullptr ? 0 : node->source().begin.line, message, hint});
}

std::vector<Error> ConfigDocument::Finish() {
  for (const auto& [section, keys] : state_->known) {
    const toml::table* place = section.empty() ? nullptr : state_->Place(section);
    if (place == nullptr) continue;
    for (const auto& [key, ignored] : *place) {
      if (std::ranges::find(keys, key.str()) == keys.end()) state_->NoteUnknown(section, key);
    }
  }
  for (const auto& [key, node] : state_->table) {
    if (std::ranges::find(state_->lists, key.str()) != state_->lists.end()) continue;
    const bool is_section =
        !key.str().empty() && key.str().find(kPlaceMark) == std::string_view::npos && state_->known.contains(key.str());
    if (node.is_table() && is_section) continue;
    if (is_section) {
      state_->problems.push_back({key.source().begin.line, fmt::format("{} must be a section", key.str()),
                                  fmt::format("write [{}] on a line of its own, its keys below", key.str())});
    } else if (node.is_table()) {
      state_->NoteUnknownSection(key);
    } else if (const auto& keys = state_->known[""]; std::ranges::find(keys, key.str()) == keys.end()) {
      state_->NoteUnknown("", key);
    }
  }
  std::ranges::stable_sort(state_->problems, {}, &Problem::line);
  std::vector<Error> errors;
  for (const Problem& problem : state_->problems) {
    const std::string place = problem.line == 0 ? state_->path : fmt::format("{}:{}", state_->path, problem.line);
    errors.emplace_back(ErrorKind::kUsage, place + ": " + problem.message, problem.hint);
  }
  return errors;
}

}  // namespace cofre::service
