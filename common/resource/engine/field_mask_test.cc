#include "common/resource/engine/field_mask.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "baliprocess/common/v1/venue.pb.h"
#include "baliprocess/meetings/v1/meetings_service.pb.h"
#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/resource/contract/clearing.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using api::v1::Visibility;
using Level = Visibility::Level;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using membership::v1::Body;
using membership::v1::ListOfficialsResponse;
using membership::v1::ListSeatsResponse;
using membership::v1::Member;
using membership::v1::Official;
using membership::v1::Seat;
using ::testing::AllOf;
using testing::MessageHas;

template <typename M>
M Make(const std::string& text) {
  M message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

FieldMask MaskOf(std::initializer_list<const char*> paths) {
  FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return mask;
}

// Applies the mask, and expects `result` and no violation.
template <typename M>
void ExpectUpdate(const FieldMask& mask, const std::string& patch, const std::string& target,
                  const std::string& result, Level clearance = Visibility::RESTRICTED) {
  M updated = Make<M>(target);
  Violations violations;
  ApplyMask(mask, Make<M>(patch), "r", clearance, updated, violations);
  EXPECT_OK(violations.ToStatus());
  EXPECT_TRUE(MessageDifferencer::Equals(updated, Make<M>(result)))
      << mask.ShortDebugString() << "\n"
      << updated.DebugString() << "instead of\n"
      << result;
}

template <typename M>
absl::Status UpdateStatus(const FieldMask& mask, const std::string& patch,
                          const std::string& target, Level clearance = Visibility::RESTRICTED) {
  M updated = Make<M>(target);
  Violations violations;
  ApplyMask(mask, Make<M>(patch), "r", clearance, updated, violations);
  return violations.ToStatus();
}

TEST(ApplyMaskTest, ChangesWhatIsNamed) {
  ExpectUpdate<Seat>(MaskOf({"basis"}), "basis: 'new' role: CHAIR", "basis: 'old' member: 'm'",
                     "basis: 'new' member: 'm'");
  ExpectUpdate<Seat>(MaskOf({"basis", "role"}), "basis: 'new' role: CHAIR", "",
                     "basis: 'new' role: CHAIR");
  // Named but absent: cleared.
  ExpectUpdate<Seat>(MaskOf({"basis"}), "", "basis: 'old' role: CHAIR", "role: CHAIR");
}

TEST(ApplyMaskTest, ReachesThroughMessages) {
  ExpectUpdate<Seat>(MaskOf({"term.end_date"}), "term { end_date { year: 2024 } }",
                     "term { start_date { year: 2004 month: 5 } end_date { year: 2020 month: 1 } }",
                     "term { start_date { year: 2004 month: 5 } end_date { year: 2024 } }");
  ExpectUpdate<Seat>(MaskOf({"term.end_date"}), "", "term { end_date { year: 2020 } }", "term {}");
  ExpectUpdate<Seat>(MaskOf({"term.end_date"}), "term { start_date { year: 2004 } }", "", "");
  ExpectUpdate<Seat>(MaskOf({"term.end_date"}), "term { end_date { year: 2024 } }", "",
                     "term { end_date { year: 2024 } }");
  ExpectUpdate<Seat>(MaskOf({"term.end_date.month"}), "term { end_date { month: 3 } }",
                     "term { end_date { year: 2024 } }",
                     "term { end_date { year: 2024 month: 3 } }");
  // Named whole: replaced whole.
  ExpectUpdate<Seat>(MaskOf({"term"}), "term { end_date { year: 2024 } }",
                     "term { start_date { year: 2004 } }", "term { end_date { year: 2024 } }");
  ExpectUpdate<Seat>(MaskOf({"term"}), "", "term { start_date { year: 2004 } }", "");
}

TEST(ApplyMaskTest, ReplacesListsWhole) {
  ExpectUpdate<Seat>(MaskOf({"citations"}), "citations { title: 'c' }",
                     "citations { title: 'a' } citations { title: 'b' }",
                     "citations { title: 'c' }");
  ExpectUpdate<Seat>(MaskOf({"citations"}), "", "citations { title: 'a' }", "");
}

TEST(ApplyMaskTest, AnEmptyMaskTakesWhatIsSet) {
  ExpectUpdate<Seat>({}, "basis: 'new' citations { title: 'c' }",
                     "basis: 'old' role: CHAIR citations { title: 'a' } citations { title: 'b' }",
                     "basis: 'new' role: CHAIR citations { title: 'c' }");
  // Messages are merged, dates are values.
  ExpectUpdate<Seat>({}, "term { end_date { year: 2024 } }",
                     "term { start_date { year: 2004 } end_date { year: 2020 month: 1 } }",
                     "term { start_date { year: 2004 } end_date { year: 2024 } }");
  ExpectUpdate<Body>({}, "decision_rules {}", "", "decision_rules {}");
}

TEST(ApplyMaskTest, AnAsteriskReplacesAll) {
  ExpectUpdate<Seat>(MaskOf({"*"}), "basis: 'new'",
                     "basis: 'old' role: CHAIR term { end_date { year: 2024 } }", "basis: 'new'");
}

TEST(ApplyMaskTest, LeavesWhatTheServerSets) {
  const std::string patch = "name: 'x' uid: 'x' etag: 'x' create_time { seconds: 9 } basis: 'new'";
  const std::string target = "name: 'n' uid: 'u' etag: 'e' create_time { seconds: 1 }";
  const std::string result = target + " basis: 'new'";
  ExpectUpdate<Seat>({}, patch, target, result);
  ExpectUpdate<Seat>(MaskOf({"*"}), patch, target, result);
  ExpectUpdate<Seat>(MaskOf({"name", "uid", "etag", "create_time", "create_time.seconds", "basis"}),
                     patch, target, result);
}

TEST(ApplyMaskTest, ImmutableFieldsStayAsTheyAre) {
  const std::string target = "kind: STATE display_name: 'old'";
  // The same value, or none to speak of.
  ExpectUpdate<Member>(MaskOf({"kind", "display_name"}), "kind: STATE display_name: 'new'", target,
                       "kind: STATE display_name: 'new'");
  ExpectUpdate<Member>({}, "display_name: 'new'", target, "kind: STATE display_name: 'new'");
  ExpectUpdate<Member>(MaskOf({"*"}), "display_name: 'new'", target,
                       "kind: STATE display_name: 'new'");
  ExpectUpdate<Member>(MaskOf({"display_name"}), "kind: ORGANISATION display_name: 'new'", target,
                       "kind: STATE display_name: 'new'");
  // Another value.
  for (const FieldMask& mask : {FieldMask(), MaskOf({"*"}), MaskOf({"kind"})}) {
    EXPECT_THAT(UpdateStatus<Member>(mask, "kind: ORGANISATION", target),
                MessageHas("r.kind: must stay as it is"));
  }
  EXPECT_THAT(UpdateStatus<Member>(MaskOf({"kind"}), "", target),
              MessageHas("r.kind: must stay as it is"));
}

TEST(ApplyMaskTest, RefusesPathsThatLeadNowhere) {
  for (const char* path :
       {"nothing", "term.nothing", "Role", "", ".", "term.", ".term", "term..x"}) {
    EXPECT_THAT(UpdateStatus<Seat>(MaskOf({path}), "", ""),
                MessageHas("update_mask: must name fields: there is no " + std::string(path)));
  }
  EXPECT_THAT(UpdateStatus<Seat>(MaskOf({"citations.title"}), "", ""),
              MessageHas("update_mask: must not go beyond citations in citations.title"));
  EXPECT_THAT(UpdateStatus<Seat>(MaskOf({"basis.x"}), "", ""),
              MessageHas("update_mask: must not go beyond basis in basis.x"));
}

TEST(ApplyMaskTest, RefusesRepetitionAndMixing) {
  EXPECT_THAT(UpdateStatus<Seat>(MaskOf({"role", "role"}), "", ""),
              MessageHas("update_mask: must name role only once"));
  EXPECT_THAT(UpdateStatus<Seat>(MaskOf({"*", "role"}), "", ""),
              MessageHas("update_mask: must have * as its only path"));
  EXPECT_THAT(UpdateStatus<Seat>(MaskOf({"a", "b"}), "", ""),
              AllOf(MessageHas("there is no a"), MessageHas("there is no b")));
}

TEST(ApplyMaskTest, KeepsWhatTheCallerCannotSee) {
  const std::string stored = "display_name: 'old' contact { email: 'e' }";
  ExpectUpdate<Official>(MaskOf({"*"}), "display_name: 'new'", stored,
                         "display_name: 'new' contact { email: 'e' }", Visibility::MEMBERS);
  ExpectUpdate<Official>(MaskOf({}), "display_name: 'new'", stored,
                         "display_name: 'new' contact { email: 'e' }", Visibility::MEMBERS);
  ExpectUpdate<Official>(MaskOf({"*"}), "display_name: 'new'", stored, "display_name: 'new'");
}

TEST(ApplyMaskTest, RefusesToChangeWhatTheCallerCannotSee) {
  for (const auto& mask :
       {MaskOf({"contact"}), MaskOf({"contact.email"}), MaskOf({"*"}), MaskOf({})}) {
    EXPECT_THAT(UpdateStatus<Official>(mask, "display_name: 'n' contact { email: 'x' }",
                                       "display_name: 'n'", Visibility::MEMBERS),
                MessageHas("r.contact"))
        << mask.ShortDebugString();
  }
}

TEST(ClearServerFieldsTest, LeavesWhatClientsSet) {
  Seat seat = Make<Seat>("name: 'n' uid: 'u' etag: 'e' update_time {} basis: 'b' role: CHAIR");
  ClearServerFields(seat);
  EXPECT_TRUE(MessageDifferencer::Equals(seat, Make<Seat>("basis: 'b' role: CHAIR")));
}

TEST(RedactTest, ClearsWhatIsAboveTheClearance) {
  const std::string full = "display_name: 'n' contact { email: 'e' }";
  Official official = Make<Official>(full);
  Redact(official, api::v1::Visibility::RESTRICTED);
  EXPECT_TRUE(MessageDifferencer::Equals(official, Make<Official>(full)));
  for (const auto level : {api::v1::Visibility::PUBLIC, api::v1::Visibility::MEMBERS}) {
    official = Make<Official>(full);
    Redact(official, level);
    EXPECT_TRUE(MessageDifferencer::Equals(official, Make<Official>("display_name: 'n'")));
  }
}

TEST(RedactTest, LeavesParticipantsWhatIsTheirs) {
  const auto page = Make<meetings::v1::ListMeetingsResponse>(
      "meetings { name: 'a' venue { city: 'x' uri: 'y' } } meetings { name: 'b' venue { uri: 'z' } "
      "}"
      " meetings { name: 'c' venue { city: 'x' } }");
  std::vector<std::string> asked;
  auto seen = page;
  Redact(seen, api::v1::Visibility::MEMBERS, [&](const Message& resource) {
    asked.push_back(static_cast<const meetings::v1::Meeting&>(resource).name());
    return asked.back() == "a";
  });
  EXPECT_TRUE(MessageDifferencer::Equals(
      seen, Make<meetings::v1::ListMeetingsResponse>(
                "meetings { name: 'a' venue { city: 'x' uri: 'y' } } "
                "meetings { name: 'b' venue {} } meetings { name: 'c' venue { city: 'x' } }")));
  EXPECT_THAT(asked, ::testing::ElementsAre("a", "b"));
  // Outside of a resource that has participants nobody is one.
  auto venue = Make<common::v1::Venue>("uri: 'y'");
  Redact(venue, api::v1::Visibility::MEMBERS, [](const Message&) { return true; });
  EXPECT_EQ(venue.uri(), "");
}

// What only a newer program knows may be restricted, or personal.
TEST(RedactTest, ClearsWhatIsNotKnown) {
  Official official;
  official.set_display_name("One");
  const size_t known = official.ByteSizeLong();
  Official::GetReflection()->MutableUnknownFields(&official)->AddVarint(900, 1);
  const Official newer = official;
  Redact(official, api::v1::Visibility::RESTRICTED);
  EXPECT_GT(official.ByteSizeLong(), known);
  Redact(official, api::v1::Visibility::MEMBERS);
  EXPECT_EQ(official.ByteSizeLong(), known);
  official = newer;
  ErasePersonal(official);
  EXPECT_EQ(official.ByteSizeLong(), 0u);
}

TEST(RedactTest, ClearsWhatIsNotKnownWhereverItIs) {
  const auto known = Make<ListSeatsResponse>(
      "seats { basis: 'a' } seats { term { start_date { year: 2024 } } create_time {} }");
  ListSeatsResponse page = known;
  Seat& last = *page.mutable_seats(1);
  for (Message* message : std::initializer_list<Message*>{
           &page, page.mutable_seats(0), last.mutable_term(),
           last.mutable_term()->mutable_start_date(), last.mutable_create_time()}) {
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(900, 1);
  }
  Redact(page, api::v1::Visibility::PUBLIC);
  EXPECT_EQ(page.SerializeAsString(), known.SerializeAsString());
}

TEST(RedactTest, ReachesIntoLists) {
  ListOfficialsResponse page = Make<ListOfficialsResponse>(
      "officials { display_name: 'a' contact {} } officials { contact { phone: 'p' } }");
  Redact(page, api::v1::Visibility::MEMBERS);
  EXPECT_TRUE(MessageDifferencer::Equals(
      page, Make<ListOfficialsResponse>("officials { display_name: 'a' } officials {}")));
}

TEST(ErasePersonalTest, ClearsPersonalFieldsOnly) {
  Official official = Make<Official>(R"(name: "officials/x" display_name: "n" given_name: "g"
      other_names { text: "o" } contact { email: "e" } member: "members/aus")");
  EXPECT_TRUE(ErasePersonal(official));
  EXPECT_TRUE(MessageDifferencer::Equals(
      official, Make<Official>("name: 'officials/x' member: 'members/aus'")));
  EXPECT_FALSE(ErasePersonal(official));
  Seat seat = Make<Seat>("basis: 'b'");
  EXPECT_FALSE(ErasePersonal(seat));
  EXPECT_EQ(seat.basis(), "b");
}

}  // namespace
}  // namespace baliprocess::resource
