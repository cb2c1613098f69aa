#include "repository/pipeline/first_failure.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace cofre::repository {
namespace {

std::exception_ptr Make(ErrorKind kind) { return std::make_exception_ptr(Error(kind, "planted")); }

ErrorKind KindOf(const FirstFailure& failure) {
  try {
    failure.Rethrow();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no failure";
  return ErrorKind::kUsage;
}

TEST(FirstFailureTest, TheFirstOneIsKeptAndStopsAll) {
  FirstFailure failure({});
  failure.Rethrow();
  EXPECT_FALSE(failure.failed());
  failure.Record(Make(ErrorKind::kAuth));
  failure.Record(Make(ErrorKind::kTransient));
  EXPECT_TRUE(failure.token().stop_requested());
  EXPECT_EQ(KindOf(failure), ErrorKind::kAuth);
}

TEST(FirstFailureTest, ACancellationGivesWayToWhatOrderedIt) {
  FirstFailure failure({});
  failure.Record(Make(ErrorKind::kCancelled));
  failure.Record(Make(ErrorKind::kTransient));
  failure.Record(Make(ErrorKind::kCancelled));
  EXPECT_EQ(KindOf(failure), ErrorKind::kTransient);
}

TEST(FirstFailureTest, ANotedOneStopsNothing) {
  FirstFailure failure({});
  failure.Note(Make(ErrorKind::kCorrupt));
  EXPECT_TRUE(failure.failed());
  EXPECT_FALSE(failure.token().stop_requested());
}

TEST(FirstFailureTest, TheOuterStopStopsWithoutAFailure) {
  std::stop_source outer;
  FirstFailure failure(outer.get_token());
  outer.request_stop();
  EXPECT_TRUE(failure.token().stop_requested());
  EXPECT_FALSE(failure.failed());
}

TEST(FirstFailureTest, AnyExceptionIsKept) {
  FirstFailure failure({});
  failure.Guard([] { throw std::bad_alloc(); });
  EXPECT_THROW(failure.Rethrow(), std::bad_alloc);
}

}  // namespace
}  // namespace cofre::repository
