#pragma once

// What kind of Error a piece of work throws, and what it says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

// EXPECT_ERROR(source->Dump({}), ErrorKind::kAuth, HasSubstr("password")): the matcher is for the message.
#define EXPECT_ERROR(work, expected_kind, matcher)                                                              \
  do {                                                                                                          \
    try {                                                                                                       \
      (void)(work);                                                                                             \
      ADD_FAILURE() << #work << " threw nothing";                                                               \
    } catch (const ::cofre::Error& error_) {                                                                    \
      EXPECT_EQ(::cofre::ErrorKindName(error_.kind()), ::cofre::ErrorKindName(expected_kind)) << error_.what(); \
      EXPECT_THAT(std::string(error_.what()), matcher);                                                         \
    }                                                                                                           \
  } while (false)
