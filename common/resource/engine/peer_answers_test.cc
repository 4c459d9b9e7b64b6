#include "common/resource/engine/peer_answers.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using membership::v1::ListMembersRequest;
using membership::v1::ListMembersResponse;
using membership::v1::Member;

// A service whose pages hold one of its three members.
absl::Status OneAtATime(const Message& request, Message& reply) {
  const std::string& token = static_cast<const ListMembersRequest&>(request).page_token();
  const char page = token.empty() ? 'a' : token[0];
  auto& page_reply = static_cast<ListMembersResponse&>(reply);
  page_reply.add_members()->set_name(absl::StrCat("members/", std::string(1, page)));
  if (page < 'c') page_reply.set_next_page_token(std::string(1, static_cast<char>(page + 1)));
  return absl::OkStatus();
}

TEST(PeerAnswersTest, FollowsTheTokensOfPages) {
  PeerAnswers answers;
  for (const char* name : {"members/a", "members/c", "members/d"}) {
    EXPECT_TRUE(IsUnanswered(answers.Find(*Member::descriptor(), name).status()));
  }
  ASSERT_OK(answers.Fetch([](const rpc::Call&, const MethodDescriptor&, const Message& request,
                             Message& reply) { return OneAtATime(request, reply); },
                          rpc::Call()));
  for (const char* name : {"members/a", "members/c"}) {
    ASSERT_OK_AND_ASSIGN(const Message* found, answers.Find(*Member::descriptor(), name));
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(static_cast<const Member*>(found)->name(), name);
  }
  ASSERT_OK_AND_ASSIGN(const Message* missing, answers.Find(*Member::descriptor(), "members/d"));
  EXPECT_EQ(missing, nullptr);
}

TEST(PeerAnswersTest, WhatTheWorkCanDoWithoutIsNotThereWhenNobodyAnswers) {
  PeerAnswers answers;
  const auto fetch = [&](absl::Status status) {
    (void)answers.FindIfReachable(*Member::descriptor(), "members/a");
    return answers.Fetch(
        [&](const rpc::Call&, const MethodDescriptor&, const Message&, Message&) { return status; },
        rpc::Call());
  };
  EXPECT_EQ(fetch(absl::InternalError("a defect")).code(), absl::StatusCode::kInternal);
  ASSERT_OK(fetch(absl::UnavailableError("away")));
  ASSERT_OK_AND_ASSIGN(const Message* found,
                       answers.FindIfReachable(*Member::descriptor(), "members/a"));
  EXPECT_EQ(found, nullptr);
  (void)answers.Find(*Member::descriptor(), "members/b");
  EXPECT_TRUE(absl::IsUnavailable(fetch(absl::UnavailableError("away")))) << "this one is needed";
}

TEST(PeerAnswersTest, WhatTheWorkCanDoWithoutIsWaitedForBriefly) {
  PeerAnswers answers;
  rpc::Call call;
  call.deadline = absl::Now() + absl::Seconds(30);
  absl::Time given;
  const auto slow = [&](const rpc::Call& asked, const MethodDescriptor&, const Message&, Message&) {
    given = asked.deadline;
    return absl::DeadlineExceededError("too slow");
  };
  (void)answers.FindIfReachable(*Member::descriptor(), "members/a");
  ASSERT_OK(answers.Fetch(slow, call));
  EXPECT_LT(given, absl::Now() + absl::Seconds(2));
  ASSERT_OK_AND_ASSIGN(const Message* found,
                       answers.FindIfReachable(*Member::descriptor(), "members/a"));
  EXPECT_EQ(found, nullptr);
  call.deadline = absl::Now();  // of the caller itself
  (void)answers.FindIfReachable(*Member::descriptor(), "members/b");
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers.Fetch(slow, call)));
}

TEST(PeerAnswersTest, PagesWithoutEndAreAnError) {
  PeerAnswers answers;
  (void)answers.Find(*Member::descriptor(), "members/a");
  int asked = 0;
  const absl::Status status = answers.Fetch(
      [&](const rpc::Call&, const MethodDescriptor&, const Message&, Message& reply) {
        ++asked;
        static_cast<ListMembersResponse&>(reply).set_next_page_token("on and on");
        return absl::OkStatus();
      },
      rpc::Call());
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_LE(asked, 200);
}

TEST(PeerAnswersTest, OneCallAsksTenThousandQuestionsAtMost) {
  const auto fetch = [](int questions) {
    PeerAnswers answers;
    for (int i = 0; i < questions; ++i) {
      (void)answers.Find(*Member::descriptor(), absl::StrCat("members/m", i));
    }
    return answers.Fetch([](const rpc::Call&, const MethodDescriptor&, const Message&,
                            Message&) { return absl::OkStatus(); },
                         rpc::Call());
  };
  EXPECT_OK(fetch(10'000));
  EXPECT_THAT(fetch(10'001), testing::HasReason(api::v1::Error::TOO_LARGE));
  EXPECT_EQ(fetch(0).code(), absl::StatusCode::kInternal) << "or the rounds would have no end";
}

TEST(PeerAnswersTest, EqualAnswersHaveEqualFingerprints) {
  const auto fingerprint = [](const std::string& wanted, bool found) {
    PeerAnswers answers;
    (void)answers.Find(*Member::descriptor(), wanted);
    EXPECT_OK(answers.Fetch(
        [&](const rpc::Call&, const MethodDescriptor&, const Message&, Message& reply) {
          if (found) static_cast<ListMembersResponse&>(reply).add_members()->set_name(wanted);
          return absl::OkStatus();
        },
        rpc::Call()));
    return answers.Fingerprint();
  };
  EXPECT_EQ(fingerprint("members/a", true), fingerprint("members/a", true));
  EXPECT_NE(fingerprint("members/a", true), fingerprint("members/a", false));
  EXPECT_NE(fingerprint("members/a", true), fingerprint("members/b", true));
  EXPECT_NE(fingerprint("members/a", false), PeerAnswers().Fingerprint());
}

}  // namespace
}  // namespace baliprocess::resource
