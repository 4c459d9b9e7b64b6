#include "services/meetings/service.h"
#include "tests/faults/next/release.h"

namespace service = baliprocess::meetings;

int main(int argc, char** argv) {
  return baliprocess::next::Main({.program = {},
                                  .schema_version = service::kSchemaVersion,
                                  .peers = {"membership"},
                                  .resources = baliprocess::next::Resources<service::Resources>,
                                  .methods = service::Methods},
                                 argc, argv);
}
