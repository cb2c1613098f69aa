#pragma once

// The answers of `store check` and `doctor`: a line for each question.

#include <string>
#include <vector>

#include "cli/session.h"
#include "storage/certify.h"

namespace cofre::cli {

// Prints the lines, or JSON with "prueba", "bien", "mensaje", "sugerencia". Returns 0 where all are well, else 1.
int PrintCheckLines(Session& session, const std::vector<storage::CheckLine>& lines);

}  // namespace cofre::cli
