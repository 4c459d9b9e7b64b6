#include <limits>
#include <set>

#include "google/rpc/error_details.pb.h"

#include "common/base/clock.h"
#include "common/base/date.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/loopback.h"
#include "common/base/money.h"
#include "common/base/regions.h"
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

TEST(Money, IsInWhatIsOrWasPaidIn) {
  const auto is_currency = [](const char* code) {
    google::type::Money amount;
    amount.set_currency_code(code);
    return !WhyInvalid(amount);
  };
  for (const char* code : {"AUD", "IDR", "EUR", "XAF", "XDR", "VED", "DEM", "HRK"}) {
    EXPECT_TRUE(is_currency(code)) << code;
  }
  for (const char* code : {"XTS", "XXX", "XAU", "CHE", "USN", "XEU", "CNH", "ABC", "US", "AUDX"}) {
    EXPECT_FALSE(is_currency(code)) << code;
  }
}

TEST(Money, IsInACurrencyOfItsDay) {
  const auto in_use = [](const char* code, const char* date) {
    return IsInUse(code, DaysOf(*ParseDate(date)));
  };
  EXPECT_TRUE(in_use("DEM", "2002-02-28"));
  EXPECT_FALSE(in_use("DEM", "2002-06-01"));  // Montenegro was the last
  EXPECT_TRUE(in_use("DEM", "2002"));
  EXPECT_FALSE(in_use("DEM", "2003"));
  EXPECT_TRUE(in_use("HRK", "2022-12-31"));
  EXPECT_FALSE(in_use("HRK", "2024"));
  EXPECT_TRUE(in_use("XDR", "1990"));
  EXPECT_FALSE(in_use("XTS", "2024"));
  EXPECT_TRUE(IsInUse("AUD", std::nullopt));
  EXPECT_FALSE(IsInUse("DEM", std::nullopt));
}

TEST(Region, IsOneOfToday) {
  for (const char* code : {"GB", "AU", "TL", "TW", "XK", "TR", "MK", "SZ"}) {
    EXPECT_EQ(WhyNotRegion(code), nullptr) << code;
  }
  for (const char* code :
       {"XX", "DD", "YU", "QQ", "ZZ", "AN", "TP", "BU", "EU", "SU", "au", "AUS", "A", ""}) {
    EXPECT_STREQ(WhyNotRegion(code), "the code of a country or territory (ISO 3166-1), such as AU")
        << code;
  }
  EXPECT_STREQ(WhyNotRegion("UK"), "GB, the code of the United Kingdom (ISO 3166-1)");
  EXPECT_EQ(RegionOfAlpha3("AUS"), "AU");
  EXPECT_EQ(RegionOfAlpha3("aus"), "");
  EXPECT_EQ(RegionOfAlpha3("XKX"), "");
}

TEST(Moment, OfATimeThatClocksSkipOrShowTwice) {
  absl::TimeZone sydney;
  ASSERT_TRUE(absl::LoadTimeZone("Australia/Sydney", &sydney));
  absl::TimeZone beirut;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Beirut", &beirut));
  const auto utc = [](absl::Time time) {
    return absl::FormatTime("%d %H:%M", time, absl::UTCTimeZone());
  };
  using Civil = absl::CivilSecond;
  EXPECT_EQ(utc(MomentOf(Civil(2026, 10, 4, 1, 59), sydney)), "03 15:59");
  EXPECT_EQ(utc(MomentOf(Civil(2026, 10, 4, 2, 10), sydney)), "03 16:10");
  EXPECT_EQ(utc(MomentOf(Civil(2026, 10, 4, 3, 10), sydney)), "03 16:10");
  EXPECT_EQ(utc(MomentOf(Civil(2027, 4, 4, 2, 30), sydney)), "03 15:30");
  EXPECT_EQ(utc(MomentOf(Civil(2027, 3, 28, 0, 0), beirut)), "27 22:00");
  EXPECT_EQ(utc(MomentOf(Civil(2027, 3, 28, 0, 45), beirut)), "27 22:45");
}

TEST(Moment, HasADayInEachZone) {
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 11, 26, 21, 21, 0), absl::UTCTimeZone());
  EXPECT_EQ(FormatDate(DayOf(time)), "2026-11-26");
  EXPECT_EQ(FormatDate(DayOf(time, ZoneOf("Asia/Jakarta"))), "2026-11-27");
  EXPECT_EQ(FormatDate(DayOf(time, ZoneOf("Pacific/Honolulu"))), "2026-11-26");
  EXPECT_EQ(FormatDate(DayOf(time, ZoneOf(""))), "2026-11-26");
  EXPECT_EQ(FormatDate(DayOf(time, ZoneOf("Nowhere/At_All"))), "2026-11-26");
}

