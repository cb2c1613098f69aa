#pragma once

// What a client is told when it gets no answer: application/problem+json (RFC 9457), made here and nowhere else.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"
#include "base/error.h"

namespace cofre::api {

// Every problem that the API can answer with. `code` is the last part of its type and never changes its meaning;
// openapi.json lists them.
struct ProblemType {
  int status;
  std::string_view code;
  std::string_view title;
};
const std::vector<ProblemType>& ProblemTypes();

// A refusal of the API's own: thrown by whatever answers, with a code of the list above.
class Refusal : public Error {
 public:
  Refusal(std::string_view code, const std::string& message, const std::string& hint = "");

  const ProblemType& type() const { return *type_; }

 private:
  const ProblemType* type_;
};

// {"type": "urn:cofre:problem:CODE", "title", "status", "detail": the message, "ayuda": the hint or null}, and
// Retry-After where the error says so. A Refusal is itself; of other errors the kind decides: usage 400, not_found 404,
// transient 503, auth, quota, cancelled and permanent 500. Texts of errors that are ours to mend (500) are kept.
Response ProblemOf(const Error& error);

}  // namespace cofre::api
