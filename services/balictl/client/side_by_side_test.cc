// Calls beside each other: that they are, and that each has its own reply.

#include "services/balictl/client/side_by_side.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/strings/str_cat.h"

#include "baliprocess/membership/v1/member.pb.h"
#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Answers when several calls are under way.
struct Meeting {
  size_t wanted = 2;
  std::mutex mutex;
  std::condition_variable more;
  size_t present = 0;
  size_t most = 0;
};

class MeetingConnection final : public Connection {
 public:
  explicit MeetingConnection(Meeting& meeting) : meeting_(meeting) {}

  absl::Status Call(const MethodDescriptor&, const Message& request, Message& reply) override {
    std::unique_lock lock(meeting_.mutex);
    meeting_.most = std::max(meeting_.most, ++meeting_.present);
    meeting_.more.notify_all();
    const bool met = meeting_.more.wait_for(lock, std::chrono::seconds(20),
                                            [this] { return meeting_.most >= meeting_.wanted; });
    --meeting_.present;
    if (!met) return absl::DeadlineExceededError("alone");
    const auto& name = static_cast<const membership::v1::GetMemberRequest&>(request).name();
    if (name == "members/x3") return absl::NotFoundError("x3");
    static_cast<membership::v1::Member&>(reply).set_name(name);
    return absl::OkStatus();
  }
  absl::Status Stream(const MethodDescriptor&, const Message&,
                      const std::function<absl::Status(const Message&)>&) override {
    return absl::UnimplementedError("");
  }
  absl::Status Send(const MethodDescriptor&, const std::function<bool(Message&)>&,
                    Message&) override {
    return absl::UnimplementedError("");
  }

 private:
  Meeting& meeting_;
};

class SideBySideTest : public ::testing::Test {
 protected:
  std::vector<SideBySide::Call> Make(Connect connect, size_t count) {
    std::vector<SideBySide::Call> calls;
    for (size_t i = 0; i < count; ++i) {
      auto request = std::make_unique<membership::v1::GetMemberRequest>();
      request->set_name(absl::StrCat("members/x", i));
      calls.push_back({std::move(request), std::make_unique<membership::v1::Member>(), {}});
    }
    SideBySide(first_, std::move(connect)).Make(*(*FindMethod("membership/GetMember")), calls);
    return calls;
  }
  Connect More() {
    return [this] { return std::make_unique<MeetingConnection>(meeting_); };
  }

  Meeting meeting_;
  MeetingConnection first_{meeting_};
};

TEST_F(SideBySideTest, EachCallHasItsReply) {
  const auto calls = Make(More(), 100);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (i == 3) {
      EXPECT_TRUE(absl::IsNotFound(calls[i].status));
      continue;
    }
    EXPECT_TRUE(calls[i].status.ok()) << calls[i].status;
    EXPECT_EQ(static_cast<const membership::v1::Member&>(*calls[i].reply).name(),
              absl::StrCat("members/x", i));
  }
  EXPECT_GE(meeting_.most, 2U);
  EXPECT_LE(meeting_.most, 8U);
}

TEST_F(SideBySideTest, WithoutOtherConnectionsTheyComeOneAfterAnother) {
  meeting_.wanted = 1;
  for (const Connect& connect :
       {Connect(), Connect([] { return absl::UnavailableError("no more"); })}) {
    EXPECT_TRUE(Make(connect, 3)[2].status.ok());
    EXPECT_EQ(meeting_.most, 1U);
  }
}

}  // namespace
}  // namespace baliprocess::balictl
