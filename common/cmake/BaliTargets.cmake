# What every target of the suite has in common: warnings, sanitizers, names, labels.

add_library(bali_options INTERFACE)
target_include_directories(bali_options INTERFACE ${CMAKE_SOURCE_DIR})
# -pthread everywhere, and not only where gRPC brings it along: precompiled headers only serve files
# with the same macros.
target_compile_options(bali_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror -pthread)
# Debian's headers are not ours to fix, and generated code includes them as user headers.
if(BALI_SANITIZE)
  add_compile_options(-fsanitize=${BALI_SANITIZE} -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${BALI_SANITIZE})
  if(BALI_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Abseil's flags have a fence in a header, which ThreadSanitizer doesn't see; suppressed there.
    add_compile_options(-Wno-tsan)
  endif()
else()
  add_compile_options(-g1)
endif()
if(BALI_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "BALI_FUZZ needs Clang: use the preset fuzz")
  endif()
  # Counts what is reached; only the targets of tests/fuzz link the fuzzer itself.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# bali_library(NAME SOURCES file... [DEPS target...]): a library `bali_NAME` of one folder.
function(bali_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  bali_mutants(ARG_SOURCES)
  add_library(bali_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(bali_${name} PUBLIC ${ARG_DEPS} PRIVATE bali_options)
  target_include_directories(bali_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  bali_precompiled_headers(bali_${name})
endfunction()

# bali_binary(NAME [SERVER] SOURCES file... [DEPS target...]): a program called NAME, in
# build/PRESET/bin. SERVER: it serves many calls at once, and has the allocator for that; sanitizers
# bring one of their own.
function(bali_binary name)
  cmake_parse_arguments(ARG "SERVER" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} bali_options)
  bali_precompiled_headers(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  if(ARG_SERVER AND NOT BALI_SANITIZE AND NOT BALI_FUZZ)
    target_link_libraries(${name} PRIVATE PkgConfig::JEMALLOC)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/common/base/malloc_conf.cc)
  endif()
endfunction()

# bali_test(NAME LABEL unit|contract|system SOURCES file... [DEPS target...] [TIMEOUT seconds]):
# a GoogleTest program, run by ctest as one test with that label.
function(bali_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT BALI_TESTS)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} bali_options GTest::gmock_main)
  bali_precompiled_headers(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
  if(BALI_SANITIZE STREQUAL "thread")
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan/suppressions.txt")
  endif()
endfunction()
