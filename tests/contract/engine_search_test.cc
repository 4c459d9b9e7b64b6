// Search: who finds what, by which words, in which order; the same on every engine.

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "baliprocess/common/v1/search.pb.h"
#include "common/resource/store/schema.h"
#include "common/resource/store/search.h"
#include "common/resource/store/search_index.h"
#include "tests/contract/membership_fixture.h"

namespace baliprocess::membership {
namespace {

using baliprocess::common::v1::SearchRequest;
using baliprocess::common::v1::SearchResponse;
using baliprocess::common::v1::SearchResult;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::MessageHas;
using ::testing::SizeIs;

class SearchTest : public MembershipTest {
 protected:
  absl::StatusOr<SearchResponse> TrySearch(const SearchRequest& request,
                                           const auth::Caller& caller = Secretariat()) {
    return service_->Call<SearchResponse>(caller, "Search", request);
  }
  SearchResponse Search(const SearchRequest& request, const auth::Caller& caller = Secretariat()) {
    const auto reply = TrySearch(request, caller);
    EXPECT_OK(reply);
    return reply.ok() ? *reply : SearchResponse();
  }
  static SearchRequest For(const std::string& query) {
    SearchRequest request;
    request.set_query(query);
    return request;
  }
  std::vector<std::string> Find(const std::string& query,
                                const auth::Caller& caller = Secretariat()) {
    std::vector<std::string> names;
    const SearchResponse found = Search(For(query), caller);
    for (const SearchResult& result : found.results()) names.push_back(result.name());
    return names;
  }
  void MakeBody(const std::string& id, const std::string& display_name,
                const std::string& mandate = "", const std::string& more = "") {
    ASSERT_OK(Try("CreateBody",
                  absl::StrCat("body_id: '", id, "' body { kind: TASK_FORCE display_name: '",
                               display_name, "' mandate: '", mandate, "' ", more, " }")));
  }
  std::vector<storage::Row> Rows(const std::string& sql) {
    std::vector<storage::Row> rows;
    EXPECT_OK(service_->database().Read([&](storage::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(rows, tx.Query(sql));
      return absl::OkStatus();
    }));
    return rows;
  }
};
INSTANTIATE_ON_ENGINES(SearchTest);

TEST_P(SearchTest, FindsWordsAndTheirBeginningsWhateverTheirAccents) {
  MakeBody("a", "Réunion d’Âge");
  MakeBody("b", "Other");
  for (const char* query : {"réunion", "REUNION", "reun", "age reu", "d'âge", "reu--age", "a"}) {
    EXPECT_THAT(Find(query), ElementsAre("bodies/a")) << query;
  }
  for (const char* query : {"eunion", "reunions", "reunion other", "x"}) {
    EXPECT_THAT(Find(query), IsEmpty()) << query;
  }
}

TEST_P(SearchTest, FindsWordsOfScriptsWithoutBlanks) {
  MakeBody("th", "การค้ามนุษย์เป็นอาชญากรรม");
  MakeBody("km", "ប្រទេសកម្ពុជា");
  MakeBody("lo", "ປະເທດລາວ");
  MakeBody("my", "အစည်းအဝေးမှတ်တမ်း");
  EXPECT_THAT(Find("มนุษย์"), ElementsAre("bodies/th"));
  EXPECT_THAT(Find("កម្ពុជា"), ElementsAre("bodies/km"));
  EXPECT_THAT(Find("ລາວ"), ElementsAre("bodies/lo"));
  EXPECT_THAT(Find("မှတ်တမ်း"), ElementsAre("bodies/my"));
}

TEST_P(SearchTest, TellsTheBestFirst) {
  MakeBody("a1", "Something", "about smuggling of people");
  MakeBody("a2", "Smugglings of the past");
  MakeBody("a3", "Smuggling of people and of goods");
  MakeBody("a4", "Smuggling");
  MakeBody("a5", "Smuggling of goods and of people");
  EXPECT_THAT(Find("smuggling"),
              ElementsAre("bodies/a4", "bodies/a3", "bodies/a5", "bodies/a2", "bodies/a1"));
  EXPECT_THAT(Find("people smuggling"), ElementsAre("bodies/a3", "bodies/a5", "bodies/a1"));
}

TEST_P(SearchTest, TellsWhatItIsAndWhereTheWordsAre) {
  const std::string before = "It was set up a long time ago by all of those who had been there; ";
  MakeBody("ahg", "Ad Hoc Group", before + "it works on Trafficking\\nin persons.");
  SearchResponse found = Search(For("traffick"));
  ASSERT_THAT(found.results(), SizeIs(1));
  EXPECT_EQ(found.results(0).name(), "bodies/ahg");
  EXPECT_EQ(found.results(0).type(), "baliprocess.net/Body");
  EXPECT_EQ(found.results(0).title(), "Ad Hoc Group");
  EXPECT_EQ(found.results(0).snippet(),
            "… by all of those who had been there; it works on Trafficking in persons.");
  found = Search(For("ahg"));  // the id
  ASSERT_THAT(found.results(), SizeIs(1));
  EXPECT_EQ(found.results(0).snippet(), "");
}

TEST_P(SearchTest, FindsOfATypeAndBelowAResource) {
  AddState("aus", "AU");
  MakeBody("wanted", "Wanted");
  MakeBody("wanted-not", "Other");
  for (const char* body : {"wanted", "wanted-not"}) {
    ASSERT_OK(Try("CreateSeat", absl::StrCat("parent: 'bodies/", body,
                                             "' seat_id: 's' seat { member: 'members/aus' role: "
                                             "PARTICIPANT basis: 'wanted' }")));
  }
  EXPECT_THAT(Find("wanted"), SizeIs(4));
  SearchRequest request = For("wanted");
  request.add_types("baliprocess.net/Seat");
  EXPECT_THAT(Search(request).results(), SizeIs(2));
  request.set_parent("bodies/wanted");
  const SearchResponse below = Search(request);
  ASSERT_THAT(below.results(), SizeIs(1));
  EXPECT_EQ(below.results(0).name(), "bodies/wanted/seats/s");
  request.add_types("baliprocess.net/Meeting");
  request.add_types("");
  EXPECT_THAT(BadFields(TrySearch(request).status()), ElementsAre("types[1]", "types[2]"));
}

TEST_P(SearchTest, FindsNothingHidden) {
  for (const char* level : {"PUBLIC", "MEMBERS", "RESTRICTED"}) {
    const std::string id = absl::AsciiStrToLower(level);
    MakeBody(id, "Wanted", "", absl::StrCat("visibility: ", level));
  }
  AddState("aus", "AU");
  ASSERT_OK(Try("CreateSeat", R"(parent: 'bodies/members' seat_id: 's' seat {
      member: 'members/aus' role: PARTICIPANT basis: 'wanted' visibility: PUBLIC })"));
  EXPECT_THAT(Find("wanted"), SizeIs(4));
  EXPECT_THAT(Find("wanted", Observer()),
              ElementsAre("bodies/members", "bodies/public", "bodies/members/seats/s"));
  EXPECT_THAT(Find("wanted", Anyone()), ElementsAre("bodies/public"));
  // Hidden since.
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/public' visibility: RESTRICTED } "
                "update_mask { paths: 'visibility' }"));
  EXPECT_THAT(Find("wanted", Anyone()), IsEmpty());
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/members' visibility: PUBLIC } "
                "update_mask { paths: 'visibility' }"));
  EXPECT_THAT(Find("wanted", Anyone()), ElementsAre("bodies/members", "bodies/members/seats/s"));
}

