// The meetings service: from the invitation to the decision.

#include "common/resource/program/service_main.h"
#include "services/meetings/service.h"

int main(int argc, char** argv) {
  return baliprocess::resource::ServiceMain(
      {.program = {.usage = "meetings [flags]\n\n"
                            "Serves meetings, agendas, delegations, statements, decisions, action "
                            "items and documents.",
                   .secret_flags = {},
                   .positional_arguments = false},
       .schema_version = baliprocess::meetings::kSchemaVersion,
       .peers = {"membership"},
       .resources = baliprocess::meetings::Resources,
       .methods = baliprocess::meetings::Methods},
      argc, argv);
}
