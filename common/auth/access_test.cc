#include "common/auth/access.h"

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include "common/testing/matchers.h"

namespace baliprocess::auth {
namespace {

using api::v1::Access;
using api::v1::Error;
using ::baliprocess::testing::HasReason;
using ::baliprocess::testing::IsOk;
using ::baliprocess::testing::MessageHas;
using ::testing::AllOf;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Caller With(std::initializer_list<Access::Role> roles, std::string member = "") {
  Caller caller;
  caller.subject = "ann";
  for (const Access::Role role : roles) caller.roles |= 1u << role;
  caller.member = std::move(member);
  return caller;
}

// A contract made for the test: service `test.Service` with one method `Do`.
class AccessTest : public ::testing::Test {
 protected:
  // `access` is the option's text; empty: the method has none.
  absl::StatusOr<AccessPolicy> Policy(const std::string& access) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
      name: "test.proto" package: "test" syntax: "proto3"
      message_type {
        name: "Delegation"
        field { name: "member" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
        field { name: "size" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL }
      }
      message_type {
        name: "Request"
        field { name: "member" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
        field { name: "members" number: 2 type: TYPE_STRING label: LABEL_REPEATED }
        field { name: "delegation" number: 3 type: TYPE_MESSAGE type_name: ".test.Delegation"
                label: LABEL_OPTIONAL }
        field { name: "delegations" number: 4 type: TYPE_MESSAGE type_name: ".test.Delegation"
                label: LABEL_REPEATED }
        field { name: "raw" number: 5 type: TYPE_BYTES label: LABEL_OPTIONAL }
      }
      service {
        name: "Service"
        method { name: "Do" input_type: ".test.Request" output_type: ".test.Request" }
      })",
                                                              &file));
    if (!access.empty()) {
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
          access, file.mutable_service(0)->mutable_method(0)->mutable_options()->MutableExtension(
                      api::v1::access)));
    }
    pool_ = std::make_unique<google::protobuf::DescriptorPool>(
        google::protobuf::DescriptorPool::generated_pool());
    const auto* built = pool_->BuildFile(file);
    EXPECT_NE(built, nullptr);
    return AccessPolicy::ForDescriptors({built->service(0)});
  }

  const MethodAccess& Method(const std::string& access) {
    auto policy = Policy(access);
    EXPECT_OK(policy);
    policy_ = *std::move(policy);
    return *policy_.Find("/test.Service/Do");
  }

  std::unique_ptr<google::protobuf::Message> Request(const std::string& text) {
    const auto* type = pool_->FindMessageTypeByName("test.Request");
    std::unique_ptr<google::protobuf::Message> request(factory_.GetPrototype(type)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
    return request;
  }

  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  google::protobuf::DynamicMessageFactory factory_;
  AccessPolicy policy_;
};

TEST_F(AccessTest, RefusesContractsWithDefects) {
  EXPECT_THAT(Policy(""), AllOf(MessageHas("test.Service.Do"), MessageHas("no access")));
  EXPECT_THAT(Policy("own_member_field: 'member'"), MessageHas("no role"));
  EXPECT_THAT(Policy("roles: [MEMBER, ROLE_UNSPECIFIED]"), MessageHas("doesn't exist"));
  EXPECT_THAT(Policy("roles: 31"), Not(IsOk()));
  for (const char* path : {"nothing", "members", "delegations.member", "delegation", "member.x",
                           "delegation.size", "delegation.", ".", "raw", "delegation..member"}) {
    EXPECT_THAT(Policy("roles: MEMBER own_member_field: '" + std::string(path) + "'"),
                MessageHas("own_member_field"))
        << path;
  }
}

TEST_F(AccessTest, AMethodIsJudgedByRequestOrResourceAndNotByBoth) {
  EXPECT_OK(Policy("roles: MEMBER own_member_field: 'member'"));
  EXPECT_OK(Policy("roles: MEMBER own_resource_field: 'member'"));
  EXPECT_THAT(Policy("roles: MEMBER own_member_field: 'member' own_resource_field: 'member'"),
              AllOf(MessageHas("test.Service.Do"), MessageHas("own_resource_field")));
}

TEST_F(AccessTest, FindsPathsByteForByte) {
  ASSERT_OK_AND_ASSIGN(const AccessPolicy policy, Policy("roles: PUBLIC"));
  EXPECT_NE(policy.Find("/test.Service/Do"), nullptr);
  for (const char* path :
       {"", "/", "test.Service/Do", "//test.Service/Do", "/test.Service/Do/", "/test.Service/do",
        "/test.Service/%44o", "/test.Service/Do?", "/test.Service/D", "/test.Service/Doo"}) {
    EXPECT_EQ(policy.Find(path), nullptr) << path;
  }
  EXPECT_THAT(policy.All(), SizeIs(1));
}

