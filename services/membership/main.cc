// The membership service: who was what, when.

#include "common/resource/program/service_main.h"
#include "services/membership/service.h"

int main(int argc, char** argv) {
  return baliprocess::resource::ServiceMain(
      {.program = {.usage = "membership [flags]\n\n"
                            "Serves members, bodies, seats, officials, appointments, and liaisons "
                            "with outside forums.",
                   .secret_flags = {},
                   .positional_arguments = false},
       .schema_version = baliprocess::membership::kSchemaVersion,
       .peers = {},
       .resources = baliprocess::membership::Resources,
       .methods = baliprocess::membership::Methods},
      argc, argv);
}
