#include "services/gateway/transcoding/http_status.h"

#include <google/protobuf/compiler/importer.h>
#include <gtest/gtest.h>

#include <string>

namespace baliprocess::gateway {
namespace {

using google::protobuf::EnumDescriptor;

class Failures final : public google::protobuf::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int /*column*/,
                const std::string& message) override {
    ADD_FAILURE() << file << ":" << line << ": " << message;
  }
};

// google/rpc/code.proto says the mapping in comments: `// HTTP Mapping: 404 Not Found`.
TEST(HttpStatusTest, IsTheMappingOfGooglesContract) {
  google::protobuf::compiler::DiskSourceTree tree;
  tree.MapPath("", BALI_IMPORTED_PROTOS);
  Failures failures;
  google::protobuf::compiler::Importer importer(&tree, &failures);
  const auto* file = importer.Import("google/rpc/code.proto");
  ASSERT_NE(file, nullptr);
  const EnumDescriptor& codes = *file->FindEnumTypeByName("Code");
  ASSERT_EQ(codes.value_count(), 17);
  for (int i = 0; i < codes.value_count(); ++i) {
    google::protobuf::SourceLocation location;
    ASSERT_TRUE(codes.value(i)->GetSourceLocation(&location));
    const std::string mark = "HTTP Mapping: ";
    const size_t at = location.leading_comments.find(mark);
    ASSERT_NE(at, std::string::npos) << codes.value(i)->name();
    EXPECT_EQ(HttpStatusOf(codes.value(i)->number()),
              std::stoi(location.leading_comments.substr(at + mark.size())))
        << codes.value(i)->name();
  }
  EXPECT_EQ(HttpStatusOf(17), 500);
  EXPECT_EQ(HttpStatusOf(-1), 500);
}

}  // namespace
}  // namespace baliprocess::gateway
