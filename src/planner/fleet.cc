#include "planner/fleet.h"

namespace cofre::planner {

Outcome OutcomeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTransient:
      return Outcome::kTransient;
    case ErrorKind::kQuota:
      return Outcome::kOverSpace;
    case ErrorKind::kPermanent:
    case ErrorKind::kNotFound:
    case ErrorKind::kAuth:
    case ErrorKind::kCorrupt:
    case ErrorKind::kCancelled:
    case ErrorKind::kUsage:
      return Outcome::kPermanent;
  }
  return Outcome::kPermanent;
}

// FNV-1a: the same on every machine and in every version.
uint64_t KeyOf(std::string_view company_id) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : company_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace cofre::planner