TEST(Moment, OfAnEndIsLaterThanThatOfTheStart) {
  absl::TimeZone sydney;
  ASSERT_TRUE(absl::LoadTimeZone("Australia/Sydney", &sydney));
  const auto minutes = [&](absl::CivilSecond start, absl::CivilSecond end) {
    const Moments moments = MomentsOf(start, end, sydney);
    return absl::ToInt64Minutes(moments.end - moments.start);
  };
  using Civil = absl::CivilSecond;
  EXPECT_EQ(minutes(Civil(2026, 10, 4, 2, 10), Civil(2026, 10, 4, 2, 50)), 40);
  EXPECT_EQ(minutes(Civil(2026, 10, 4, 2, 30), Civil(2026, 10, 4, 3, 10)), 40);
  EXPECT_EQ(minutes(Civil(2026, 10, 4, 2, 30), Civil(2026, 10, 4, 3, 30)), 60);
  EXPECT_EQ(minutes(Civil(2026, 10, 4, 1, 30), Civil(2026, 10, 4, 4, 30)), 120);
  EXPECT_EQ(minutes(Civil(2027, 4, 4, 2, 30), Civil(2027, 4, 4, 2, 45)), 15);
  EXPECT_EQ(minutes(Civil(2027, 4, 4, 2, 50), Civil(2027, 4, 4, 3, 10)), 80);
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
  ASSERT_EQ(rpc.details_size(), 2);
  EXPECT_TRUE(rpc.details(0).Is<google::rpc::ErrorInfo>()) << "always first";
  EXPECT_TRUE(rpc.details(1).Is<google::rpc::BadRequest>());
  EXPECT_EQ(ReasonOf(FromRpcStatus(rpc)), api::v1::Error::INVALID_FIELDS);
  google::rpc::BadRequest bad;
  for (const auto& detail : rpc.details()) detail.UnpackTo(&bad);
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).field(), "member.region_code");
}

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail found;
  const google::rpc::Status rpc = ToRpcStatus(status);
  for (const auto& detail : rpc.details()) detail.UnpackTo(&found);
  return found;
}

TEST(Errors, ViolationsBeyondTheMostAreCounted) {
  Violations violations;
  for (size_t i = 0; i < kMostViolations; ++i) violations.Add("x", "is required");
  EXPECT_TRUE(violations.full());
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(violations.ToStatus()).metadata_size(), 0);
  for (int i = 0; i < 251; ++i) violations.Add("x", "is required");
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations_size(), 50);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at(kViolationsLeftOut), "251");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "INVALID_FIELDS");
  EXPECT_THAT(std::string(status.message()), ::testing::EndsWith("; and 251 more"));
}

TEST(Errors, ViolationsOfRowsAreCountedTogether) {
  Violations of_a_row;
  for (int i = 0; i < 60; ++i) of_a_row.Add("requests[0].x", "is required");
  RowErrors errors;
  errors.Add("requests[0]", of_a_row.ToStatus());
  errors.Add("requests[1]", absl::OkStatus());
  errors.Add("requests[2]", NotFound("members/x"));
  errors.Add("requests[3]", of_a_row.ToStatus());
  const absl::Status status = errors.ToStatus();
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations_size(), 50);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at(kViolationsLeftOut), "71");
}

TEST(Errors, RetryDelayKeepsItsFraction) {
  const absl::Status status =
      WithRetryAfter(Error(api::v1::Error::OVERLOADED, "busy"), absl::Milliseconds(1500));
  EXPECT_EQ(RetryDelayOf(FromRpcStatus(ToRpcStatus(status))), absl::Milliseconds(1500));
  EXPECT_EQ(RetryDelayOf(NotFound("members/aus")), absl::ZeroDuration());
  // Of who writes the URLs of types with another host.
  google::rpc::Status others = ToRpcStatus(status);
  for (auto& detail : *others.mutable_details()) {
    detail.set_type_url("example.org/" + detail.type_url().substr(detail.type_url().find('/') + 1));
  }
  EXPECT_EQ(RetryDelayOf(FromRpcStatus(others)), absl::Milliseconds(1500));
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
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"", "unix", "unix:", "unix:/a", "unix-abstract:a", "localhost:1", "x"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
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
