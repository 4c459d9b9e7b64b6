// The schema's checker itself: files that pass it prove nothing unless it notices.

#include "tests/contract/iati_schema.h"

#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"

namespace baliprocess::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kLeast[] = R"(<iati-organisations version="2.03"><iati-organisation>
  <organisation-identifier>A</organisation-identifier>
  <name><narrative>B</narrative></name>
  <reporting-org ref="A" type="40"><narrative>B</narrative></reporting-org>
  <document-link url="u" format="f"><title><narrative>T</narrative></title><category code="A"/>
    <document-date iso-date="2024-02-29"/></document-link>
</iati-organisation></iati-organisations>)";

std::vector<std::string> ViolationsWith(const std::string& text, const std::string& instead) {
  const std::string changed = absl::StrReplaceAll(kLeast, {{text, instead}});
  EXPECT_NE(changed, kLeast);
  return IatiViolations(XmlDocument(changed));
}

TEST(IatiSchemaTest, AcceptsWhatIsRight) {
  EXPECT_THAT(IatiViolations(XmlDocument(kLeast)), IsEmpty());
}

TEST(IatiSchemaTest, NoticesWhatIsWrong) {
  const std::string name = "<name><narrative>B</narrative></name>";
  const std::string category = "<category code=\"A\"/>";
  const std::string title = "<title><narrative>T</narrative></title>";
  EXPECT_THAT(ViolationsWith("<name>", "<nam>"), ElementsAre("the document isn't well-formed"));
  EXPECT_THAT(ViolationsWith(name, ""), ElementsAre("iati-organisation lacks name"));
  EXPECT_THAT(ViolationsWith(name, name + name),
              ElementsAre("iati-organisation has too many of name"));
  EXPECT_THAT(ViolationsWith(title + category, category + title),
              ElementsAre("document-link has title after category"));
  EXPECT_THAT(
      ViolationsWith(category, category + "<colour/>"),
      UnorderedElementsAre("document-link can't contain colour", "the tables don't know colour"));
  EXPECT_THAT(ViolationsWith(" type=\"40\"", ""),
              ElementsAre("reporting-org lacks the attribute type"));
  EXPECT_THAT(ViolationsWith("2024-02-29", "2024-02"),
              ElementsAre("document-date has no day: 2024-02"));
  EXPECT_THAT(ViolationsWith("<narrative>T</narrative>", ""), ElementsAre("title lacks narrative"));
}

}  // namespace
}  // namespace baliprocess::testing
