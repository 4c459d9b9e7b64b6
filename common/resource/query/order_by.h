// The order of a list (AIP-132), and paging by key rather than by offset: a page starts after the
// key of the last row of the page before, so inserts and deletes in between neither repeat nor skip
// rows.
//
//   OrderBy order = OrderBy::Parse("role, update_time desc", columns, clearance)
//   SELECT body, order.KeySql() FROM t WHERE ... AND order.After(key).sql ORDER BY order.Sql()

#ifndef BALIPROCESS_COMMON_RESOURCE_QUERY_ORDER_BY_H_
#define BALIPROCESS_COMMON_RESOURCE_QUERY_ORDER_BY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "baliprocess/api/v1/visibility.pb.h"
#include "common/resource/contract/columns.h"
#include "common/resource/query/filter.h"
#include "common/storage/database.h"

namespace baliprocess::resource {

// What rows are ordered by for a column: a SQL expression that is never NULL.
std::string OrderKeyOf(const Column& column);

class OrderBy {
 public:
  // The most fields besides `name`: with keys cut as described below, page tokens stay below 2,000
  // characters.
  static constexpr int kMaxFields = 3;

  // Parses `a, b desc`. The order always ends with `name` (ascending unless `name desc` is asked
  // for), which makes it total. Empty: by name. Absent dates and times come first, partial dates
  // where their first day would; long texts are ordered by their first 100 characters. Lists can't
  // be ordered by. Errors: INVALID_FIELDS on `order_by`. `columns` needs a text column `name`.
  static absl::StatusOr<OrderBy> Parse(std::string_view order_by,
                                       const std::vector<Column>& columns,
                                       api::v1::Visibility::Level clearance);

  // What follows ORDER BY.
  std::string Sql() const;

  // The key of a row, as a select list. Its last item is `name`.
  std::string KeySql() const;

  // The rows after the one with this key (values of KeySql, as selected or as decoded). By name
  // alone, it is `name > ?`.
  Condition After(const std::vector<storage::Value>& key) const;

  // A key as bytes, for a page token, and back. Bytes that aren't a key of this order are refused
  // with INVALID_PAGE_TOKEN.
  std::string EncodeKey(const std::vector<storage::Value>& key) const;
  absl::StatusOr<std::vector<storage::Value>> DecodeKey(std::string_view bytes) const;

 private:
  struct Part {
    std::string sql;  // never NULL
    ColumnKind kind = ColumnKind::kText;
    bool descending = false;
  };
  std::vector<Part> parts_;
};

}  // namespace baliprocess::resource

#endif  // BALIPROCESS_COMMON_RESOURCE_QUERY_ORDER_BY_H_