// A field above the resource: its words are found, and shown, by who may see the field.
TEST_P(SearchTest, FindsNothingByAHiddenField) {
  AddState("aus", "AU");
  ASSERT_OK(Try("CreateOfficial", R"(official_id: 'one' official { display_name: 'One'
      member: 'members/aus' visibility: PUBLIC contact { address: 'Wanted Road' } })"));
  EXPECT_THAT(Find("wanted"), ElementsAre("officials/one"));
  EXPECT_THAT(Find("one wanted"), ElementsAre("officials/one"));
  for (const auth::Caller& caller : {Anyone(), Observer(), MemberOf("members/aus")}) {
    EXPECT_THAT(Find("wanted", caller), IsEmpty());
    EXPECT_THAT(Find("one wanted", caller), IsEmpty());
    EXPECT_THAT(Find("one", caller), ElementsAre("officials/one"));
  }
}

TEST_P(SearchTest, FollowsEveryChange) {
  MakeBody("a", "First");
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/a' display_name: 'Second' } "
                "update_mask { paths: 'display_name' }"));
  EXPECT_THAT(Find("first"), IsEmpty());
  EXPECT_THAT(Find("second"), ElementsAre("bodies/a"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/a'"));
  EXPECT_THAT(Find("second"), IsEmpty());
  ASSERT_OK(Try("UndeleteBody", "name: 'bodies/a'"));
  EXPECT_THAT(Find("second"), ElementsAre("bodies/a"));
  EXPECT_OK(
      Try("CreateBody",
          "body_id: 'b' body { kind: TASK_FORCE display_name: 'Second' } validate_only: true"));
  EXPECT_THAT(Find("second"), ElementsAre("bodies/a"));
  ASSERT_OK(Try("DeleteBody", "name: 'bodies/a'"));
  ASSERT_OK(Try("PurgeDeleted", "name: 'bodies/a' reason: 'x'"));
  EXPECT_THAT(Rows("SELECT word FROM search_words"), IsEmpty());
  EXPECT_THAT(Rows("SELECT name FROM search_records"), IsEmpty());
}

TEST_P(SearchTest, ForgetsWhatIsErased) {
  AddState("aus", "AU");
  ASSERT_OK(Try("CreateOfficial", R"(official_id: 'one' official { display_name: 'Wanted Person'
      member: 'members/aus' other_names { text: 'Wanted' } citations { title: 'On wanted ones' } })"));
  EXPECT_THAT(Find("wanted"), ElementsAre("officials/one"));
  ASSERT_OK(Try("EraseOfficial", "name: 'officials/one'"));
  EXPECT_THAT(Find("wanted"), IsEmpty());
  EXPECT_THAT(Rows("SELECT word FROM search_words WHERE word LIKE 'w%'"), IsEmpty());
}

TEST_P(SearchTest, WritesNoWordsWhereTheyAreTheSame) {
  MakeBody("a", "First");
  ASSERT_OK(service_->database().Write([](storage::Transaction& tx) {
    return tx.Execute("UPDATE search_words SET weight = 1").status();
  }));
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/a' max_chairs: 7 } "
                "update_mask { paths: 'max_chairs' }"));
  EXPECT_THAT(Rows("SELECT word FROM search_words WHERE weight <> 1"), IsEmpty());
  EXPECT_THAT(Find("first"), ElementsAre("bodies/a"));
}

