// What a request may hold, judged before anything else.

#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;

class ValidationTest : public MembershipTest {
 protected:
  absl::Status TryBody(std::string_view fields) {
    const std::string kind = fields.rfind("kind:", 0) == 0 ? "" : "kind: TASK_FORCE ";
    return Try("CreateBody", absl::StrCat("body_id: 'x' body { display_name: 'x' ", kind,
                                          std::string(fields), " }"));
  }
};

TEST_P(ValidationTest, NamesEveryViolation) {
  const absl::Status status = Try("CreateBody", R"(request_id: 'x'
      body { max_chairs: -1 parent_body: 'members/aus' mandate: 'a\000b'
             term { start_date { year: 2023 month: 2 day: 30 } }
             citations { uri: 'not a uri' } other_names { text: 'x' language_code: '!' } })");
  EXPECT_THAT(status, HasReason(api::v1::Error::INVALID_FIELDS));
  EXPECT_THAT(BadFields(status),
              ::testing::UnorderedElementsAre(
                  "body.citations[0].title", "body.citations[0].uri", "body.kind",
                  "body.display_name", "body.other_names[0].language_code", "body.parent_body",
                  "body.mandate", "body.term.start_date", "body.max_chairs", "request_id"));
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_P(ValidationTest, OneRuleAtATime) {
  const std::pair<const char*, const char*> cases[] = {
      {"kind: 99", "body.kind"},
      {"kind: KIND_UNSPECIFIED", "body.kind"},
      {"visibility: 99", "body.visibility"},
      {"mandate: 'a\\000b'", "body.mandate"},
      {"mandate: '\\377\\376'", "body.mandate"},
      {"max_chairs: 21", "body.max_chairs"},
      {"term { start_date { year: 2023 month: 2 day: 30 } }", "body.term.start_date"},
      {"term { start_date { month: 2 } }", "body.term.start_date"},
      {"term { start_date { year: 2023 day: 3 } }", "body.term.start_date"},
      {"term { start_date { year: 2024 } end_date { year: 2023 } }", "body.term.end_date"},
      {"term { start_date { year: 2024 month: 5 day: 2 } end_date { year: 2024 month: 4 } }",
       "body.term.end_date"},
      {"parent_body: 'bodies/A'", "body.parent_body"},
      {"parent_body: 'bodies/a/seats/b'", "body.parent_body"},
      {"decision_rules { silence_procedure: true }", "body.decision_rules.minimum_silence"},
      {"decision_rules { silence_procedure: true minimum_silence { seconds: 59 } }",
       "body.decision_rules.minimum_silence"},
      {"decision_rules { silence_procedure: true minimum_silence { seconds: 31622401 } }",
       "body.decision_rules.minimum_silence"},
      {"decision_rules { minimum_silence { seconds: 86400 } }",
       "body.decision_rules.minimum_silence"}};
  for (const auto& [fields, bad] : cases) {
    EXPECT_THAT(BadFields(TryBody(fields)), ElementsAre(bad)) << fields;
  }
  EXPECT_THAT(BadFields(TryBody(absl::StrCat("short_name: '", std::string(51, 'x'), "'"))),
              ElementsAre("body.short_name"));
  EXPECT_OK(TryBody(R"(term { start_date { year: 2024 month: 5 } end_date { year: 2024 } }
      decision_rules { silence_procedure: true minimum_silence { seconds: 864000 } })"));
}

TEST_P(ValidationTest, HoldsForUpdatesToo) {
  AddBody("ahg");
  EXPECT_THAT(BadFields(Try("UpdateBody", "body { name: 'bodies/ahg' kind: 99 max_chairs: 21 }")),
              ElementsAre("body.kind", "body.max_chairs"));
}

TEST_P(ValidationTest, TextIsKeptAsItIs) {
  const std::string text =
      "Bali Process \xE2\x80\x94 \xD0\x91\xD0\xB0\xD0\xBB\xD0\xB8 'x' \"y\" ?\n\t%_";
  v1::CreateBodyRequest request;
  request.set_body_id("ahg");
  request.mutable_body()->set_kind(v1::Body::TASK_FORCE);
  request.mutable_body()->set_display_name(text);
  ASSERT_OK(Call<v1::Body>("CreateBody", request));
  ASSERT_OK_AND_ASSIGN(const v1::Body body, GetBody(Secretariat(), "bodies/ahg"));
  EXPECT_EQ(body.display_name(), text);
}

INSTANTIATE_ON_ENGINES(ValidationTest);

}  // namespace
}  // namespace baliprocess::membership
