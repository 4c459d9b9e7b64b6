// The table of all HTTP bindings: which HTTP method and path call which method of a service, by the
// google.api.http rules in the descriptors (google/api/http.proto), additional_bindings included.

#ifndef BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDINGS_H_
#define BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDINGS_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/api/http.pb.h"

#include "services/gateway/transcoding/binding.h"

namespace baliprocess::gateway {

// What a request leads to.
struct Match {
  // The binding, or nullptr: then the path has none at all (404) if `allowed` is empty, and else
  // none for this HTTP method (405; or the answer to OPTIONS).
  const Binding* binding = nullptr;
  std::vector<std::string> values;  // what the path has for binding->variables, decoded
  // Without a binding: the HTTP methods that the path has, for `Allow`, in alphabetical order, with
  // HEAD where there is GET, and OPTIONS.
  std::vector<std::string> allowed;
};

class Bindings {
 public:
  // The bindings of those of `methods` that have rules. Methods must outlive the bindings. An error
  // names the method whose rule is wrong (MakeBinding tells what can be), or both methods whose
  // rules clash: equal HTTP methods, and templates that match the same paths.
  static absl::StatusOr<Bindings> Create(
      const std::vector<const google::protobuf::MethodDescriptor*>& methods);

  Bindings(Bindings&&) noexcept;
  Bindings& operator=(Bindings&&) noexcept;
  ~Bindings();

  // Finds the binding of a request's HTTP method and path (without query, as it was sent). Where
  // templates have the verb that the path ends in, others don't count: there, a colon belongs to
  // the last segment. Of several that match, the most specific one counts: compared from the left,
  // a literal comes before `*`, and `*` before `**`; then the HTTP method itself before any (`*`).
  // A HEAD without a binding of its own is a GET.
  // Time is bounded by the length of the path and the number of templates. INVALID_ARGUMENT if the
  // path's percent-encoding is wrong, or isn't of UTF-8.
  absl::StatusOr<Match> Find(std::string_view http_method, std::string_view path) const;

  // In the order of the methods.
  const std::vector<std::unique_ptr<Binding>>& all() const { return bindings_; }

 private:
  struct Node;
  class Search;

  Bindings();
  absl::StatusOr<Match> FindWithVerb(std::string_view http_method, std::string_view segments,
                                     std::string_view verb) const;
  absl::Status Add(const google::protobuf::MethodDescriptor& method,
                   const google::api::HttpRule& rule);

  std::vector<std::unique_ptr<Binding>> bindings_;
  std::unique_ptr<Node> root_;  // the templates as a tree, a segment a level
};

}  // namespace baliprocess::gateway

#endif  // BALIPROCESS_SERVICES_GATEWAY_TRANSCODING_BINDINGS_H_