// While programs of two layouts share a store, the older one indexes no words.
TEST_P(SearchTest, AnUpdateMakesUpForAnOlderProgramsOne) {
  MakeBody("a", "First");
  ASSERT_OK(service_->database().Write([](storage::Transaction& tx) -> absl::Status {
    for (const char* sql : {"DELETE FROM search_words", "DELETE FROM search_records",
                            "UPDATE bodies SET layout = layout - 1"}) {
      RETURN_IF_ERROR(tx.Execute(sql).status());
    }
    return absl::OkStatus();
  }));
  ASSERT_OK(Try("UpdateBody",
                "body { name: 'bodies/a' max_chairs: 7 } "
                "update_mask { paths: 'max_chairs' }"));
  EXPECT_THAT(Find("first"), ElementsAre("bodies/a"));
}

TEST_P(SearchTest, PagesFollowEachOther) {
  for (int i = 10; i < 33; ++i) MakeBody(absl::StrCat("b", i), i % 2 == 0 ? "Wanted" : "Wanted x");
  const std::vector<std::string> all = Find("wanted");
  ASSERT_THAT(all, SizeIs(23));
  SearchRequest request = For("wanted");
  request.set_page_size(5);
  std::vector<std::string> paged;
  for (int page = 0; page < 6; ++page) {
    const SearchResponse reply = Search(request);
    EXPECT_LE(reply.results_size(), 5);
    for (const SearchResult& result : reply.results()) paged.push_back(result.name());
    if (reply.next_page_token().empty()) break;
    request.set_page_token(reply.next_page_token());
    // What comes before the place where the next page begins isn't told, nor does it move it.
    if (page == 0) MakeBody("a", "Wanted");
  }
  EXPECT_EQ(paged, all);
  request.set_query("other");
  EXPECT_THAT(TrySearch(request).status(), HasReason(api::v1::Error::INVALID_PAGE_TOKEN));
}

