#include "tests/faults/next/release.h"

#include <utility>

namespace baliprocess::next {

void ExtendSchema(resource::Registry& registry) {
  for (const auto& type : registry.types()) {
    resource::Column etag;
    etag.path = "etag";
    etag.name = "etag";
    etag.fields = {type->etag};
    etag.indexed = true;
    type->columns.push_back(std::move(etag));
  }
  registry.AddTable({"next_release", {"number BIGINT PRIMARY KEY"}, "", {}});
}

int Main(resource::ServiceDefinition service, int argc, char** argv) {
  service.program.usage = "[flags]\n\nThe next release of a service, made up for tests.";
  ++service.schema_version;
  return resource::ServiceMain(service, argc, argv);
}

}  // namespace baliprocess::next
