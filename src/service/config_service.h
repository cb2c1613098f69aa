#pragma once

// The part of the configuration about the daemon: [servicio].

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cofre::service {

class ConfigDocument;

// How a server's databases are found: exactly one of query, pattern and command.
struct DiscoveryConfig {
  std::string server;                // servidor
  std::string query;                 // consulta, on the database ...
  std::string database;              // ... base
  std::string pattern;               // patron
  std::vector<std::string> command;  // comando
};

struct ServiceConfig {
  std::string node;                                  // nodo: this process's name among others; empty: the machine's
  uint32_t workers = 4;                              // trabajadores: jobs at once, of all kinds
  std::chrono::seconds stop_limit{60};               // parada_segundos: how long a stop waits before it cancels
  std::chrono::hours prune_every{24};                // limpieza_horas: of a company that has something to reclaim
  std::chrono::hours verify_every{30 * 24};          // verificacion_dias: deep, of every company; 0: never
  uint32_t drills_per_day = 5;                       // ensayos_por_dia: restore drills; 0: none
  std::chrono::hours keep_history{400 * 24};         // historial_dias: of jobs that have ended
  std::string scratch_folder;                        // carpeta_ensayos: where drills restore to
  std::chrono::minutes discovery_time{6 * 60 + 30};  // hora_descubrimiento, in the service's zone
  std::vector<DiscoveryConfig> discovery;            // [[descubrimiento]]
};

// Takes the keys out of the document.
ServiceConfig TakeService(ConfigDocument& document, const std::string& folder, const std::string& state_directory);

}  // namespace cofre::service
