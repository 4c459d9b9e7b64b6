#include "tests/contract/engine_model_random.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace baliprocess::membership {

std::string Random::Body() { return absl::StrCat("bodies/b", Any(kBodies)); }
std::string Random::Member() { return absl::StrCat("members/m", Any(kMembers)); }
std::string Random::Seat() { return absl::StrCat(Body(), "/seats/s", Any(kSeats)); }
std::string Random::Name() {
  const int kind = Any(10);
  if (kind < 5) return kind < 3 ? Body() : Member();
  return Seat();
}

std::string Random::Maybe(int percent, const std::string& field) {
  return Chance(percent) ? field + " " : "";
}

std::string Random::SeatFields() {
  std::string text = Maybe(97, absl::StrCat("member: '", Member(), "'"));
  text += Maybe(97, Chance(50) ? "role: PARTICIPANT" : "role: BODY_OBSERVER");
  return text + Maybe(50, absl::StrCat("basis: 'Basis ", Any(5), "'"));
}

std::string Random::OtherFields(const std::string& name) {
  const bool body = absl::StartsWith(name, "bodies/");
  std::string text = body ? "kind: TASK_FORCE " : "kind: ORGANISATION category: OBSERVER ";
  text += Maybe(97, absl::StrCat("display_name: 'Name ", Any(5), "'"));
  const std::string short_name(Chance(3) ? 51 : 1 + Any(50), 'x');
  text += Maybe(40, absl::StrCat("short_name: '", short_name, "'"));
  if (!body) return text;
  text += Maybe(40, absl::StrCat("max_chairs: ", Any(3)));
  text += Maybe(40, absl::StrCat("mandate: 'Mandate ", Any(5), "'"));
  // Of a body with a smaller number, so that none is part of itself.
  const int number = name.back() - '0';
  if (number == 0) return text;
  return text + Maybe(30, absl::StrCat("parent_body: 'bodies/b", Any(number), "'"));
}

std::shared_ptr<Message> Random::Resource(const std::string& name) {
  const bool seat = absl::StrContains(name, "/seats/");
  const std::string text = seat ? SeatFields() : OtherFields(name);
  std::shared_ptr<Message> resource = ResourceCalled(name);
  google::protobuf::TextFormat::Parser parser;
  EXPECT_TRUE(parser.MergeFromString(text, resource.get())) << text;
  return resource;
}

std::string Random::Etag(const Model& model, const std::string& name) {
  if (Chance(60)) return "";
  const Message* row = model.Find(Chance(60) ? name : Name());
  return row == nullptr ? "none" : TextOf(*row, "etag");
}

std::vector<std::string> Random::Mask(const Message& patch) {
  if (Chance(30)) return {};
  if (Chance(30)) return {"*"};
  std::vector<std::string> mask;
  for (const char* field : {"display_name", "short_name", "mandate", "max_chairs", "parent_body",
                            "role", "basis", "member"}) {
    const bool there = patch.GetDescriptor()->FindFieldByName(field) != nullptr;
    if (there && Chance(40)) mask.emplace_back(field);
  }
  return mask;
}

}  // namespace baliprocess::membership
