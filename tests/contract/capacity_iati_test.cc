// Reporting to the International Aid Transparency Initiative.

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "tests/contract/iati_fixture.h"

namespace baliprocess::capacity {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::XmlDocument;
using v1::IatiExport;

class IatiRecordsTest : public IatiTest {};
INSTANTIATE_ON_ENGINES(IatiRecordsTest);

TEST_P(IatiRecordsTest, CommitmentWithoutAmountIsAFunderAndNoTransaction) {
  AddFigure("trained", "PRACTITIONERS_TRAINED", 348, "2023");
  Add("Programme", "programme", "secondments", R"(body: 'bodies/rso' display_name: 'Secondments'
      term { start_date { year: 2024 month: 1 day: 15 } })");
  AddCommitment("nzl", R"(funder { member: 'members/nzl' } kind: COMMITMENT
      purposes { text: 'Secondments' programme: 'programmes/secondments' }
      purposes { text: 'Cooperation' body: 'bodies/ahg' })");
  const IatiExport exported = Export();
  EXPECT_THAT(Omissions(exported), ElementsAre("commitments/nzl NO_AMOUNT"));
  const XmlDocument file(exported.activity_file().data());
  EXPECT_THAT(file.Select("//transaction"), IsEmpty());
  EXPECT_THAT(file.Select(kBody + "/participating-org[@role='1'][@type='10']/narrative"),
              ElementsAre("State nzl"));
  EXPECT_THAT(file.Select(In("programmes-secondments") + "/participating-org[@role=1]/narrative"),
              ElementsAre("State nzl"));
  EXPECT_THAT(file.Select(kBody + "/participating-org[@role='2']/narrative"),
              ElementsAre("Support Office"));
  EXPECT_THAT(file.Select(kBody + "/participating-org[@role='3']/@ref"),
              ElementsAre(kOrganisation));
  EXPECT_THAT(file.Select(kBody + "/participating-org[@role='4']/narrative"),
              ElementsAre("Support Office", "Ad Hoc Group"));
}

TEST_P(IatiRecordsTest, TransactionsHaveAnAmountADayAndAFunder) {
  AddCommitment("aus", R"(funder { member: 'members/aus' } kind: COMMITMENT
      amount { currency_code: 'AUD' units: 1250 nanos: 500000000 }
      commit_date { year: 2023 month: 7 day: 1 } summary: 'For two years')");
  AddCommitment("iom", R"(funder { member: 'members/iom' } kind: PLEDGE
      amount { currency_code: 'USD' units: 90 } commit_date { year: 2023 month: 8 day: 2 })");
  AddCommitment("late", R"(funder { display_name: 'A Foundation' } kind: COMMITMENT
      amount { currency_code: 'EUR' units: 7 } commit_date { year: 2023 month: 8 })");
  Add("Disbursement", "disbursement", "one", R"(amount { currency_code: 'AUD' units: 1000 }
      disburse_date { year: 2023 month: 9 day: 3 } purpose: 'First half')",
      "commitments/aus");
  Add("Disbursement", "disbursement", "two", R"(amount { currency_code: 'AUD' units: 250 }
      disburse_date { year: 2024 })",
      "commitments/aus");
  const IatiExport exported = Export();
  EXPECT_THAT(Omissions(exported),
              ElementsAre("commitments/aus/disbursements/two NO_DATE", "commitments/late NO_DATE"));
  const XmlDocument file(exported.activity_file().data());
  const std::string transaction = kBody + "/transaction";
  EXPECT_THAT(
      file.Select(transaction + "/@ref"),
      ElementsAre("commitments/aus", "commitments/aus/disbursements/one", "commitments/iom"));
  EXPECT_THAT(file.Select(transaction + "/transaction-type/@code"), ElementsAre("11", "1", "13"));
  EXPECT_THAT(file.Select(transaction + "/transaction-date/@iso-date"),
              ElementsAre("2023-07-01", "2023-09-03", "2023-08-02"));
  EXPECT_THAT(file.Select(transaction + "/value"), ElementsAre("1250.50", "1000.00", "90.00"));
  EXPECT_THAT(file.Select(transaction + "/value/@currency"), ElementsAre("AUD", "AUD", "USD"));
  EXPECT_THAT(file.Select(transaction + "/value/@value-date"),
              ElementsAre("2023-07-01", "2023-09-03", "2023-08-02"));
  EXPECT_THAT(file.Select(transaction + "/description/narrative"),
              ElementsAre("For two years", "First half"));
  EXPECT_THAT(file.Select(transaction + "/provider-org/narrative"),
              ElementsAre("State aus", "State aus", "An Organisation"));
  EXPECT_THAT(file.Select(transaction + "/provider-org/@type"), ElementsAre("10", "10", "40"));
  EXPECT_THAT(file.Select(transaction + "[1]/receiver-org/@ref"), ElementsAre(kOrganisation));
  EXPECT_THAT(file.Select(kBody + "/participating-org[@role='1']/narrative"),
              ElementsAre("State aus", "An Organisation", "A Foundation"));
}

