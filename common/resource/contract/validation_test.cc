#include "common/resource/contract/validation.h"

#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using namespace membership::v1;  // the requests of every test

std::vector<std::string> ListOf(const Violations& violations) {
  google::rpc::BadRequest details;
  const auto payload =
      violations.ToStatus().GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (payload) details.ParseFromString(std::string(*payload));
  std::vector<std::string> list;
  for (const auto& violation : details.field_violations()) {
    list.push_back(violation.field() + ": " + violation.description());
  }
  return list;
}

std::vector<std::string> Judge(const Message& message, const ValidateOptions& options = {}) {
  Violations violations;
  Validate(message, "", options, violations);
  return ListOf(violations);
}

template <typename M>
M Make(const std::string& text) {
  M message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

CreateSeatRequest GoodSeat() {
  return Make<CreateSeatRequest>(R"(parent: "bodies/ahg" seat_id: "aus"
      seat { member: "members/aus" role: CHAIR })");
}

TEST(ValidationTest, PassesAGoodRequest) {
  EXPECT_THAT(Judge(GoodSeat()), IsEmpty());
  EXPECT_THAT(Judge(Make<GetMemberRequest>("name: 'members/aus'")), IsEmpty());
}

TEST(ValidationTest, RequiresStringsEnumsMessagesAndLists) {
  EXPECT_THAT(Judge(CreateSeatRequest()),
              UnorderedElementsAre("parent: is required", "seat: is required"));
  EXPECT_THAT(Judge(Make<CreateSeatRequest>("parent: 'bodies/ahg' seat {}")),
              UnorderedElementsAre("seat.member: is required",
                                   "seat.role: is required: one of PARTICIPANT, CHAIR, "
                                   "BODY_OBSERVER"));
  EXPECT_THAT(Judge(BatchGetMembersRequest()), ElementsAre("names: is required"));
}

TEST(ValidationTest, ReportsEveryViolationWithItsPath) {
  auto request = Make<BatchCreateSeatsRequest>(R"(parent: "bodies/ahg" request_id: "x")");
  for (int i = 0; i < 4; ++i) *request.add_requests() = GoodSeat();
  request.mutable_requests(1)->mutable_seat()->add_citations();
  request.mutable_requests(3)->mutable_seat()->set_role(Seat::ROLE_UNSPECIFIED);
  request.mutable_requests(3)->mutable_seat()->mutable_term()->mutable_end_date()->set_month(2);
  EXPECT_THAT(Judge(request),
              UnorderedElementsAre(
                  "requests[1].seat.citations[0].title: is required",
                  "requests[3].seat.role: is required: one of PARTICIPANT, CHAIR, BODY_OBSERVER",
                  "requests[3].seat.term.end_date: must be a date with a year from 1 to 9999",
                  "request_id: must be a UUID of version 4"));
}

TEST(ValidationTest, PutsThePrefixFirst) {
  Violations violations;
  ValidateResource(Seat(), "seat", violations);
  EXPECT_THAT(ListOf(violations), UnorderedElementsAre(HasSubstr("seat.member: is required"),
                                                       HasSubstr("seat.role: is required")));
}

TEST(ValidationTest, RefusesUndeclaredEnumNumbers) {
  auto request = GoodSeat();
  request.mutable_seat()->set_role(static_cast<Seat::Role>(99));
  EXPECT_THAT(Judge(request),
              ElementsAre("seat.role: must be one of PARTICIPANT, CHAIR, BODY_OBSERVER"));
}

TEST(ValidationTest, LimitsListsByDefaultAndByRule) {
  auto request = GoodSeat();
  for (int i = 0; i < 101; ++i) request.mutable_seat()->add_citations();
  EXPECT_THAT(Judge(request), ElementsAre("seat.citations: must have at most 100 elements"));
  BatchGetMembersRequest batch;
  for (int i = 0; i < 1000; ++i) batch.add_names("members/aus");
  EXPECT_THAT(Judge(batch), IsEmpty());
  batch.add_names("members/aus");
  EXPECT_THAT(Judge(batch), ElementsAre("names: must have at most 1000 elements"));
}

TEST(ValidationTest, LimitsTextInCodePoints) {
  auto request = GoodSeat();
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xe0\xb8\x81";
  request.mutable_seat()->set_basis(text);
  EXPECT_THAT(Judge(request), IsEmpty());
  request.mutable_seat()->set_basis(text + "x");
  request.set_seat_id(std::string(64, 'a'));
  EXPECT_THAT(Judge(request),
              UnorderedElementsAre("seat_id: must have at most 63 characters",
                                   "seat.basis: must have at most 1000 characters"));
}

TEST(ValidationTest, RefusesControlCharactersAndBadUtf8) {
  auto request = GoodSeat();
  request.mutable_seat()->set_basis("two\n\tlines");
  EXPECT_THAT(Judge(request), IsEmpty());
  request.mutable_seat()->set_basis(std::string("a\0b", 3));
  EXPECT_THAT(Judge(request), ElementsAre("seat.basis: must not have control characters other than "
                                          "tab and line feed"));
  std::string marks = "a";
  for (int i = 0; i < 31; ++i) marks += "\u0301";
  request.mutable_seat()->set_basis(marks);
  EXPECT_THAT(Judge(request),
              ElementsAre("seat.basis: must have at most 30 combining marks in a row"));
  request.mutable_seat()->set_basis("\xff");
  EXPECT_THAT(Judge(request), ElementsAre("seat.basis: must be valid UTF-8"));
}

TEST(ValidationTest, BoundsNumbers) {
  auto request =
      Make<CreateBodyRequest>("body { kind: FORUM display_name: 'Bali Process' max_chairs: 20 }");
  EXPECT_THAT(Judge(request), IsEmpty());
  for (const int chairs : {-1, 21}) {
    request.mutable_body()->set_max_chairs(chairs);
    EXPECT_THAT(Judge(request), ElementsAre("body.max_chairs: must be 0 to 20"));
  }
}

TEST(ValidationTest, JudgesFormats) {
  auto request = Make<CreateOfficialRequest>(R"(official {
      contact { email: "nobody" phone: "123" } other_names { text: "x" language_code: "e" }
      citations { title: "x" uri: "ftp://example.org" } })");
  EXPECT_THAT(Judge(request),
              UnorderedElementsAre(HasSubstr("official.contact.email: must be an email"),
                                   HasSubstr("official.contact.phone: must be a telephone"),
                                   HasSubstr("official.other_names[0].language_code: must be a "
                                             "language tag"),
                                   HasSubstr("official.citations[0].uri: must be an absolute")));
}

