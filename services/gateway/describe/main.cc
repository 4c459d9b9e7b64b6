// Writes the OpenAPI document when the suite is built: write_openapi DESCRIPTORS OUTPUT, where
// DESCRIPTORS is a FileDescriptorSet with comments.

#include <fstream>
#include <iostream>
#include <iterator>

#include "absl/strings/str_cat.h"

#include "common/base/status_macros.h"
#include "services/gateway/describe/openapi.h"

namespace baliprocess::gateway {
namespace {

absl::Status Write(const char* descriptors, const char* output) {
  std::ifstream in(descriptors, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  ASSIGN_OR_RETURN(const Comments comments, Comments::Parse(bytes));
  ASSIGN_OR_RETURN(const Json document, MakeOpenApi(comments));
  std::ofstream out(output, std::ios::binary);
  out << document.dump() << "\n";
  if (out.flush()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("can't write ", output));
}

}  // namespace
}  // namespace baliprocess::gateway

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "write_openapi DESCRIPTORS OUTPUT\n";
    return 2;
  }
  const absl::Status status = baliprocess::gateway::Write(argv[1], argv[2]);
  if (!status.ok()) std::cerr << "write_openapi: " << status << "\n";
  return status.ok() ? 0 : 1;
}
