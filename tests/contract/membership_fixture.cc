#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {

MembershipTest::MembershipTest()
    : store_(GetParam()), service_(std::make_unique<Service>(store_.Open(), clock_)) {}

void MembershipTest::Restart() {
  service_.reset();
  service_ = std::make_unique<Service>(store_.Open(), clock_);
}

v1::Member MembershipTest::AddState(const std::string& alpha_3, const std::string& alpha_2) {
  v1::CreateMemberRequest request;
  request.set_member_id(alpha_3);
  v1::Member& member = *request.mutable_member();
  member.set_kind(v1::Member::STATE);
  member.set_category(v1::Member::FULL_MEMBER);
  member.set_display_name("State " + alpha_2);
  member.set_region_code(alpha_2);
  const auto created = Call<v1::Member>("CreateMember", request);
  EXPECT_OK(created);
  return created.value_or(v1::Member());
}

v1::Body MembershipTest::AddBody(const std::string& id, int max_chairs, const std::string& parent) {
  v1::CreateBodyRequest request;
  request.set_body_id(id);
  v1::Body& body = *request.mutable_body();
  body.set_kind(v1::Body::WORKING_GROUP);
  body.set_display_name("Body " + id);
  body.set_max_chairs(max_chairs);
  body.set_parent_body(parent);
  const auto created = Call<v1::Body>("CreateBody", request);
  EXPECT_OK(created);
  return created.value_or(v1::Body());
}

v1::Official MembershipTest::AddOfficial(const std::string& id, const std::string& name) {
  v1::CreateOfficialRequest request;
  request.set_official_id(id);
  request.mutable_official()->set_display_name(name);
  request.mutable_official()->mutable_contact()->set_email("someone@example.org");
  const auto created = Call<v1::Official>("CreateOfficial", request);
  EXPECT_OK(created);
  return created.value_or(v1::Official());
}

absl::StatusOr<v1::Seat> MembershipTest::TryAddSeat(const std::string& body,
                                                    const std::string& member, v1::Seat::Role role,
                                                    std::string_view start, std::string_view end) {
  v1::CreateSeatRequest request;
  request.set_parent(body);
  request.mutable_seat()->set_member(member);
  request.mutable_seat()->set_role(role);
  *request.mutable_seat()->mutable_term() = TermOf(start, end);
  return Call<v1::Seat>("CreateSeat", request);
}

absl::StatusOr<v1::Body> MembershipTest::GetBody(const auth::Caller& caller,
                                                 const std::string& name) {
  v1::GetBodyRequest request;
  request.set_name(name);
  return service_->Call<v1::Body>(caller, "GetBody", request);
}

}  // namespace baliprocess::membership