TEST_P(IatiRecordsTest, WorkIsAHierarchyOfWhatHasAFirstDay) {
  Add("Programme", "programme", "dated", R"(body: 'bodies/rso' display_name: 'Dated'
      summary: 'What it is about' uri: 'https://example.org/dated'
      term { start_date { year: 2022 month: 3 day: 1 } end_date { year: 2025 month: 2 day: 28 } })");
  Add("Programme", "programme", "undated",
      "body: 'bodies/rso' display_name: 'Undated' term { start_date { year: 2023 month: 2 } }");
  AddWorkshop("within", "2023-02-06",
              "programme: 'programmes/dated' end_date { year: 2023 month: 2 day: 8 } "
              "venue { city: 'Bangkok' region_code: 'TH' } "
              "partners { party { member: 'members/iom' } } "
              "partners { party { display_name: 'A University' } }");
  AddWorkshop("beside", "2023-05-04",
              "programme: 'programmes/undated' end_date { year: 2023 month: 5 }");
  AddWorkshop("month", "2023-08");
  Add("Activity", "activity", "ahead", R"(body: 'bodies/rso' kind: TRAINING display_name: 'Ahead'
      start_date { year: 2024 month: 9 day: 2 } end_date { year: 2024 month: 9 day: 6 })");
  Add("Activity", "activity", "nowhere",
      "body: 'bodies/rso' kind: DIGITAL display_name: 'Nowhere' state: CANCELLED");
  Add("Activity", "activity", "other", R"(body: 'bodies/ahg' kind: OTHER display_name: 'Other'
      start_date { year: 2023 month: 1 day: 1 })");
  const IatiExport exported = Export();
  EXPECT_THAT(Omissions(exported), ElementsAre("programmes/undated NO_ACTIVITY_DATE",
                                               "activities/month NO_ACTIVITY_DATE",
                                               "activities/nowhere NO_ACTIVITY_DATE"));
  const XmlDocument file(exported.activity_file().data());
  EXPECT_THAT(file.Select("//iati-activity/@hierarchy"), ElementsAre("1", "2", "2", "2", "3"));
  EXPECT_THAT(file.Select("//iati-identifier"),
              ElementsAre("XM-DAC-47125-bodies-rso", "XM-DAC-47125-programmes-dated",
                          "XM-DAC-47125-activities-ahead", "XM-DAC-47125-activities-beside",
                          "XM-DAC-47125-activities-within"));
  EXPECT_THAT(file.Select(kBody + "/related-activity[@type='2']/@ref"),
              ElementsAre("XM-DAC-47125-programmes-dated", "XM-DAC-47125-activities-ahead",
                          "XM-DAC-47125-activities-beside"));
  EXPECT_THAT(file.Select(In("activities-within") + "/related-activity[@type='1']/@ref"),
              ElementsAre("XM-DAC-47125-programmes-dated"));
  // By state and by day: planned, actual.
  EXPECT_THAT(file.Select(In("programmes-dated") + "/activity-date/@type"), ElementsAre("2", "3"));
  EXPECT_THAT(file.Select(In("activities-within") + "/activity-date/@type"), ElementsAre("2", "4"));
  EXPECT_THAT(file.Select(In("activities-within") + "/activity-date/@iso-date"),
              ElementsAre("2023-02-06", "2023-02-08"));
  EXPECT_THAT(file.Select(In("activities-beside") + "/activity-date/@type"), ElementsAre("2"));
  EXPECT_THAT(file.Select(In("activities-ahead") + "/activity-date/@type"), ElementsAre("1", "3"));
  EXPECT_THAT(file.Select("//activity-status/@code"), ElementsAre("2", "2", "1", "4", "4"));
  EXPECT_THAT(file.Select("//recipient-country/@code"), ElementsAre("TH"));
  EXPECT_THAT(file.Select("//recipient-region/@code"), ElementsAre("798", "798", "798", "798"));
  EXPECT_THAT(file.Select(In("activities-within") + "/participating-org[@role='4']/narrative"),
              ElementsAre("Support Office", "An Organisation", "A University"));
  EXPECT_THAT(file.Select(In("programmes-dated") + "/description/narrative"),
              ElementsAre("What it is about"));
  EXPECT_THAT(file.Select(In("programmes-dated") + "/document-link/@url"),
              ElementsAre("https://example.org/dated"));
}

