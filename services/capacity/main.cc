// The capacity-building service: what was delivered, for whom, and the figures of it.

#include "common/resource/program/service_main.h"
#include "services/capacity/service.h"

int main(int argc, char** argv) {
  return baliprocess::resource::ServiceMain(
      {.program = {.usage = "capacity [flags]\n\n"
                            "Serves strategies, work plans, activities, practitioners, "
                            "publications, funding and figures.",
                   .secret_flags = {},
                   .positional_arguments = false},
       .schema_version = baliprocess::capacity::kSchemaVersion,
       .peers = {"membership", "meetings"},
       .resources = baliprocess::capacity::Resources,
       .methods = baliprocess::capacity::Methods},
      argc, argv);
}
