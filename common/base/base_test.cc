#include <limits>
#include <set>

#include "google/rpc/error_details.pb.h"

#include "common/base/clock.h"
#include "common/base/date.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/loopback.h"
#include "common/base/money.h"
#include "common/base/service_name.h"
#include "common/base/term.h"
#include "common/base/text.h"
#include "common/testing/matchers.h"

namespace baliprocess {
namespace {

using ::testing::HasSubstr;

DayRange Days(std::string_view text) { return DaysOf(ParseDate(text).value()); }

google::type::Date MakeDate(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(Date, AcceptsYearMonthAndDayPrecision) {
  EXPECT_FALSE(WhyInvalid(MakeDate(2024, 0, 0)));
  EXPECT_FALSE(WhyInvalid(MakeDate(2024, 2, 0)));
  EXPECT_FALSE(WhyInvalid(MakeDate(2024, 2, 29)));
}

TEST(Date, RefusesDaysThatDoNotExist) {
  EXPECT_THAT(WhyInvalid(MakeDate(2024, 2, 30)).value(), HasSubstr("2024-02 has 29 days"));
  EXPECT_TRUE(WhyInvalid(MakeDate(2023, 2, 29)));
  EXPECT_TRUE(WhyInvalid(MakeDate(2024, 13, 1)));
  EXPECT_TRUE(WhyInvalid(MakeDate(2024, 0, 5)));
  EXPECT_TRUE(WhyInvalid(MakeDate(0, 5, 2)));
  EXPECT_TRUE(WhyInvalid(MakeDate(2024, 1, -1)));
  EXPECT_TRUE(WhyInvalid(MakeDate(10000, 1, 1)));
}

TEST(Date, ParsesWhatItFormatsAndNothingElse) {
  for (const char* text : {"2024", "2024-05", "2024-05-02"}) {
    EXPECT_EQ(FormatDate(ParseDate(text).value()), text);
  }
  for (const char* text : {"", "24", "2024-5", "2024-05-02-01", "2024-02-30", "2024-00", "2024-",
                           "+024", "2024-05-+2", "0000"}) {
    EXPECT_FALSE(ParseDate(text)) << text;
  }
}

TEST(Date, TheDayOfAMomentIsThatOfUtc) {
  const absl::Time midnight = absl::FromUnixSeconds(1709164800);  // 2024-02-29T00:00:00Z
  EXPECT_EQ(FormatDate(DayOf(midnight - absl::Nanoseconds(1))), "2024-02-28");
  EXPECT_EQ(FormatDate(DayOf(midnight)), "2024-02-29");
  EXPECT_EQ(FormatDate(DayOf(midnight + absl::Hours(24))), "2024-03-01");
  EXPECT_EQ(FormatDate(DayOf(absl::FromUnixSeconds(-1))), "1969-12-31");
}

TEST(Date, ComparesAsFarAsPrecisionAllows) {
  EXPECT_EQ(Before(Days("2023-02"), Days("2023-03-01")), Truth::kTrue);
  EXPECT_EQ(Before(Days("2023-02"), Days("2023-02-15")), Truth::kUnknown);
  EXPECT_EQ(Before(Days("2023-02"), Days("2023-02-01")), Truth::kFalse);
  EXPECT_EQ(Before(Days("2023"), Days("2023")), Truth::kUnknown);
  EXPECT_EQ(Before(Days("2024-05-02"), Days("2024-05-02")), Truth::kFalse);
}

TEST(Date, TermsIncludeBothEndsAndOpenOnesHaveNone) {
  EXPECT_EQ(Within(Days("2024-05-02"), Days("2024-05-02"), Days("2024-05-02")), Truth::kTrue);
  EXPECT_EQ(Within(Days("2024-05-02"), std::nullopt, std::nullopt), Truth::kTrue);
  EXPECT_EQ(Within(Days("2024-05-02"), Days("2024-05-03"), std::nullopt), Truth::kFalse);
  EXPECT_EQ(Within(Days("2024-05-02"), Days("2024"), std::nullopt), Truth::kUnknown);
  EXPECT_EQ(Within(Days("2024-05-02"), std::nullopt, Days("2024-05")), Truth::kUnknown);
}

TEST(Date, TermsOverlapWhenTheyShareADay) {
  EXPECT_EQ(Overlap(Days("2024"), Days("2024-06-30"), Days("2024-06-30"), std::nullopt),
            Truth::kTrue);
  EXPECT_EQ(Overlap(Days("2022"), Days("2022-12-31"), Days("2023-01-01"), std::nullopt),
            Truth::kFalse);
  EXPECT_EQ(Overlap(Days("2022"), Days("2023"), Days("2023"), std::nullopt), Truth::kUnknown);
  EXPECT_EQ(Overlap(std::nullopt, std::nullopt, std::nullopt, std::nullopt), Truth::kTrue);
}

TEST(Date, ComesBackFromItsDays) {
  for (const char* text : {"2023", "2023-02", "2024-02-29"}) {
    EXPECT_EQ(FormatDate(DateOf(DaysOf(*ParseDate(text)))), text);
  }
}

TEST(Date, MonthsEndWhereTheyEnd) {
  EXPECT_EQ(AddMonths(20240531, 1), 20240630);
  EXPECT_EQ(AddMonths(20231130, 3), 20240229);
  EXPECT_EQ(AddMonths(20240115, 12), 20250115);
  EXPECT_EQ(NextDay(20231231), 20240101);
}

TEST(Term, IsShorterOrLongerOnlyWhenThatIsCertain) {
  const auto term = [](const char* start, const char* end) {
    return DayTerm{DaysOf(*ParseDate(start)), DaysOf(*ParseDate(end))};
  };
  // Three months to the day.
  EXPECT_FALSE(CertainlyShorter(term("2024-01-01", "2024-03-31"), 3));
  EXPECT_TRUE(CertainlyShorter(term("2024-01-01", "2024-03-30"), 3));
  EXPECT_FALSE(CertainlyLonger(term("2024-01-01", "2024-06-30"), 6));
  EXPECT_TRUE(CertainlyLonger(term("2024-01-01", "2024-07-01"), 6));
  // Months of which the days aren't known.
  EXPECT_FALSE(CertainlyShorter(term("2024-01", "2024-03"), 3));
  EXPECT_TRUE(CertainlyShorter(term("2024-01", "2024-02"), 3));
  EXPECT_FALSE(CertainlyLonger(term("2024-01", "2024-07"), 6));
  EXPECT_TRUE(CertainlyLonger(term("2024-01", "2024-09"), 6));
  EXPECT_FALSE(CertainlyShorter({std::nullopt, DaysOf(*ParseDate("2024"))}, 3));
}

TEST(Money, IsInACurrencyWithUnitsAndNanosOfOneSign) {
  const auto money = [](const char* currency, int64_t units, int32_t nanos) {
    google::type::Money amount;
    amount.set_currency_code(currency);
    amount.set_units(units);
    amount.set_nanos(nanos);
    return amount;
  };
  EXPECT_FALSE(WhyInvalid(money("AUD", 1, 500'000'000)));
  EXPECT_FALSE(WhyInvalid(money("IDR", -1, -1)));
  EXPECT_TRUE(WhyInvalid(money("", 1, 0)));
  EXPECT_TRUE(WhyInvalid(money("aud", 1, 0)));
  EXPECT_TRUE(WhyInvalid(money("XYZ", 1, 0)));
  EXPECT_TRUE(WhyInvalid(money("AUD", 1, -1)));
  EXPECT_TRUE(WhyInvalid(money("AUD", 1, 1'000'000'000)));
  EXPECT_EQ(NanosOf(money("AUD", 9'223'372'036'854'775'807, 999'999'999)) + 1,
            absl::int128(9'223'372'036'854'775'807) * 1'000'000'000 + 1'000'000'000);
  EXPECT_EQ(FormatMoney(money("AUD", 1250, 500'000'000)), "AUD 1250.50");
  EXPECT_EQ(FormatMoney(money("AUD", 0, -5'000'000)), "AUD -0.005");
  EXPECT_EQ(FormatMoney(money("AUD", std::numeric_limits<int64_t>::min(), 0)),
            "AUD -9223372036854775808.00");
}

TEST(Truth, IsThreeValued) {
  EXPECT_EQ(And(Truth::kUnknown, Truth::kFalse), Truth::kFalse);
  EXPECT_EQ(Or(Truth::kUnknown, Truth::kTrue), Truth::kTrue);
  EXPECT_EQ(And(Truth::kUnknown, Truth::kTrue), Truth::kUnknown);
  EXPECT_EQ(Not(Truth::kUnknown), Truth::kUnknown);
}

TEST(Errors, CarryReasonCodeAndMetadata) {
  const absl::Status status = NotFound("members/xyz");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), api::v1::Error::RESOURCE_NOT_FOUND);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(ToRpcStatus(status).details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "baliprocess.net");
  EXPECT_EQ(info.metadata().at("resource"), "members/xyz");
}

TEST(Errors, EveryReasonHasACodeOfItsOwnChoosing) {
  for (int i = 1; i < api::v1::Error::Reason_ARRAYSIZE; ++i) {
    const auto reason = static_cast<ErrorReason>(i);
    const bool internal = Error(reason, "").code() == absl::StatusCode::kInternal;
    EXPECT_EQ(internal, reason == api::v1::Error::INTERNAL_ERROR)
        << api::v1::Error::Reason_Name(reason);
  }
}

TEST(Errors, WrongStateNamesResourceAndState) {
  const absl::Status status = WrongState("meetings/ahg-17", "PLANNED", "only a convened one ends");
  EXPECT_EQ(status.message(), "meetings/ahg-17 is in state PLANNED: only a convened one ends");
  EXPECT_EQ(ReasonOf(status), api::v1::Error::WRONG_STATE);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(ToRpcStatus(status).details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("resource"), "meetings/ahg-17");
  EXPECT_EQ(info.metadata().at("state"), "PLANNED");
}

TEST(Errors, ReportEveryViolation) {
  Violations violations;
  EXPECT_OK(violations.ToStatus());
  violations.Add("member.display_name", "is required");
  violations.Add("member.region_code", "must be two capital letters");
  const auto rpc = ToRpcStatus(violations.ToStatus());
  EXPECT_EQ(ReasonOf(FromRpcStatus(rpc)), api::v1::Error::INVALID_FIELDS);
  google::rpc::BadRequest bad;
  for (const auto& detail : rpc.details()) detail.UnpackTo(&bad);
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).field(), "member.region_code");
}

TEST(Errors, RetryDelayKeepsItsFraction) {
  const auto rpc = ToRpcStatus(
      WithRetryAfter(Error(api::v1::Error::OVERLOADED, "busy"), absl::Milliseconds(1500)));
  google::rpc::RetryInfo retry;
  for (const auto& detail : rpc.details()) detail.UnpackTo(&retry);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(Ids, UuidsAreDistinctAndWellFormed) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(NewUuid());
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(IsUuid(*seen.begin()));
  EXPECT_EQ(seen.begin()->at(14), '4');
  EXPECT_FALSE(IsUuid("not-a-uuid"));
  EXPECT_FALSE(IsUuid("00000000-0000-0000-0000-00000000000g"));
}

TEST(Ids, Sha256IsTheStandardOne) {
  EXPECT_EQ(ToHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Text, IsCutBetweenCharacters) {
  EXPECT_EQ(Cut("abc", 3), "abc");
  EXPECT_EQ(Cut("abcd", 3), "abc...");
  EXPECT_EQ(Cut("ab\u00e9", 3), "ab...");
}

TEST(ServiceName, IsThePartThatPeopleSay) {
  EXPECT_EQ(ShortServiceName("baliprocess.membership.v1.MembershipService"), "membership");
  EXPECT_EQ(ShortServiceName("grpc.health"), "health");
  EXPECT_EQ(ShortServiceName("Service"), "");
  EXPECT_EQ(ShortServiceName(""), "");
}

TEST(Loopback, IsWhatStaysOnThisMachine) {
  for (const char* text :
       {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/a", "unix-abstract:a"}) {
    EXPECT_TRUE(IsLoopback(text)) << text;
  }
  for (const char* text : {"", ":1", "0.0.0.0:1", "10.0.0.1:1", "[::]:1", "127.0.0.1.example:1",
                           "127.example.org:1", "localhost.example.org:1", "x:1"}) {
    EXPECT_FALSE(IsLoopback(text)) << text;
  }
}

TEST(Ids, Sha256OfPartsIsThatOfTheWhole) {
  Sha256Hasher hasher;
  for (const char* part : {"a", "", "bc"}) hasher.Add(part);
  EXPECT_EQ(hasher.Finish(), Sha256("abc"));
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock(absl::FromUnixSeconds(1000));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1000));
  clock.Advance(absl::Minutes(1));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1060));
}

}  // namespace
}  // namespace baliprocess