TEST_P(IatiRecordsTest, TheBodyBeginsOnADayThatIsOnRecord) {
  AddFigure("dialogues", "DIALOGUES", 17, "2023");
  AddWorkshop("early", "2022-11-30");
  XmlDocument file(Export().activity_file().data());
  EXPECT_THAT(file.Select(kBody + "/activity-date/@iso-date"), ElementsAre("2022-11-30"));
  EXPECT_THAT(file.Select(kBody + "/activity-date/narrative"),
              ElementsAre("The first day on record"));
  Membership("UpdateBody", R"(body { name: 'bodies/rso' kind: SUPPORT_OFFICE
      display_name: 'Support Office' term { start_date { year: 2012 month: 9 day: 10 } } })");
  file = XmlDocument(Export().activity_file().data());
  EXPECT_THAT(file.Select(kBody + "/activity-date[@type='2']/@iso-date"),
              ElementsAre("2012-09-10"));
  EXPECT_THAT(file.Select(kBody + "/activity-date/narrative"), IsEmpty());
}

TEST_P(IatiRecordsTest, WithoutAnyDayThereIsNoActivityFile) {
  AddCommitment("nzl", "funder { member: 'members/nzl' } kind: COMMITMENT");
  AddWorkshop("month", "2023-08");
  const IatiExport exported = Export();
  EXPECT_EQ(exported.activity_file().data(), "");
  EXPECT_THAT(Omissions(exported),
              ElementsAre("bodies/rso NO_ACTIVITY_DATE", "commitments/nzl NO_AMOUNT",
                          "activities/month NO_ACTIVITY_DATE"));
}

TEST_P(IatiRecordsTest, SectorsAddUpInEachVocabulary) {
  Add("Strategy", "strategy", "adelaide", R"(body: 'bodies/ahg' display_name: 'Strategy'
      uri: 'https://example.org/strategy')");
  std::string areas;
  for (const char* id : {"borders", "law", "returns"}) {
    Add("StrategyArea", "strategy_area", id, absl::StrCat("display_name: 'Area ", id, "'"),
        "strategies/adelaide");
    absl::StrAppend(&areas, " areas: 'strategies/adelaide/areas/", id, "'");
  }
  AddWorkshop("one", "2023-02-06", areas);
  AddWorkshop("two", "2023-02-07");
  const XmlDocument file(Export().activity_file().data());
  const std::string sectors = In("activities-one") + "/sector";
  EXPECT_THAT(file.Select(sectors + "[@vocabulary='1']/@code"), ElementsAre("15190", "15136"));
  EXPECT_THAT(file.Select(sectors + "[@vocabulary='99']/@code"),
              ElementsAre("strategies/adelaide/areas/borders", "strategies/adelaide/areas/law",
                          "strategies/adelaide/areas/returns"));
  EXPECT_THAT(file.Select(sectors + "[@vocabulary='99'][1]/@vocabulary-uri"),
              ElementsAre("https://example.org/strategy"));
  EXPECT_THAT(file.Select(sectors + "[@vocabulary='99'][1]/narrative"),
              ElementsAre("Area borders"));
  EXPECT_THAT(file.Select(kBody + "/sector[@vocabulary='99']"), SizeIs(3));
  EXPECT_THAT(file.Select(In("activities-two") + "/sector[@vocabulary='99']"), IsEmpty());
  for (const char* vocabulary : {"1", "99"}) {
    double total = 0;
    for (const std::string& percentage :
         file.Select(absl::StrCat(sectors, "[@vocabulary='", vocabulary, "']/@percentage"))) {
      double share = 0;
      ASSERT_TRUE(absl::SimpleAtod(percentage, &share));
      total += share;
    }
    EXPECT_DOUBLE_EQ(total, 100) << vocabulary;
  }
}