TEST_F(AccessTest, AdmitsTheRolesListed) {
  const MethodAccess& method = Method("roles: [OBSERVER, SECRETARIAT]");
  EXPECT_OK(CheckRoles(method, With({Access::OBSERVER})));
  EXPECT_OK(CheckRoles(method, With({Access::MEMBER, Access::SECRETARIAT})));
  EXPECT_THAT(CheckRoles(method, With({Access::MEMBER, Access::OPERATOR})),
              HasReason(Error::ACCESS_DENIED));
  EXPECT_THAT(CheckRoles(method, With({})), HasReason(Error::ACCESS_DENIED));
  EXPECT_THAT(CheckRoles(method, Caller()), HasReason(Error::TOKEN_MISSING));
}

TEST_F(AccessTest, PublicAdmitsEverybody) {
  const MethodAccess& method = Method("roles: [PUBLIC, MEMBER] own_member_field: 'member'");
  const auto request = Request("member: 'members/nzl'");
  EXPECT_OK(CheckRequest(method, Caller(), *request));
  EXPECT_OK(CheckRequest(method, With({Access::MEMBER}, "members/aus"), *request));
  Caller bare = With({Access::OPERATOR});
  bare.roles &= ~(1u << Access::PUBLIC);
  EXPECT_OK(CheckRoles(method, bare));
}

TEST_F(AccessTest, AMemberConcernsItself) {
  const MethodAccess& method = Method("roles: [SECRETARIAT, MEMBER] own_member_field: 'member'");
  const Caller aus = With({Access::MEMBER}, "members/aus");
  EXPECT_OK(CheckRequest(method, aus, *Request("member: 'members/aus'")));
  for (const char* member :
       {"members/nzl", "", "aus", "members/AUS", "members/aus/", "members/-"}) {
    const auto request = Request("member: '" + std::string(member) + "'");
    EXPECT_THAT(CheckRequest(method, aus, *request), HasReason(Error::ACCESS_DENIED)) << member;
  }
}

TEST_F(AccessTest, NestedFieldsAreReached) {
  const MethodAccess& method = Method("roles: MEMBER own_member_field: 'delegation.member'");
  const Caller aus = With({Access::MEMBER}, "members/aus");
  EXPECT_OK(CheckRequest(method, aus, *Request("delegation { member: 'members/aus' }")));
  EXPECT_THAT(CheckRequest(method, aus, *Request("delegation { member: 'members/nzl' }")),
              HasReason(Error::ACCESS_DENIED));
  EXPECT_THAT(CheckRequest(method, aus, *Request("member: 'members/aus'")),
              HasReason(Error::ACCESS_DENIED));
}

TEST_F(AccessTest, AMemberWithoutMemberIsDenied) {
  const MethodAccess& method = Method("roles: MEMBER own_member_field: 'member'");
  EXPECT_THAT(CheckRequest(method, With({Access::MEMBER}), *Request("")),
              HasReason(Error::ACCESS_DENIED));
}

TEST_F(AccessTest, AnotherAdmittedRoleIsNotAskedForItsMember) {
  const MethodAccess& method = Method("roles: [SECRETARIAT, MEMBER] own_member_field: 'member'");
  const auto other = Request("member: 'members/nzl'");
  EXPECT_OK(CheckRequest(method, With({Access::SECRETARIAT}), *other));
  EXPECT_OK(
      CheckRequest(method, With({Access::SECRETARIAT, Access::MEMBER}, "members/aus"), *other));
  // A role that the method doesn't list is no way around the field.
  EXPECT_THAT(CheckRequest(method, With({Access::OPERATOR, Access::MEMBER}, "members/aus"), *other),
              HasReason(Error::ACCESS_DENIED));
}

TEST_F(AccessTest, TheRequestCheckJudgesRolesToo) {
  const MethodAccess& method = Method("roles: SECRETARIAT");
  EXPECT_THAT(CheckRequest(method, Caller(), *Request("")), HasReason(Error::TOKEN_MISSING));
  EXPECT_THAT(CheckRequest(method, With({Access::MEMBER}), *Request("")),
              HasReason(Error::ACCESS_DENIED));
}

TEST(AccessPolicy, EveryLinkedContractIsSound) {
  const auto services = AccessPolicy::AllServices();
  for (const std::string& name : services) EXPECT_EQ(name.rfind("baliprocess.", 0), 0u) << name;
  ASSERT_OK_AND_ASSIGN(const AccessPolicy policy, AccessPolicy::ForServices(services));
  EXPECT_EQ(services.empty(), policy.All().empty());
}

// The gateway offers what this lists.
TEST(AccessPolicy, ServicesForOperatorsAreOfNoList) {
  const std::string store = "baliprocess.operate.v1.StoreService";
  EXPECT_OK(AccessPolicy::ForServices({store}));
  EXPECT_THAT(AccessPolicy::AllServices(), ::testing::Not(::testing::Contains(store)));
}

TEST(AccessPolicy, UnknownServicesAreRefused) {
  EXPECT_THAT(AccessPolicy::ForServices({"baliprocess.nothing.v1.NothingService"}),
              MessageHas("NothingService"));
}

}  // namespace
}  // namespace baliprocess::auth
