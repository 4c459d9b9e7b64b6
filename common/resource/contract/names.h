// Resource names (AIP-122): `bodies/ahg/seats/aus-2004`.

#ifndef BALIPROCESS_COMMON_RESOURCE_CONTRACT_NAMES_H_
#define BALIPROCESS_COMMON_RESOURCE_CONTRACT_NAMES_H_

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace baliprocess::resource {

// Whether the field gives the id of the resource beside it, as in Create requests: `seat_id` beside
// `seat`.
bool GivesResourceId(const google::protobuf::FieldDescriptor& field);

// Why `id` can't be the last part of a name (AIP-122, RFC 1034): 1 to 63 of a-z, 0-9 and hyphen,
// the first a letter, the last not a hyphen. The text completes the sentence "must be ...";
// nullopt when the id is fine.
std::optional<std::string> WhyInvalidId(std::string_view id);

// A new id: a letter and 12 more random characters (64 bits: ids hardly ever collide).
std::string NewId();

// The parents that a List or BatchGet asks for, `-` standing for any id (AIP-159).
struct ParentScope {
  enum class Kind {
    kAll,    // `bodies/-`, or a resource without a parent: every parent
    kExact,  // `bodies/ahg`: this parent
    kSome,   // `a/-/b/x`: those that match a pattern
  };
  Kind kind = Kind::kAll;
  // kExact: the parent. kSome: a LIKE pattern of parents, in which nothing needs escaping.
  std::string text;

  // Whether a valid parent of the same pattern is among them.
  bool Contains(std::string_view parent) const;
};

// A pattern of names, collections and variables alternating: `bodies/{body}/seats/{seat}`.
class NamePattern {
 public:
  static absl::StatusOr<NamePattern> Parse(std::string_view pattern);

  const std::string& pattern() const { return pattern_; }

  // The last collection: `seats`.
  const std::string& Collection() const { return collections_.back(); }

  // Whether resources of this pattern have no parent.
  bool IsTopLevel() const { return collections_.size() == 1; }

  // The pattern of the parent; nullopt at the top level.
  std::optional<NamePattern> ParentPattern() const;

  // Whether `name` is of this pattern, each of its ids valid.
  bool Matches(std::string_view name) const;

  // Whether `parent` can be the parent of a resource of this pattern; "" at the top level. With
  // `allow_wildcard`, `-` may stand for any of its ids.
  bool MatchesParent(std::string_view parent, bool allow_wildcard) const;

  // The parent that stands for every parent: `bodies/-`; "" at the top level.
  std::string AnyParent() const;

  // The parents that `parent`, which MatchesParent with wildcards, stands for.
  ParentScope ScopeOf(std::string_view parent) const;

  // The parent of a name that Matches: `bodies/ahg`; "" at the top level.
  std::string_view Parent(std::string_view name) const;

  // The name of the resource `id` of `parent`.
  std::string Make(std::string_view parent, std::string_view id) const;

 private:
  std::string pattern_;
  std::vector<std::string> collections_;  // `bodies`, `seats`
};

// The pattern of a resource type of the linked contracts, such as `baliprocess.net/Seat`; nullptr
// when there is no such type. Lives as long as the process.
const NamePattern* PatternOfType(std::string_view type);

// The message of the resource type of the linked contracts that `name` is of; nullptr if it is of
// none.
const google::protobuf::Descriptor* MessageOfName(std::string_view name);

// Whether `name` is of the pattern of any resource type of the linked contracts.
bool MatchesAnyType(std::string_view name);

// The parent of a valid name below the top level: `bodies/ahg` of `bodies/ahg/seats/aus-2004`.
std::string ParentOf(std::string_view name);

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_CONTRACT_NAMES_H_
