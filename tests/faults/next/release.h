// The next release of a service, made up: its schema differs from this one's as that of a release
// after this one could. Programs of both run on one store (versions_test.py).

#ifndef BALIPROCESS_TESTS_FAULTS_NEXT_RELEASE_H_
#define BALIPROCESS_TESTS_FAULTS_NEXT_RELEASE_H_

#include "absl/status/statusor.h"

#include "common/base/status_macros.h"
#include "common/resource/program/service_main.h"
#include "common/resource/store/resource_type.h"

namespace baliprocess::next {

// Makes the `etag` of all resources filterable: each table has a column and an index more, which
// are to be filled. An etag is another one with each change, so that a filter by it finds a
// resource only if the column is what the last writer, of either release, left. Adds a table, too.
void ExtendSchema(resource::Registry& registry);

// The resource types of the next release; `kResources` makes those of this one.
template <absl::StatusOr<resource::Registry> (*kResources)()>
absl::StatusOr<resource::Registry> Resources() {
  ASSIGN_OR_RETURN(resource::Registry registry, kResources());
  ExtendSchema(registry);
  return registry;
}

// The main() of a service whose resources are Resources(). `service` is as of this release but for
// these; how it is used is said here.
int Main(resource::ServiceDefinition service, int argc, char** argv);

}  // namespace baliprocess::next

#endif  // BALIPROCESS_TESTS_FAULTS_NEXT_RELEASE_H_