TEST(ValidationTest, RequestIdIsAUuid4OrEmpty) {
  auto request = GoodSeat();
  request.set_request_id("0b7e5b6e-5a0c-4b2e-9d2f-0f6f0d3c1a2b");
  EXPECT_THAT(Judge(request), IsEmpty());
  request.set_request_id("0b7e5b6e-5a0c-1b2e-9d2f-0f6f0d3c1a2b");
  EXPECT_THAT(Judge(request), ElementsAre("request_id: must be a UUID of version 4"));
}

TEST(ValidationTest, ReferencesAreOfTheirType) {
  auto request = GoodSeat();
  for (const char* member : {"aus", "members/AUS", "bodies/ahg", "members/", "members/-"}) {
    request.mutable_seat()->set_member(member);
    EXPECT_THAT(Judge(request),
                ElementsAre("seat.member: must be a name of the form members/{member}"));
  }
  EXPECT_THAT(Judge(Make<BatchGetMembersRequest>("names: 'members/aus' names: 'x'")),
              ElementsAre("names[1]: must be a name of the form members/{member}"));
}

TEST(ValidationTest, ParentsTakeWildcardsOnlyWhereAllowed) {
  const auto list = Make<ListSeatsRequest>("parent: 'bodies/-'");
  EXPECT_THAT(Judge(list, {.allow_wildcard_parent = true}), IsEmpty());
  EXPECT_THAT(Judge(list), ElementsAre("parent: must be a name of the form bodies/{body}"));
  EXPECT_THAT(
      Judge(Make<ListSeatsRequest>("parent: 'members/aus'"), {.allow_wildcard_parent = true}),
      ElementsAre("parent: must be a name of the form bodies/{body}"));
  // Not in the requests of a batch.
  auto batch = Make<BatchCreateSeatsRequest>("parent: 'bodies/-'");
  *batch.add_requests() = GoodSeat();
  batch.mutable_requests(0)->set_parent("bodies/-");
  EXPECT_THAT(Judge(batch, {.allow_wildcard_parent = true}),
              ElementsAre("requests[0].parent: must be a name of the form bodies/{body}"));
}

