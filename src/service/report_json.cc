#include "service/report_json.h"

#include <chrono>
#include <nlohmann/json.hpp>

namespace cofre::service {

Json ToJson(const BackupCounts& counts) {
  return {{"hechos", counts.done},
          {"fallidos", counts.failed},
          {"interrumpidos", counts.interrupted},
          {"bytes_volcado", counts.dump_bytes},
          {"bytes_almacenados", counts.stored_bytes},
          {"segundos", std::chrono::duration<double>(counts.elapsed).count()}};
}

}  // namespace cofre::service
