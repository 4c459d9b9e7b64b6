#include <utility>

#include "absl/strings/str_cat.h"

#include "baliprocess/capacity/v1/figures.pb.h"
#include "baliprocess/capacity/v1/participation.pb.h"
#include "common/base/date.h"
#include "common/base/status_macros.h"
#include "common/resource/engine/standard_reads.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"
#include "services/capacity/figures/figures.h"
#include "services/capacity/figures/methods.h"

namespace baliprocess::capacity {
namespace {

using v1::ListFigureRecordsRequest;
using v1::ListFigureRecordsResponse;

// Records of persons are always RESTRICTED (rules.h): to look through a year of them for whoever
// may see none is work that anyone could ask for.
bool OfPersons(const resource::ResourceType& type) {
  return type.descriptor == v1::Participation::descriptor();
}

// The records of a page that the caller may see, and one more if there is any.
absl::StatusOr<std::vector<storage::Row>> Page(Scope& scope,
                                               const ListFigureRecordsRequest& request,
                                               const std::string& after, int page_size) {
  ASSIGN_OR_RETURN(const Period period, PeriodOf(scope, request.period()));
  const resource::ResourceType& type = RecordTypeOf(scope, request.measure());
  if (OfPersons(type) && scope.caller().clearance() < api::v1::Visibility::RESTRICTED) {
    return std::vector<storage::Row>();
  }
  const Sql records = RecordsOf(scope, request.measure(), request.body(), period,
                                request.undecided() ? Belonging::kUndecided : Belonging::kCertain);
  const Sql visible = VisibleNames(scope, type);
  Sql page;
  page.Add("SELECT name, counts_as, display_name, first_day, last_day FROM (")
      .Add(records.text, records.params)
      .Add(") t WHERE name > ? AND name IN (", {after})
      .Add(visible.text, visible.params)
      .Add(") ORDER BY name LIMIT ?", {int64_t{page_size} + 1});
  return scope.tx().Query(page.text, page.params);
}

void Fill(const storage::Row& row, ListFigureRecordsResponse::Record& record) {
  record.set_name(storage::AsText(row[0]));
  record.set_counts_as(storage::AsText(row[1]));
  record.set_display_name(storage::AsText(row[2]));
  if (storage::IsNull(row[3])) return;
  *record.mutable_date() = DateOf(
      {static_cast<int32_t>(storage::AsInt(row[3])), static_cast<int32_t>(storage::AsInt(row[4]))});
}

}  // namespace

absl::Status ListFigureRecords(Scope& scope, const ListFigureRecordsRequest& request,
                               ListFigureRecordsResponse& reply) {
  ASSIGN_OR_RETURN(const std::string after, scope.OpenPageToken(request));
  const int page_size = resource::PageSizeOf(request.page_size());
  ASSIGN_OR_RETURN(const auto rows, Page(scope, request, after, page_size));
  resource::PageBudget page;
  size_t count = 0;
  for (; count < rows.size() && count < static_cast<size_t>(page_size); ++count) {
    ListFigureRecordsResponse::Record record;
    Fill(rows[count], record);
    if (!page.Take(record.ByteSizeLong())) break;
    *reply.add_records() = std::move(record);
  }
  if (rows.size() > count) {
    reply.set_next_page_token(
        scope.SealPageToken(request, reply.records(reply.records_size() - 1).name()));
  }
  return absl::OkStatus();
}

}  // namespace baliprocess::capacity