TEST(ValidationTest, DatesExist) {
  auto request = GoodSeat();
  auto* start = request.mutable_seat()->mutable_term()->mutable_start_date();
  start->set_year(2024);
  start->set_month(2);
  start->set_day(30);
  EXPECT_THAT(Judge(request), ElementsAre("seat.term.start_date: must be a date that exists: "
                                          "2024-02 has 29 days"));
}

TEST(ValidationTest, TermsDontCertainlyEndBeforeTheyStart) {
  auto request = GoodSeat();
  auto* term = request.mutable_seat()->mutable_term();
  term->mutable_start_date()->set_year(2004);
  term->mutable_end_date()->set_year(2003);
  EXPECT_THAT(Judge(request), ElementsAre("seat.term.end_date: must not be before start_date"));
  term->mutable_end_date()->set_year(2004);
  term->mutable_start_date()->set_month(5);
  EXPECT_THAT(Judge(request), IsEmpty());
}

TEST(ValidationTest, DurationsAndTimesAreInRange) {
  auto request = Make<CreateBodyRequest>(R"(body { kind: FORUM display_name: "x"
      decision_rules { minimum_silence { seconds: 60 nanos: -1 } } })");
  EXPECT_THAT(Judge(request),
              ElementsAre(HasSubstr("body.decision_rules.minimum_silence: must be a duration")));
  request.mutable_body()->mutable_decision_rules()->mutable_minimum_silence()->set_nanos(1);
  EXPECT_THAT(Judge(request), IsEmpty());
  google::protobuf::Timestamp time;
  time.set_seconds(253'402'300'799);
  EXPECT_THAT(Judge(time), IsEmpty());
  time.set_nanos(-1);
  EXPECT_THAT(Judge(time), ElementsAre(HasSubstr("must be a time")));
  time.set_nanos(0);
  time.set_seconds(253'402'300'800);
  EXPECT_THAT(Judge(time), ElementsAre(HasSubstr("must be a time")));
}

TEST(ValidationTest, MasksHaveSensiblePaths) {
  auto request = Make<UpdateSeatRequest>("seat { name: 'bodies/ahg/seats/aus' }");
  request.mutable_update_mask()->add_paths("role");
  const ValidateOptions partial{.partial = UpdateSeatRequest::descriptor()->field(0)};
  EXPECT_THAT(Judge(request, partial), IsEmpty());
  request.mutable_update_mask()->add_paths("");
  EXPECT_THAT(Judge(request, partial), ElementsAre(HasSubstr("update_mask: must have paths")));
  for (int i = 0; i < 100; ++i) request.mutable_update_mask()->add_paths("role");
  EXPECT_THAT(Judge(request, partial), ElementsAre("update_mask: must have at most 100 paths"));
}

TEST(ValidationTest, APartialResourceNeedsOnlyItsName) {
  const ValidateOptions partial{.partial =
                                    UpdateSeatRequest::descriptor()->FindFieldByName("seat")};
  EXPECT_THAT(Judge(Make<UpdateSeatRequest>("seat { name: 'bodies/ahg/seats/aus' }"), partial),
              IsEmpty());
  EXPECT_THAT(Judge(Make<UpdateSeatRequest>("seat {}"), partial),
              ElementsAre("seat.name: is required"));
  EXPECT_THAT(Judge(Make<UpdateSeatRequest>("seat { name: 'bodies/ahg' member: 'x' }"), partial),
              UnorderedElementsAre("seat.name: must be a name of the form "
                                   "bodies/{body}/seats/{seat}",
                                   "seat.member: must be a name of the form members/{member}"));
  EXPECT_THAT(Judge(UpdateSeatRequest(), partial), ElementsAre("seat: is required"));
}

TEST(ValidationTest, WhatTheServerSetsIsIgnored) {
  auto request = GoodSeat();
  request.mutable_seat()->set_name("anything");
  request.mutable_seat()->set_uid(std::string(5000, '\0'));
  request.mutable_seat()->mutable_create_time()->set_nanos(-5);
  EXPECT_THAT(Judge(request), IsEmpty());
}

TEST(ValidationTest, CountsWhatIsBrokenBeyondWhatIsTold) {
  BatchCreateSeatsRequest request;
  request.set_parent("bodies/ahg");
  for (int i = 0; i < 100; ++i) request.add_requests()->mutable_seat()->add_citations();
  Violations violations;
  Validate(request, "", {}, violations);
  EXPECT_THAT(ListOf(violations), SizeIs(kMostViolations));
  // A member, a role and a title of each seat.
  EXPECT_THAT(std::string(violations.ToStatus().message()), HasSubstr("; and 250 more"));
}

// Rules that no contract has yet, on a type made here.
class MadeTypeTest : public ::testing::Test {
 protected:
  MadeTypeTest() {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(TextFormat::ParseFromString(R"(
      name: "made.proto" package: "made" syntax: "proto3"
      dependency: "baliprocess/api/v1/field.proto" dependency: "google/api/resource.proto"
      dependency: "google/api/field_behavior.proto" dependency: "google/protobuf/timestamp.proto"
      message_type {
        name: "Made"
        field { name: "zone" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL
                options { [baliprocess.api.v1.field] { format: TIME_ZONE } } }
        field { name: "any" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL
                options { [google.api.resource_reference] { type: "*" } } }
        field { name: "ratio" number: 3 type: TYPE_DOUBLE label: LABEL_OPTIONAL
                options { [baliprocess.api.v1.field] { minimum: 0 } } }
        field { name: "made" number: 4 type: TYPE_MESSAGE type_name: ".made.Made"
                label: LABEL_OPTIONAL }
        field { name: "count" number: 5 type: TYPE_INT64 label: LABEL_OPTIONAL
                proto3_optional: true oneof_index: 0
                options { [google.api.field_behavior]: REQUIRED } }
        field { name: "numbers" number: 6 type: TYPE_UINT32 label: LABEL_REPEATED
                options { [baliprocess.api.v1.field] { maximum: 9 } } }
        field { name: "unknown" number: 7 type: TYPE_STRING label: LABEL_OPTIONAL
                options { [google.api.resource_reference] { type: "baliprocess.net/Nothing" } } }
        oneof_decl { name: "_count" }
      })",
                                            &file));
    type_ = pool_.BuildFile(file)->message_type(0);
    factory_.SetDelegateToGeneratedFactory(true);
  }

  std::vector<std::string> JudgeText(const std::string& text) {
    const std::unique_ptr<Message> message(factory_.GetPrototype(type_)->New());
    EXPECT_TRUE(TextFormat::ParseFromString(text, message.get()));
    return Judge(*message);
  }

  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  google::protobuf::DynamicMessageFactory factory_{&pool_};
  const google::protobuf::Descriptor* type_ = nullptr;
};