TEST_P(SearchTest, TellsSoManyHitsAtMost) {
  for (int i = 0; i < resource::kMostHits + 1; ++i) MakeBody(absl::StrCat("b", i), "Wanted");
  SearchRequest request = For("wanted");
  request.set_page_size(1000);
  const SearchResponse reply = Search(request);
  EXPECT_EQ(reply.results_size(), resource::kMostHits);
  EXPECT_EQ(reply.next_page_token(), "");
  EXPECT_THAT(Find("wanted b7"), SizeIs(11));  // b7, and b70 to b79
}

TEST_P(SearchTest, RefusesWhatIsNoQuery) {
  EXPECT_THAT(BadFields(TrySearch(For("")).status()), ElementsAre("query"));
  EXPECT_THAT(BadFields(TrySearch(For("?!")).status()), ElementsAre("query"));
  EXPECT_OK(TrySearch(For(std::string(256, 'x'))));
  EXPECT_THAT(BadFields(TrySearch(For(std::string(257, 'x'))).status()), ElementsAre("query"));
  std::vector<std::string> words(resource::kMostQueryWords, "w");
  for (size_t i = 0; i < words.size(); ++i) absl::StrAppend(&words[i], i);
  EXPECT_OK(TrySearch(For(absl::StrJoin(words, " "))));
  words.emplace_back("more");
  EXPECT_THAT(TrySearch(For(absl::StrJoin(words, " "))).status(), MessageHas("at most 16 words"));
}

TEST_P(SearchTest, KeepsSoManyWordsOfAResource) {
  std::string mandate;
  for (int i = 0; mandate.size() < 4950; ++i) absl::StrAppend(&mandate, i, " ");
  MakeBody("a", "Long", mandate);
  const auto words = Rows(
      "SELECT COUNT(*) FROM search_words WHERE record = (SELECT record FROM "
      "search_records WHERE name = 'bodies/a')");
  EXPECT_EQ(storage::AsInt(words[0][0]), resource::kMostIndexedWords);
  EXPECT_THAT(Find("long a"), ElementsAre("bodies/a"));
}

// The store of a program that knew no search.
TEST_P(SearchTest, WordsOfAnOlderStoreAreFilledIn) {
  MakeBody("a", "Wanted");
  ASSERT_OK(service_->database().Write([](storage::Transaction& tx) -> absl::Status {
    for (const char* sql :
         {"DROP TABLE IF EXISTS search_words", "DROP TABLE IF EXISTS search_records",
          "DELETE FROM schema_columns WHERE table_name IN ('search_words', 'search_records')",
          "UPDATE bodies SET layout = 6"}) {
      RETURN_IF_ERROR(tx.Execute(sql).status());
    }
    return tx
        .Execute("UPDATE engine_state SET value = ? WHERE key = 'schema_version'",
                 {storage::Bytes{"6"}})
        .status();
  }));
  Restart();
  EXPECT_THAT(Find("wanted"), ElementsAre("bodies/a"));
}

}  // namespace
}  // namespace baliprocess::membership