TEST_P(IatiRecordsTest, ReportedFiguresAreResults) {
  AddFigure("a-2022", "DIALOGUES", 12, "2022");
  AddFigure("b-2023", "DIALOGUES", 17, "2023");
  AddFigure("c-2023", "DIALOGUES", 16, "2023", "Another statement");
  AddFigure("states", "MEMBER_STATES_REACHED", 14, "2023");
  AddFigure("trained", "PRACTITIONERS_TRAINED", 348, "2023");
  // What the records yield isn't added.
  Add("Activity", "activity", "dialogue", R"(body: 'bodies/rso' kind: DIALOGUE state: COMPLETED
      display_name: 'Dialogue' start_date { year: 2023 month: 3 day: 1 })");
  const XmlDocument file(Export().activity_file().data());
  const std::string result = kBody + "/result";
  EXPECT_THAT(file.Select(result + "/title/narrative"),
              ElementsAre("Dialogues of several stakeholders", "Practitioners trained",
                          "Member states that sent practitioners"));
  EXPECT_THAT(file.Select(result + "/@aggregation-status"), ElementsAre("true", "false", "false"));
  EXPECT_THAT(file.Select(result + "/indicator/@aggregation-status"),
              ElementsAre("true", "true", "false", "false"));
  EXPECT_THAT(file.Select(result + "[1]/indicator[1]/period/actual/@value"),
              ElementsAre("12", "17"));
  EXPECT_THAT(file.Select(result + "[1]/indicator[1]/period/period-start/@iso-date"),
              ElementsAre("2022-01-01", "2023-01-01"));
  EXPECT_THAT(file.Select(result + "[1]/indicator[1]/period/period-end/@iso-date"),
              ElementsAre("2022-12-31", "2023-12-31"));
  EXPECT_THAT(file.Select(result + "[1]/indicator[2]/period/actual/@value"), ElementsAre("16"));
  EXPECT_THAT(file.Select(result + "[1]/indicator[2]//comment/narrative"),
              ElementsAre("As reported in: Another statement"));
  EXPECT_THAT(file.Select(result + "[2]//actual/@value"), ElementsAre("348"));
}

TEST_P(IatiRecordsTest, PublicationsAndTextsAreDocuments) {
  AddWorkshop("dated", "2023-02-06");
  AddWorkshop("month", "2023-08");
  const auto publication = [this](const std::string& id, const std::string& fields) {
    Add("Publication", "publication", id,
        absl::StrCat("body: 'bodies/rso' kind: REPORT display_name: 'Title ", id, "' ", fields));
  };
  publication("a", R"(uri: 'https://example.org/a.PDF?x=1' activity: 'activities/dated'
      language_code: 'id-ID' publish_date { year: 2023 month: 3 day: 1 })");
  publication("b", R"(uri: 'https://example.org/b' activity: 'activities/month'
      publish_date { year: 2023 month: 3 })");
  publication("unpublished", "uri: 'https://example.org/c'");
  publication("nowhere", "publish_date { year: 2023 }");
  Add("Strategy", "strategy", "rso", R"(body: 'bodies/rso' display_name: 'Strategy of the office'
      uri: 'https://example.org/strategy')");
  Add("Strategy", "strategy", "other", R"(body: 'bodies/ahg' display_name: 'Of another'
      uri: 'https://example.org/other')");
  const IatiExport exported = Export();
  const XmlDocument file(exported.activity_file().data());
  const std::string document = In("activities-dated") + "/document-link";
  EXPECT_THAT(file.Select(document + "/@url"), ElementsAre("https://example.org/a.PDF?x=1"));
  EXPECT_THAT(file.Select(document + "/@format"), ElementsAre("application/pdf"));
  EXPECT_THAT(file.Select(document + "/title/narrative/@xml:lang"), ElementsAre("id"));
  EXPECT_THAT(file.Select(document + "/language/@code"), ElementsAre("id"));
  EXPECT_THAT(file.Select(document + "/document-date/@iso-date"), ElementsAre("2023-03-01"));
  EXPECT_THAT(file.Select(kBody + "/document-link/title/narrative"), ElementsAre("Title b"));
  EXPECT_THAT(file.Select(kBody + "/document-link/document-date"), IsEmpty());
  EXPECT_THAT(file.Select("//document-link"), SizeIs(2));
  const XmlDocument organisation(exported.organisation_file().data());
  EXPECT_THAT(organisation.Select("//organisation-identifier"), ElementsAre(kOrganisation));
  EXPECT_THAT(organisation.Select("//name/narrative"), ElementsAre("Support Office"));
  EXPECT_THAT(organisation.Select("//reporting-org/@ref"), ElementsAre(kOrganisation));
  EXPECT_THAT(organisation.Select("//document-link/title/narrative"),
              ElementsAre("Strategy of the office"));
}

