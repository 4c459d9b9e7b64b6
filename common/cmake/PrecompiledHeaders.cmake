# Reading the headers of the standard library, Protocol Buffers and Abseil is half of the work on an
# average file of ours, so with BALI_PRECOMPILE it is done once for all. A file still includes all
# that it uses: the sanitizers' builds are without precompiled headers, and say where it doesn't.

# Only headers of libraries: after a change to one of our own everything would be compiled again.
# They stand here and not in a header of ours, whose path would keep ccache from knowing the result
# in another checkout.
set(PRECOMPILED_HEADERS
    <algorithm> <atomic> <condition_variable> <cstdint> <functional> <map> <memory> <mutex> <optional>
    <set> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <google/protobuf/descriptor.h> <google/protobuf/descriptor.pb.h>
    <google/protobuf/extension_set.h> <google/protobuf/generated_message_reflection.h>
    <google/protobuf/map_entry.h> <google/protobuf/map_field_inl.h> <google/protobuf/message.h>
    <google/protobuf/timestamp.pb.h>
    <absl/container/flat_hash_map.h> <absl/status/status.h> <absl/status/statusor.h>
    <absl/strings/match.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
    <absl/strings/str_split.h> <absl/time/time.h>)

if(BALI_PRECOMPILE)
  # CMake gives precompiled headers to a target with at least one file.
  set(EMPTY_FILE ${CMAKE_BINARY_DIR}/precompiled.cc)
  file(CONFIGURE OUTPUT ${EMPTY_FILE} CONTENT "")
  add_library(bali_precompiled OBJECT ${EMPTY_FILE})
  target_link_libraries(bali_precompiled PRIVATE bali_options protobuf::libprotobuf
                        absl::flat_hash_map absl::statusor absl::strings absl::time)
  target_precompile_headers(bali_precompiled PRIVATE ${PRECOMPILED_HEADERS})
  # GCC 12 has false alarms of these kinds in its own std::string (bugs 105329, 105651). Otherwise it
  # keeps them to itself, because the header is a system's, which precompiling makes it forget.
  target_compile_options(bali_options INTERFACE -Wno-array-bounds -Wno-restrict
                         -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# bali_precompiled_headers(TARGET): TARGET reads them, if BALI_PRECOMPILE is on. It must be compiled
# with bali_options.
function(bali_precompiled_headers name)
  if(BALI_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM bali_precompiled)
  endif()
endfunction()
