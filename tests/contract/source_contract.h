#pragma once

// What every Source of a database server promises, as tests that run on each engine. A program that includes this
// instantiates the suite: INSTANTIATE_TEST_SUITE_P(Firebird, SourceContract, testing::Values(SourceCase{...})).

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "sources/source.h"
#include "tests/support/temporary_folder.h"

namespace cofre::sources {

// What a test has in another way than its world; empty: as it is there.
struct SourceChanges {
  std::optional<std::string> host;
  std::optional<uint16_t> port;
  std::optional<Secret> password;
  std::string dump_program;
  Limits limits;
};

// A server, and names on it that nobody else uses. What was made under them is removed with it.
class SourceWorld {
 public:
  virtual ~SourceWorld() = default;

  // The database and a restore's target, as the source takes them.
  virtual std::string Database() const = 0;
  virtual std::string New() const = 0;

  virtual std::unique_ptr<Source> Make(const SourceChanges& changes) const = 0;

  // A company's books at Database(), a table "moment" with a row of 0 among them, which is dumped late.
  virtual void CreateCompany() const = 0;
  // Adds rows that make a dump last: several times what fits into pipes and buffers.
  virtual void Fatten(int megabytes) const = 0;
  // Makes the row of "moment" 1, and others.
  virtual void Change() const = 0;
  virtual int Moment(const std::string& database) const = 0;
  virtual bool Exists(const std::string& database) const = 0;
  // Of all that is in it.
  virtual std::string Fingerprint(const std::string& database) const = 0;
  // Ends all other connections to Database().
  virtual void Disconnect() const = 0;

  virtual std::string DumpProgram() const = 0;
  virtual const Secret& password() const = 0;
  // What the engine says of a wrong password and of a port where nobody listens.
  virtual std::string SaysOfPassword() const = 0;
  virtual std::string SaysOfNetwork() const = 0;
};

struct SourceCase {
  std::string name;
  std::string server;  // the variable that must be set in the environment
  std::function<std::unique_ptr<SourceWorld>()> make;
};
inline void PrintTo(const SourceCase& source_case, std::ostream* out) { *out << source_case.name; }

class SourceContract : public testing::TestWithParam<SourceCase> {
 protected:
  void SetUp() override;

  std::unique_ptr<Source> MakeSource() const { return world_->Make(changes_); }
  std::string Dump() const;
  // Gives what a test's EXPECT_ERROR can cast to void.
  int Restore(std::string_view dump) const;
  // A dump that has begun, and its process.
  std::unique_ptr<ByteSource> BeginDump();
  // A program in place of the one that dumps: a shell script, which says that it is new enough where it is asked.
  void UseFake(const std::string& script);

  std::unique_ptr<SourceWorld> world_;
  test::TemporaryFolder folder_;
  SourceChanges changes_;
  pid_t dumping_ = 0;
};

}  // namespace cofre::sources
