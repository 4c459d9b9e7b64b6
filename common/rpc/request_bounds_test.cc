#include "common/rpc/request_bounds.h"

#include <google/protobuf/empty.pb.h>

#include "baliprocess/membership/v1/membership_service.pb.h"
#include "common/rpc/test_util.h"

namespace baliprocess::rpc {
namespace {

using ::baliprocess::testing::HasReason;
using ::testing::HasSubstr;

grpc::ByteBuffer BufferOf(const std::string& bytes, size_t slices = 1) {
  std::vector<grpc::Slice> parts;
  const size_t size = bytes.size() / slices + 1;
  for (size_t at = 0; at < bytes.size(); at += size) parts.emplace_back(bytes.substr(at, size));
  return grpc::ByteBuffer(parts.data(), parts.size());
}

template <typename M>
absl::Status Check(const std::string& bytes) {
  MessageShapes shapes;
  const RequestBounds bounds(M::descriptor(), shapes);
  const absl::Status status = bounds.Check(BufferOf(bytes));
  // What the transport's slices are changes nothing.
  EXPECT_EQ(bounds.Check(BufferOf(bytes, 7)), status);
  return status;
}

std::string Repeat(const std::string& bytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += bytes;
  return all;
}

TEST(RequestBoundsTest, ListsHaveTheirMostElements) {
  EXPECT_OK(Check<EchoRequest>(Repeat(std::string("\x1a\0", 2), 3)));
  const absl::Status status = Check<EchoRequest>(Repeat(std::string("\x1a\0", 2), 4));
  EXPECT_THAT(status, HasReason(api::v1::Error::INVALID_FIELDS));
  EXPECT_THAT(status.message(), HasSubstr("notes: must have at most 3 elements"));
}

TEST(RequestBoundsTest, ABatchOfTwoMillionEmptyNamesIsRefused) {
  using membership::v1::BatchGetMembersRequest;
  BatchGetMembersRequest request;
  for (int i = 0; i < 1000; ++i) request.add_names("members/aus");
  EXPECT_OK(Check<BatchGetMembersRequest>(request.SerializeAsString()));
  request.add_names("members/aus");
  EXPECT_THAT(Check<BatchGetMembersRequest>(request.SerializeAsString()),
              HasReason(api::v1::Error::INVALID_FIELDS));
  request.Clear();
  request.add_names("");
  EXPECT_THAT(Check<BatchGetMembersRequest>(Repeat(request.SerializeAsString(), 2'000'000)),
              HasReason(api::v1::Error::INVALID_FIELDS));
}

TEST(RequestBoundsTest, ListsWithinMessagesAndPackedOnesCount) {
  EchoRequest request;
  for (int i = 0; i < 3; ++i) request.add_inner();
  for (int i = 0; i < 5; ++i) request.add_numbers(300);
  for (int i = 0; i < 3; ++i) request.mutable_inner(2)->add_notes("n");
  EXPECT_OK(Check<EchoRequest>(request.SerializeAsString()));
  request.mutable_inner(2)->add_notes("n");
  EXPECT_THAT(Check<EchoRequest>(request.SerializeAsString()).message(),
              HasSubstr("inner[2].notes: must have"));
  request.clear_inner();
  request.add_numbers(0);
  EXPECT_THAT(Check<EchoRequest>(request.SerializeAsString()).message(),
              HasSubstr("numbers: must have at most 5"));
  EXPECT_THAT(Check<EchoRequest>(Repeat(std::string("\x30\x01"), 6)).message(),
              HasSubstr("numbers: must have at most 5"));
}

TEST(RequestBoundsTest, AMessageComesOnce) {
  EchoRequest request;
  request.mutable_last()->add_notes("n");
  const std::string once = request.SerializeAsString();
  EXPECT_OK(Check<EchoRequest>(once));
  EXPECT_THAT(Check<EchoRequest>(once + once), HasReason(api::v1::Error::MALFORMED_REQUEST));
  EXPECT_OK(Check<EchoRequest>(Repeat(std::string("\x0a\x01x"), 2)));  // the last text counts
}

TEST(RequestBoundsTest, FieldsThatAreNotKnownAreFew) {
  const std::string field("\xa0\x06\x01", 3);  // number 100
  EXPECT_OK(Check<EchoRequest>(Repeat(field, 1000)));
  EXPECT_THAT(Check<EchoRequest>(Repeat(field, 1001)), HasReason(api::v1::Error::TOO_LARGE));
  // A field of another wire type than the contract's is one of them.
  EXPECT_THAT(Check<EchoRequest>(Repeat(std::string("\x08\x01"), 1001)),
              HasReason(api::v1::Error::TOO_LARGE));
}

TEST(RequestBoundsTest, BytesAreBoundedByTheFields) {
  MessageShapes shapes;
  const RequestBounds get(membership::v1::GetMemberRequest::descriptor(), shapes);
  EXPECT_LT(get.max_bytes(), 16'000u);  // a name, and room for what isn't known
  EXPECT_THAT(get.Check(BufferOf(std::string(16'000, 'x'))), HasReason(api::v1::Error::TOO_LARGE));
  const RequestBounds create(membership::v1::CreateBodyRequest::descriptor(), shapes);
  EXPECT_GT(create.max_bytes(), size_t{3} << 20);  // the largest resource is 1 MiB
  const RequestBounds empty(google::protobuf::Empty::descriptor(), shapes);
  EXPECT_OK(empty.Check(grpc::ByteBuffer()));
}

TEST(RequestBoundsTest, WhatIsNoMessageIsRefused) {
  for (const std::string& bytes :
       {std::string("\xff"), std::string("\x0a\x05x"), std::string("\x22\x7f\x0a"),
        std::string("\x0b\x0c"), std::string("\x22\x02\x0a\x05x"), std::string("\x32\x02\xff\xff"),
        Repeat(std::string("\x2a\x7f"), 50'000)}) {
    EXPECT_THAT(Check<EchoRequest>(bytes), HasReason(api::v1::Error::MALFORMED_REQUEST));
  }
}

// At the server: nothing is made of such a request.
TEST_F(ServerTest, RequestsPastTheirBoundsReachNoBody) {
  bool reached = false;
  echo_ = [&](Call&, const EchoRequest&, EchoReply&) {
    reached = true;
    return absl::OkStatus();
  };
  Start();
  EXPECT_THAT(CallBytes(*channel_, kEcho, Repeat(std::string("\x1a\0", 2), 100'000)).status,
              HasReason(api::v1::Error::INVALID_FIELDS));
  EXPECT_FALSE(reached);
  EXPECT_OK(CallBytes(*channel_, kEcho, Repeat(std::string("\x1a\0", 2), 3)).status);
}

}  // namespace
}  // namespace baliprocess::rpc
