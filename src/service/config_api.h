#pragma once

// The part of the configuration about the API: [api].

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace cofre::service {

class ConfigDocument;

struct ApiConfig {
  std::string listen;                // escucha: "127.0.0.1:9188"; empty: none
  std::string certificate;           // certificado: PEM, the chain; comes together with the next
  std::string private_key;           // clave_privada: PEM
  std::vector<std::string> proxies;  // proxies: addresses whose X-Forwarded-For is believed
  std::string public_url;            // url: "https://cofre.example.com", as others reach it: for links in e-mails

  uint32_t downloads = 8;                               // descargas: at once
  std::string databases_folder;                         // carpeta_bases: ready databases that can be downloaded
  std::chrono::hours keep_databases{24};                // bases_horas: then they are removed
  uint64_t databases_limit_bytes = uint64_t{20} << 30;  // bases_gb: all of them together
  uint32_t databases_limit = 50;                        // bases_cantidad: at once

  bool operator==(const ApiConfig&) const = default;
};

// Takes the section out of the document. `folder` is what relative paths are relative to.
ApiConfig TakeApi(ConfigDocument& document, const std::string& folder, const std::string& state_directory);

}  // namespace cofre::service
