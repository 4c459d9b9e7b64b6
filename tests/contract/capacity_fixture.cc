#include "tests/contract/capacity_fixture.h"

#include "absl/strings/str_cat.h"

#include "services/capacity/service.h"

namespace baliprocess::capacity {

CapacityTest::CapacityTest() : capacity_store_(GetParam()) {
  const auto ask = [this](const rpc::Call& parent, const google::protobuf::MethodDescriptor& method,
                          const google::protobuf::Message& request,
                          google::protobuf::Message& reply) {
    testing::LocalService& asked =
        method.service()->name() == "MeetingsService" ? *service_ : *membership_;
    return asked.CallInto(parent.caller, method.name(), request, reply);
  };
  capacity_ = std::make_unique<testing::LocalService>(
      testing::LocalService::Definition{kSchemaVersion, Resources, Methods}, capacity_store_.Open(),
      resource::Engine::Options{
          .clock = &clock_, .since_start = &clock_.since_start(), .ask_peer = ask});
  Membership("CreateMember",
             "member_id: 'iom' member { kind: ORGANISATION category: FULL_MEMBER "
             "display_name: 'An Organisation' }");
}

absl::Status CapacityTest::TryAdd(const std::string& type, const std::string& field,
                                  const std::string& id, const std::string& fields,
                                  const std::string& parent) {
  return Try("Create" + type,
             absl::StrCat(parent.empty() ? "" : absl::StrCat("parent: '", parent, "' "), field,
                          "_id: '", id, "' ", field, " { ", fields, " }"));
}

void CapacityTest::Add(const std::string& type, const std::string& field, const std::string& id,
                       const std::string& fields, const std::string& parent) {
  EXPECT_OK(TryAdd(type, field, id, fields, parent)) << type << " " << id;
}

void CapacityTest::AddWorkshop(const std::string& id, std::string_view date,
                               const std::string& more) {
  Add("Activity", "activity", id,
      absl::StrCat("body: 'bodies/rso' kind: WORKSHOP state: COMPLETED display_name: 'Activity ",
                   id, "' start_date { ", DateText(date), " } ", more));
}

void CapacityTest::AddPractitioner(const std::string& id, const std::string& member,
                                   const std::string& more) {
  Add("Practitioner", "practitioner", id, absl::StrCat("member: '", member, "' ", more));
}

absl::Status CapacityTest::TryAttend(const std::string& activity, const std::string& practitioner,
                                     const std::string& more) {
  return TryAdd("Participation", "participation", practitioner,
                absl::StrCat("practitioner: 'practitioners/", practitioner, "' ", more),
                absl::StrCat("activities/", activity));
}

absl::Status CapacityTest::Merge(const std::string& name, const std::string& into) {
  return Try("MergePractitioner",
             absl::StrCat("name: 'practitioners/", name, "' into: 'practitioners/", into, "'"));
}

absl::Status CapacityTest::Unmerge(const std::string& name) {
  return Try("UnmergePractitioner", absl::StrCat("name: 'practitioners/", name, "'"));
}

absl::StatusOr<v1::Figures> CapacityTest::TryFigures(std::string_view start, std::string_view end,
                                                     const auth::Caller& caller) {
  return CallAs<v1::Figures>(
      caller, "GetFigures",
      absl::StrCat("body: 'bodies/rso' period { ", PeriodText(start, end), " }"));
}

v1::Figures::Entry CapacityTest::Figure(v1::ReportedFigure::Measure measure, std::string_view start,
                                        std::string_view end) {
  const auto figures = TryFigures(start, end, Secretariat());
  EXPECT_OK(figures);
  if (!figures.ok()) return {};
  for (const auto& entry : figures->entries()) {
    if (entry.measure() == measure) return entry;
  }
  ADD_FAILURE() << "no figure of the measure";
  return {};
}

int64_t CapacityTest::Computed(v1::ReportedFigure::Measure measure, std::string_view year) {
  return Figure(measure, year, year).computed().value();
}

std::string DateText(std::string_view date) { return testing::Date(date).ShortDebugString(); }

std::string PeriodText(std::string_view start, std::string_view end) {
  return absl::StrCat("start_date { ", DateText(start), " } end_date { ", DateText(end), " }");
}

}  // namespace baliprocess::capacity
