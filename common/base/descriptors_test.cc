#include "common/base/descriptors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "google/api/field_behavior.pb.h"

#include "baliprocess/meetings/v1/delegation.pb.h"
#include "baliprocess/membership/v1/seat.pb.h"

namespace baliprocess {
namespace {

using meetings::v1::CreateDelegationRequest;
using membership::v1::Seat;

TEST(DescriptorsTest, TellsBehaviors) {
  const auto& etag = *Seat::descriptor()->FindFieldByName("create_time");
  EXPECT_TRUE(HasBehavior(etag, google::api::OUTPUT_ONLY));
  EXPECT_FALSE(HasBehavior(etag, google::api::IMMUTABLE));
}

TEST(DescriptorsTest, FindsTypesAndMethodsOfLinkedContracts) {
  std::set<std::string> names;
  for (const auto* type : LinkedMessages()) names.insert(type->full_name());
  EXPECT_TRUE(names.count("baliprocess.membership.v1.Seat"));
  EXPECT_FALSE(names.count("google.type.Date"));
  EXPECT_EQ(MessageOfType("baliprocess.net/Seat"), Seat::descriptor());
  EXPECT_EQ(MessageOfType("baliprocess.net/Chair"), nullptr);
  const auto* method = MethodOfPackage(*Seat::descriptor(), "GetSeat");
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(PathOf(*method), "/baliprocess.membership.v1.MembershipService/GetSeat");
  EXPECT_EQ(MethodOfPackage(*Seat::descriptor(), "GetChair"), nullptr);
}

TEST(DescriptorsTest, FollowsPathsOfFields) {
  CreateDelegationRequest request;
  request.mutable_delegation()->mutable_participant()->set_member("members/AUS");
  const FieldPath path = FindFieldPath(*request.descriptor(), "delegation.participant.member");
  EXPECT_EQ(path.size(), 3);
  EXPECT_EQ(TextAt(request, path), "members/AUS");
  EXPECT_EQ(TextAt(CreateDelegationRequest(), path), "");
  EXPECT_EQ(TextAt(request, {}), "");
  for (const char* nowhere : {"", "delegation.nobody", "delegation.participant.member.name",
                              "delegation.citations.title"}) {
    EXPECT_TRUE(FindFieldPath(*request.descriptor(), nowhere).empty()) << nowhere;
  }
}

TEST(DescriptorsTest, EntriesByTypeStay) {
  ByType<int> numbers;
  const auto [first, is_new] = numbers.Make(Seat::descriptor());
  EXPECT_TRUE(is_new);
  *first = 3;
  EXPECT_FALSE(numbers.Make(Seat::descriptor()).second);
  EXPECT_EQ(numbers.Find(Seat::descriptor()), first);
  EXPECT_EQ(numbers.Find(CreateDelegationRequest::descriptor()), nullptr);
}

}  // namespace
}  // namespace baliprocess
