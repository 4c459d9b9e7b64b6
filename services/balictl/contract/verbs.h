// The methods of the contracts that aren't standard ones, as verbs of collections: ConveneMeeting
// is `meetings convene`, ReorderAgenda is `agendaItems reorder`. Collection and verb are those of
// the method's google.api.http rule.

#ifndef BALIPROCESS_SERVICES_BALICTL_CONTRACT_VERBS_H_
#define BALIPROCESS_SERVICES_BALICTL_CONTRACT_VERBS_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

struct Verb {
  const google::protobuf::MethodDescriptor* method = nullptr;
  // `meetings`; of methods that concern a whole service, its short name: `capacity`.
  std::string collection;
  std::string word;  // `associate-reservation`
  // The field of the request that says what the method is about, a resource or a parent; nullptr:
  // it is about the whole collection.
  const google::protobuf::FieldDescriptor* subject = nullptr;
};

// All of them, by collection and word. Methods with a stream of requests, watches and batches have
// commands of their own, or none.
const std::vector<Verb>& Verbs();

// The verb of a method; nullptr for standard methods and others that have none.
const Verb* VerbOf(const google::protobuf::MethodDescriptor& method);

// The type whose collection is called so, in any case, singular or plural, with hyphens or not:
// `meetings`, `agenda-item`. A usage error with suggestions.
absl::StatusOr<const ResourceKind*> FindKind(std::string_view word);

// The verb of a collection, or of a service; a usage error tells which there are.
absl::StatusOr<const Verb*> FindVerb(const std::string& collection, std::string_view word);

// The words of the verbs of a collection, or of a service, that not all collections have.
std::vector<std::string> VerbsOf(const std::string& collection);

// The verbs that all collections have.
const std::vector<std::string>& CommonVerbs();

// The name that people mean by `text`: `meetings/ahg-18`, or `ahg-18` of a type without a parent.
std::string NameOf(const ResourceKind& kind, const std::string& text);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CONTRACT_VERBS_H_
