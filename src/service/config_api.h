#pragma once

// The part of the configuration about the API: [api].

#include <string>
#include <vector>

namespace cofre::service {

class ConfigDocument;

struct ApiConfig {
  std::string listen;                // escucha: "127.0.0.1:9188"; empty: none
  std::string certificate;           // certificado: PEM, the chain; comes together with the next
  std::string private_key;           // clave_privada: PEM
  std::vector<std::string> proxies;  // proxies: addresses whose X-Forwarded-For is believed

  bool operator==(const ApiConfig&) const = default;
};

// Takes the section out of the document. `folder` is what relative paths are relative to.
ApiConfig TakeApi(ConfigDocument& document, const std::string& folder);

}  // namespace cofre::service
