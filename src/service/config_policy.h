#pragma once

// The part of the configuration about when backups run: in [politica], what model/policy.h names.

#include "model/policy.h"

namespace cofre::service {

class ConfigDocument;

// Takes the keys out of the document.
Policy TakePolicy(ConfigDocument& document);

}  // namespace cofre::service
