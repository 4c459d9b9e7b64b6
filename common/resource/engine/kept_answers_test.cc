#include "common/resource/engine/kept_answers.h"

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

#include "common/testing/matchers.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::StringValue;

// A store whose state is a text, and answers made of it that count how often they are.
class KeptAnswersTest : public ::testing::Test {
 protected:
  absl::Status Ask(const std::string& question, StringValue& reply) {
    return answers_.Answer(call_, question, state_, reply, [&](std::string& seen) {
      ++made_;
      seen = state_;
      reply.set_value(question + " in " + state_);
      return outcome_;
    });
  }
  std::string Asked(const std::string& question) {
    StringValue reply;
    EXPECT_OK(Ask(question, reply));
    return reply.value();
  }

  static constexpr size_t kMost = 10'000;
  const rpc::Call call_;
  KeptAnswers answers_{kMost};
  std::string state_ = "1";
  absl::Status outcome_;
  std::atomic<int> made_ = 0;
};

TEST_F(KeptAnswersTest, AnAnswerIsMadeOncePerStateOfTheStore) {
  EXPECT_EQ(Asked("a"), "a in 1");
  EXPECT_EQ(Asked("a"), "a in 1");
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(Asked("b"), "b in 1");
  EXPECT_EQ(made_, 2);
  state_ = "2";
  EXPECT_EQ(Asked("a"), "a in 2");
  EXPECT_EQ(Asked("a"), "a in 2");
  EXPECT_EQ(made_, 3);
}

// The store may change between the look and the making.
TEST_F(KeptAnswersTest, AnAnswerIsOfTheStateThatItWasMadeFrom) {
  StringValue reply;
  ASSERT_OK(answers_.Answer(call_, "a", "1", reply, [&](std::string& seen) {
    seen = "2";
    reply.set_value("a in 2");
    return absl::OkStatus();
  }));
  EXPECT_EQ(Asked("a"), "a in 1");
  EXPECT_EQ(made_, 1);
}

TEST_F(KeptAnswersTest, ErrorsAreNotKept) {
  outcome_ = absl::NotFoundError("no");
  StringValue reply;
  EXPECT_EQ(Ask("a", reply), outcome_);
  outcome_ = absl::OkStatus();
  EXPECT_EQ(Asked("a"), "a in 1");
}

TEST_F(KeptAnswersTest, WhatWasNotAskedForLongestGoesFirst) {
  Asked("first");
  for (int i = 0; i < 200; ++i) {
    Asked(absl::StrCat("other ", i));
    Asked("first");
    ASSERT_LE(answers_.bytes(), kMost);
  }
  EXPECT_EQ(made_, 201);
  Asked("other 199");
  EXPECT_EQ(made_, 201);
  Asked("other 0");
  EXPECT_EQ(made_, 202);
}

TEST_F(KeptAnswersTest, AnAnswerOfMoreThanAllIsNotKept) {
  state_ = std::string(kMost, 'x');
  Asked("a");
  EXPECT_EQ(answers_.bytes(), 0);
}

TEST_F(KeptAnswersTest, TellsWhichStateAnAnswerIsOf) {
  StringValue reply;
  std::string made_from;
  const auto make = [&](std::string& seen) {
    seen = "2";  // the store has changed since it was asked
    reply.set_value("an answer");
    return absl::OkStatus();
  };
  EXPECT_OK(answers_.Answer(call_, "a", "1", reply, make, &made_from));
  EXPECT_EQ(made_from, "2");
  made_from.clear();
  EXPECT_OK(answers_.Answer(call_, "a", "2", reply, make, &made_from));
  EXPECT_EQ(made_from, "2");
}

TEST_F(KeptAnswersTest, WhoAsksMeanwhileWaitsForTheSameAnswer) {
  constexpr int kAsking = 8;
  std::latch all_here(kAsking);
  std::latch go_on(1);
  std::vector<StringValue> replies(kAsking);
  std::vector<std::string> made_from(kAsking);
  std::vector<std::thread> threads;
  for (int i = 0; i < kAsking; ++i) {
    threads.emplace_back([&, i] {
      const auto make = [&, i](std::string& seen) {
        ++made_;
        go_on.wait();
        seen = "1";
        replies[i].set_value("made once");
        return absl::OkStatus();
      };
      all_here.count_down();
      EXPECT_OK(answers_.Answer(call_, "a", "1", replies[i], make, &made_from[i]));
    });
  }
  // Whoever comes later than this finds the answer made.
  all_here.wait();
  go_on.count_down();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made_, 1);
  for (const StringValue& reply : replies) EXPECT_EQ(reply.value(), "made once");
  for (const std::string& state : made_from) EXPECT_EQ(state, "1");
}

TEST_F(KeptAnswersTest, WhoWaitsLeavesWhenItsCallIsOver) {
  std::latch making(1);
  std::latch go_on(1);
  std::thread maker([&] {
    StringValue reply;
    EXPECT_OK(answers_.Answer(call_, "a", "1", reply, [&](std::string& seen) {
      making.count_down();
      go_on.wait();
      seen = "1";
      return absl::OkStatus();
    }));
  });
  making.wait();
  rpc::Call over;
  over.cancelled = [] { return true; };
  StringValue reply;
  EXPECT_EQ(answers_
                .Answer(over, "a", "1", reply,
                        [](std::string&) { return absl::InternalError("made twice"); })
                .code(),
            absl::StatusCode::kCancelled);
  go_on.count_down();
  maker.join();
}

}  // namespace
}  // namespace baliprocess::resource
