#include "services/membership/service.h"
#include "tests/faults/next/release.h"

namespace service = baliprocess::membership;

int main(int argc, char** argv) {
  return baliprocess::next::Main({.program = {},
                                  .schema_version = service::kSchemaVersion,
                                  .peers = {},
                                  .resources = baliprocess::next::Resources<service::Resources>,
                                  .methods = service::Methods},
                                 argc, argv);
}
