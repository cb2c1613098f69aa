#pragma once

// What the suites of this folder begin with: an empty catalogue, on each engine in turn.

#include <gtest/gtest.h>

#include <memory>

#include "catalogue/catalogue.h"
#include "tests/support/catalogue_places.h"
#include "tests/support/servers.h"

namespace cofre::catalogue {

class CatalogueSuite : public ::testing::TestWithParam<test::CatalogueEngine> {
 protected:
  void SetUp() override {
    if (GetParam() == test::CatalogueEngine::kPostgresql) COFRE_REQUIRE_SERVER("COFRE_TEST_POSTGRESQL");
  }

  const std::unique_ptr<test::CataloguePlace> place_ = test::MakeCataloguePlace(GetParam());
  std::unique_ptr<Catalogue> catalogue_ = Catalogue::OpenOrCreate(place_->Url());
};

// Has the cases of `suite` run on every engine: COFRE_ON_EVERY_ENGINE(QueueTest);
#define COFRE_ON_EVERY_ENGINE(suite)                                                                           \
  INSTANTIATE_TEST_SUITE_P(                                                                                    \
      On, suite,                                                                                               \
      ::testing::Values(::cofre::test::CatalogueEngine::kSqlite, ::cofre::test::CatalogueEngine::kPostgresql), \
      [](const auto& engine) { return test::CatalogueEngineName(engine.param); })

}  // namespace cofre::catalogue