TEST_F(MadeTypeTest, JudgesTypesThatArentLinked) {
  EXPECT_THAT(JudgeText("count: 0 zone: 'Asia/Jakarta' any: 'members/aus' numbers: 9"), IsEmpty());
  EXPECT_THAT(JudgeText("count: 0 zone: 'Jakarta' any: 'x' ratio: -0.5 numbers: [9, 10]"),
              UnorderedElementsAre(HasSubstr("zone: must be a time zone"),
                                   "any: must be the name of a resource",
                                   "ratio: must be at least 0", "numbers[1]: must be at most 9"));
  EXPECT_THAT(JudgeText("count: 0 ratio: nan"), ElementsAre("ratio: must be at least 0"));
}

TEST_F(MadeTypeTest, OptionalNumbersCanBeRequired) {
  EXPECT_THAT(JudgeText(""), ElementsAre("count: is required"));
}

TEST_F(MadeTypeTest, NoNameIsOfAnUnknownType) {
  EXPECT_THAT(JudgeText("count: 0 unknown: 'nothing/x'"),
              ElementsAre("unknown: must be the name of a resource"));
}

TEST_F(MadeTypeTest, BoundsDepth) {
  const auto nested = [](int depth) {
    std::string text = "count: 0";
    for (int i = 0; i < depth; ++i) text = "count: 0 made { " + text + " }";
    return text;
  };
  EXPECT_THAT(JudgeText(nested(32)), IsEmpty());
  EXPECT_THAT(JudgeText(nested(33)), ElementsAre(HasSubstr("must not be nested deeper than 32")));
}

}  // namespace
}  // namespace baliprocess::resource
