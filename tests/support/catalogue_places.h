#pragma once

// Empty databases for catalogues, one of each engine, so that one suite runs on all of them.

#include <memory>
#include <string>

namespace cofre::test {

enum class CatalogueEngine { kSqlite, kPostgresql };
std::string CatalogueEngineName(CatalogueEngine engine);

// Gone with this, and all that is in it.
class CataloguePlace {
 public:
  virtual ~CataloguePlace() = default;
  virtual std::string Url() const = 0;
};

// A file, or a schema of its own on the test server (see servers.h). Where there is no such server, a file: a fixture
// says in its SetUp what it needs.
std::unique_ptr<CataloguePlace> MakeCataloguePlace(CatalogueEngine engine);

}  // namespace cofre::test
