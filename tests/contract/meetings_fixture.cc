#include "tests/contract/meetings_fixture.h"

#include "absl/strings/str_cat.h"

#include "common/base/errors.h"
#include "services/meetings/service.h"
#include "services/membership/service.h"

namespace baliprocess::meetings {

MeetingsTest::MeetingsTest()
    : membership_store_(GetParam()), store_(GetParam()), methods_(Methods) {
  membership_ = std::make_unique<testing::LocalService>(
      testing::LocalService::Definition{membership::kSchemaVersion, membership::Resources,
                                        membership::Methods},
      membership_store_.Open(),
      resource::Engine::Options{
          .clock = &clock_, .since_start = &clock_.since_start(), .ask_peer = {}});
  service_ = Start();
  for (const auto& [id, region, category] :
       {std::tuple("aus", "AU", "FULL_MEMBER"), std::tuple("idn", "ID", "FULL_MEMBER"),
        std::tuple("nzl", "NZ", "FULL_MEMBER"), std::tuple("fji", "FJ", "OBSERVER")}) {
    Membership("CreateMember",
               absl::StrCat("member_id: '", id, "' member { kind: STATE category: ", category,
                            " display_name: 'State ", id, "' region_code: '", region, "' }"));
  }
  Membership("CreateBody", R"(body_id: 'ahg' body { kind: AD_HOC_GROUP display_name: 'Ad Hoc Group'
      max_chairs: 2
      decision_rules { consensus: true silence_procedure: true minimum_silence { seconds: 3600 } } })");
  Membership("CreateBody",
             "body_id: 'rso' body { kind: SUPPORT_OFFICE display_name: 'Support Office' }");
  for (const char* seat : {"member: 'members/aus' role: CHAIR", "member: 'members/idn' role: CHAIR",
                           "member: 'members/nzl' role: PARTICIPANT "
                           "term { end_date { year: 2020 } }"}) {
    Membership("CreateSeat", absl::StrCat("parent: 'bodies/ahg' seat { ", seat, " }"));
  }
  Membership("CreateOfficial", "official_id: 'bell' official { display_name: 'An Official' }");
}

std::unique_ptr<testing::LocalService> MeetingsTest::Start() {
  const auto ask = [this](const rpc::Call& parent, const google::protobuf::MethodDescriptor& method,
                          const google::protobuf::Message& request,
                          google::protobuf::Message& reply) {
    if (membership_down_) {
      return Error(api::v1::Error::TEMPORARILY_UNAVAILABLE, "membership can't be reached");
    }
    return membership_->CallInto(parent.caller, method.name(), request, reply);
  };
  return std::make_unique<testing::LocalService>(
      testing::LocalService::Definition{kSchemaVersion, Resources, methods_}, store_.Open(),
      resource::Engine::Options{
          .clock = &clock_, .since_start = &clock_.since_start(), .ask_peer = ask});
}

void MeetingsTest::Restart() {
  service_.reset();
  service_ = Start();
}

void MeetingsTest::RestartWith(rpc::MethodTable (*methods)(resource::Engine& engine)) {
  methods_ = methods;
  Restart();
}

void MeetingsTest::Membership(const std::string& method, std::string_view request) {
  EXPECT_OK(membership_->CallText(Secretariat(), method, request).status()) << request;
}

absl::StatusOr<v1::Meeting> MeetingsTest::TryAddMeeting(const std::string& id,
                                                        const std::string& fields) {
  return Call<v1::Meeting>(
      "CreateMeeting",
      absl::StrCat("meeting_id: '", id, "' meeting { body: 'bodies/ahg' ",
                   "display_name: 'Meeting ", id, "' ", fields, " } as_recorded: true"));
}

v1::Meeting MeetingsTest::AddMeeting(const std::string& id, const std::string& fields) {
  const auto meeting = TryAddMeeting(id, fields);
  EXPECT_OK(meeting);
  return meeting.value_or(v1::Meeting());
}

v1::Meeting MeetingsTest::GetMeeting(const std::string& id) {
  const auto meeting = Call<v1::Meeting>("GetMeeting", absl::StrCat("name: 'meetings/", id, "'"));
  EXPECT_OK(meeting);
  return meeting.value_or(v1::Meeting());
}

}  // namespace baliprocess::meetings