TEST_P(IatiRecordsTest, FilesSayWhatTheyAre) {
  AddWorkshop("one", "2023-02-06");
  const IatiExport exported = Export();
  for (const std::string& text :
       {exported.organisation_file().data(), exported.activity_file().data()}) {
    EXPECT_EQ(text.find("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), 0U);
    const XmlDocument file(text);
    EXPECT_THAT(file.Select("/*/@version"), ElementsAre("2.03"));
    EXPECT_THAT(file.Select("/*/@generated-datetime"), ElementsAre("2024-05-02T09:00:00Z"));
    EXPECT_THAT(file.Select("/*/*/@xml:lang"), Contains("en"));
  }
}

TEST_P(IatiRecordsTest, CallersGetWhatTheySee) {
  AddCommitment("aus", R"(funder { member: 'members/aus' } kind: COMMITMENT visibility: MEMBERS
      amount { currency_code: 'AUD' units: 5 } commit_date { year: 2023 month: 7 day: 1 })");
  AddCommitment("nzl", "funder { member: 'members/nzl' } kind: COMMITMENT visibility: MEMBERS");
  // Of a commitment that the public doesn't see.
  Add("Disbursement", "disbursement", "one", R"(visibility: PUBLIC
      amount { currency_code: 'AUD' units: 5 } disburse_date { year: 2023 month: 9 day: 3 })",
      "commitments/aus");
  AddWorkshop("public", "2023-02-06");
  AddWorkshop("secret", "2023-02-07", "visibility: RESTRICTED");
  const IatiExport exported = Export(Anyone());
  EXPECT_THAT(exported.omissions(), IsEmpty());
  const XmlDocument file(exported.activity_file().data());
  EXPECT_THAT(file.Select("//transaction"), IsEmpty());
  EXPECT_THAT(file.Select("//participating-org[@role='1']"), IsEmpty());
  EXPECT_THAT(file.Select("//iati-identifier"),
              ElementsAre("XM-DAC-47125-bodies-rso", "XM-DAC-47125-activities-public"));
  EXPECT_THAT(XmlDocument(Export().activity_file().data()).Select("//transaction"), SizeIs(2));
}

TEST_P(IatiRecordsTest, TextIsEscapedAndKeepsItsScript) {
  const std::string name = "<b> & \"c\" \xe0\xb8\xa5";
  AddWorkshop(
      "one", "2023-02-06",
      absl::StrCat("summary: '", absl::StrReplaceAll(name, {{"\"", "\\\""}}), "\\357\\277\\277'"));
  const XmlDocument file(Export().activity_file().data());
  EXPECT_THAT(file.Select(In("activities-one") + "/description/narrative"), ElementsAre(name));
}

TEST_P(IatiRecordsTest, FundersOutlastTheirRecord) {
  AddCommitment("fji", "funder { member: 'members/fji' } kind: COMMITMENT");
  AddWorkshop("one", "2023-02-06");
  Membership("DeleteMember", "name: 'members/fji'");
  EXPECT_THAT(
      XmlDocument(Export().activity_file().data()).Select(kBody + "/participating-org[@role='1']"),
      ElementsAre(::testing::HasSubstr("members/fji")));
}

TEST_P(IatiRecordsTest, RefusesIdentifiersThatIatiForbids) {
  for (const char* identifier :
       {"47125", "XM-DAC", "xm-dac-47125", "XM-DAC-", "XM--47125", "XMX-DAC-47125", "XM-DAC-471 25",
        "XM-DAC-a/b", "XM-DAC-a&b", "XM-DAC-a|b", "XM-DAC-a?b"}) {
    EXPECT_THAT(BadFields(TryExport(identifier).status()), ElementsAre("organisation_identifier"))
        << identifier;
  }
  EXPECT_OK(TryExport("GB-CHC-12.34-a"));
  EXPECT_OK(TryExport(" XM-DAC-1"));  // edges are trimmed of every text
  EXPECT_THAT(TryExport(kOrganisation, "bodies/none"),
              HasReason(api::v1::Error::RESOURCE_NOT_FOUND));
}

}  // namespace
}  // namespace baliprocess::capacity
