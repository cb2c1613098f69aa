# One library a folder of src/. What a folder may include is what it links: see docs/architecture.md.

add_library(cofre_flags INTERFACE)
target_compile_options(cofre_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion
  -Wno-sign-conversion -Wimplicit-fallthrough -Werror
  # Members that a designated initializer leaves out have their defaults: that is the point of it.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 in its own <string> and <vector> at -O2 and of <optional> (GCC bugs 105329, 105651, 80635).
  target_compile_options(cofre_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-maybe-uninitialized)
endif()
target_include_directories(cofre_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
if(COFRE_SANITIZE)
  # Not vptr: it wants type information that Debian's libsoci hides. Not null, alignment and object-size: what they find
  # crashes or is the address sanitizer's, and they are a fifth of a library's compilation.
  # Tests do without all of the undefined behaviour sanitizer in their own code: it is a third of a test's compilation.
  string(REPLACE ",undefined" "" test_sanitizers "${COFRE_SANITIZE}")
  set(is_test "$<BOOL:$<TARGET_PROPERTY:COFRE_IS_TEST>>")
  target_compile_options(cofre_flags INTERFACE $<${is_test}:-fsanitize=${test_sanitizers}>
    "$<$<NOT:${is_test}>:-fsanitize=${COFRE_SANITIZE}>" -fno-sanitize=vptr,null,alignment,object-size
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cofre_flags INTERFACE -fsanitize=${COFRE_SANITIZE})
endif()

# cofre_library(storage base io): the library of src/storage, which may use base and io.
# Tests beside the code (x_test.cc) become the program cofre_storage_test.
function(cofre_library name)
  set(directory ${PROJECT_SOURCE_DIR}/src/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${directory}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    return()
  endif()
  add_library(cofre_${name} STATIC ${sources})
  target_link_libraries(cofre_${name} PUBLIC cofre_flags fmt::fmt)
  foreach(dependency IN LISTS ARGN)
    if(TARGET cofre_${dependency})
      target_link_libraries(cofre_${name} PUBLIC cofre_${dependency})
    endif()
  endforeach()
  if(COFRE_TESTS AND COFRE_LIBRARY_TESTS AND tests)
    cofre_test(cofre_${name}_test ${tests})
    target_link_libraries(cofre_${name}_test PRIVATE cofre_${name})
  endif()
endfunction()

# cofre_read_headers_once(cofre_api <nlohmann/json.hpp>): reads what most files of a large library include once, the
# headers named and those of the standard library: 1.5 seconds of each file's compilation. Files that are compiled together
# have that already.
function(cofre_read_headers_once target)
  if(COFRE_TOGETHER)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN} <fmt/format.h> <algorithm> <chrono> <filesystem> <functional> <map>
    <optional> <stop_token> <string> <variant> <vector>)
endfunction()

# What waits for people, for the network and for the catalogue: a quarter less of its compilation is worth more than its
# speed. Under sanitizers, whose code the optimizer chews longest, three quarters less.
function(cofre_compile_quickly target)
  if(COFRE_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  else()
    target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
  endif()
endfunction()

# cofre_fuzzed(api router.cc): the library, or only these of its files, counts its branches, by which fuzz targets find their
# way. Elsewhere that would be a quarter of the compilation, and nobody looks at the counters.
function(cofre_fuzzed name)
  if(NOT COFRE_FUZZ)
    return()
  endif()
  if(NOT ARGN)
    target_compile_options(cofre_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  foreach(file IN LISTS ARGN)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/src/${name}/${file} PROPERTIES COMPILE_OPTIONS -fsanitize=fuzzer-no-link
      SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
endfunction()

# cofre_compile_together(api FILE...): compiles the files of a library's folder a dozen at a time (COFRE_TOGETHER), which
# halves the time of the whole: their headers and templates are seen once. Files whose local names are also others' stand
# alone and are named here. Not for a tree in which one edits: there a dozen files are compiled for one.
function(cofre_compile_together name)
  cofre_unite(cofre_${name} ${PROJECT_SOURCE_DIR}/src/${name} 12 ${ARGN})
endfunction()

# cofre_test_together(api FILE...): the same for the tests that lie in the folder, half a dozen at a time.
function(cofre_test_together name)
  cofre_unite(cofre_${name}_test ${PROJECT_SOURCE_DIR}/src/${name} 6 ${ARGN})
endfunction()

function(cofre_unite target directory count)
  if(NOT COFRE_TOGETHER OR NOT TARGET ${target})
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${count})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # To g++ a file that is included is a header, and types with local members in headers are suspect.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  foreach(file IN LISTS ARGN)
    set_source_files_properties(${directory}/${file} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()

# The code under test is optimized, the tests are not: their macros take more than half of all compilation otherwise.
set(cofre_test_options -O0 -g1)

# What every test includes, read once a tree: 1.2 seconds of each test's compilation.
function(cofre_test_headers)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/test_headers.cc "")
  add_library(cofre_test_headers OBJECT ${CMAKE_CURRENT_BINARY_DIR}/test_headers.cc)
  set_target_properties(cofre_test_headers PROPERTIES COFRE_IS_TEST TRUE)
  target_compile_options(cofre_test_headers PRIVATE ${cofre_test_options})
  target_link_libraries(cofre_test_headers PRIVATE cofre_flags GTest::gmock)
  target_precompile_headers(cofre_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <chrono> <filesystem> <functional>)
endfunction()

# ctest knows the suites of a test program, not each case: the start of a sanitized process takes longer than most cases.
set(cofre_discover_script ${CMAKE_CURRENT_LIST_DIR}/DiscoverSuites.cmake)
function(cofre_discover_suites name)
  set(tests ${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake)
  add_custom_command(TARGET ${name} POST_BUILD BYPRODUCTS ${tests} COMMAND ${CMAKE_COMMAND}
    -D PROGRAM=$<TARGET_FILE:${name}> -D PREFIX=${COFRE_TEST_PREFIX} -D TIMEOUT=600 -D OUTPUT=${tests}
    -P ${cofre_discover_script} VERBATIM)
  set(include ${CMAKE_CURRENT_BINARY_DIR}/${name}_include.cmake)
  file(WRITE ${include} "if(EXISTS \"${tests}\")\n  include(\"${tests}\")\nelse()\n  add_test(${name}_NOT_BUILT ${name}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
endfunction()

# cofre_test(NAME SOURCES...): a GoogleTest program whose cases (of sanitized ones: suites) ctest knows one by one, with
# COFRE_TEST_PREFIX before their names.
function(cofre_test name)
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(${name} PROPERTIES COFRE_IS_TEST TRUE)
  target_compile_options(${name} PRIVATE ${cofre_test_options})
  target_precompile_headers(${name} REUSE_FROM cofre_test_headers)
  target_link_libraries(${name} PRIVATE cofre_flags cofre_test_support GTest::gmock GTest::gtest_main)
  if(COFRE_SANITIZE)
    cofre_discover_suites(${name})
  else()
    gtest_discover_tests(${name} TEST_PREFIX "${COFRE_TEST_PREFIX}" DISCOVERY_MODE PRE_TEST
      DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()
