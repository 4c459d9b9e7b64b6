#include "common/resource/engine/standard_reads.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/resource/contract/clearing.h"
#include "common/resource/contract/request_fields.h"
#include "common/resource/engine/engine.h"
#include "common/resource/query/filter.h"
#include "common/resource/query/order_by.h"
#include "common/resource/store/redactor.h"
#include "common/resource/store/sizes.h"
#include "common/resource/store/table.h"

namespace baliprocess::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using storage::Row;
using storage::Value;

absl::Status Get(Engine& engine, const ResourceType& type, const rpc::Call& call,
                 const Message& request, Message& reply) {
  const auto work = [&](Scope& scope) {
    return scope.GetAnyInto(type, StringField(request, "name"), reply);
  };
  if (Redactor::MayAsk(type, Viewer(call.caller))) return engine.Read(call, request, reply, work);
  return engine.ReadOne(call, request, reply, work);
}

// A batch has no pages: all or none (AIP-231).
absl::Status TooManyToGet(int fitting) {
  return Error(api::v1::Error::TOO_LARGE,
               absl::StrCat("the reply would have more than ", kMaxPageBytes,
                            " bytes: ask for the first ", fitting, " of these names at a time"),
               {{"fits", absl::StrCat(fitting)}});
}

absl::Status BatchGet(Engine& engine, const ResourceType& type, const rpc::Call& call,
                      const Message& request, Message& reply) {
  const auto* reflection = request.GetReflection();
  const FieldDescriptor* names = FieldOf(request, "names");
  const FieldDescriptor* resources = FieldOf(reply, type.plural);
  const std::string parent = StringField(request, "parent");
  const auto work = [&](Scope& scope) -> absl::Status {
    PageBudget page;
    for (int i = 0; i < reflection->FieldSize(request, names); ++i) {
      const std::string name = reflection->GetRepeatedString(request, names, i);
      if (!parent.empty() && !type.pattern.ScopeOf(parent).Contains(type.pattern.Parent(name))) {
        return InvalidField(absl::StrCat("names[", i, "]"), "must be of the parent");
      }
      Message& resource = *reply.GetReflection()->AddMessage(&reply, resources);
      RETURN_IF_ERROR(scope.GetAnyInto(type, name, resource));
      if (!page.Take(resource.ByteSizeLong())) return TooManyToGet(i);
    }
    return absl::OkStatus();
  };
  return engine.Read(call, request, reply, work, {.allow_wildcard_parent = true});
}

// A List in progress: what the request asks for, as SQL.
struct ListQuery {
  std::vector<std::string> conditions;
  std::vector<Value> params;
  OrderBy order;
};

void Restrict(ListQuery& query, Condition condition) {
  query.conditions.push_back(std::move(condition.sql));
  for (Value& param : condition.params) query.params.push_back(std::move(param));
}

absl::StatusOr<ListQuery> PlanList(const ResourceType& type, const rpc::Call& call,
                                   const Message& request) {
  const auto clearance = call.caller.clearance();
  ASSIGN_OR_RETURN(OrderBy order,
                   OrderBy::Parse(StringField(request, "order_by"), type.columns, clearance));
  const bool live = !BoolField(request, "show_deleted");
  ASSIGN_OR_RETURN(Condition filter,
                   CompileFilter(StringField(request, "filter"), type.columns, clearance,
                                 live ? FilteredRows::kLive : FilteredRows::kAny));
  ListQuery query{{}, {}, std::move(order)};
  if (type.parent != nullptr) {
    const ParentScope parents = type.pattern.ScopeOf(StringField(request, "parent"));
    if (parents.kind == ParentScope::Kind::kExact) Restrict(query, {"parent = ?", {parents.text}});
    if (parents.kind == ParentScope::Kind::kSome)
      Restrict(query, {"parent LIKE ?", {parents.text}});
  }
  if (live) Restrict(query, {"delete_time IS NULL", {}});
  Restrict(query, VisibleTo(type, Viewer(call.caller)));
  Restrict(query, std::move(filter));
  return query;
}

absl::Status CheckParent(const ResourceType& type, Scope& scope, const Message& request) {
  if (type.parent == nullptr) return absl::OkStatus();
  const ParentScope parents = type.pattern.ScopeOf(StringField(request, "parent"));
  if (parents.kind != ParentScope::Kind::kExact) return absl::OkStatus();
  return scope.GetAnyInto(*type.parent, parents.text, *type.parent->New());
}

// The rows of a page, and the one after it as far as there is one: message and key.
absl::StatusOr<std::vector<Row>> RowsOf(storage::Transaction& tx, const ResourceType& type,
                                        const ListQuery& query, int page_size) {
  std::vector<Value> params = query.params;
  params.emplace_back(int64_t{page_size} + 1);
  return tx.QueryUpTo({{"message"}, kMaxPageBytes},
                      absl::StrCat("SELECT message, ", query.order.KeySql(), " FROM ", type.plural,
                                   " WHERE ", absl::StrJoin(query.conditions, " AND "),
                                   " ORDER BY ", query.order.Sql(), " LIMIT ?"),
                      params);
}

absl::Status List(Engine& engine, const ResourceType& type, const rpc::Call& call,
                  const Message& request, Message& reply) {
  const int page_size = PageSizeOf(IntField(request, "page_size"));
  const auto work = [&](Scope& scope) -> absl::Status {
    ASSIGN_OR_RETURN(ListQuery query, PlanList(type, call, request));
    RETURN_IF_ERROR(CheckParent(type, scope, request));
    ASSIGN_OR_RETURN(const std::string position, scope.OpenPageToken(request));
    if (!position.empty()) {
      ASSIGN_OR_RETURN(const std::vector<Value> key, query.order.DecodeKey(position));
      Condition after = query.order.After(key);
      after.sql = absl::StrCat("(", after.sql, ")");
      Restrict(query, std::move(after));
    }
    ASSIGN_OR_RETURN(std::vector<Row> rows, RowsOf(scope.tx(), type, query, page_size));
    const FieldDescriptor* resources = FieldOf(reply, type.plural);
    PageBudget page;
    size_t count = 0;
    for (; count < rows.size() && count < static_cast<size_t>(page_size); ++count) {
      if (!page.Take(storage::AsBytes(rows[count][0]).size())) break;
      RETURN_IF_ERROR(
          ParseBody(rows[count][0], *reply.GetReflection()->AddMessage(&reply, resources)));
      rows[count][0] = Value();  // a page is in memory once, not twice
    }
    if (rows.size() > count || page.exceeded()) {
      const std::vector<Value> key(rows[count - 1].begin() + 1, rows[count - 1].end());
      reply.GetReflection()->SetString(&reply, FieldOf(reply, "next_page_token"),
                                       scope.SealPageToken(request, query.order.EncodeKey(key)));
    }
    return absl::OkStatus();
  };
  return engine.Read(call, request, reply, work, {.allow_wildcard_parent = true});
}

}  // namespace

int PageSizeOf(int requested) {
  return requested == 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize);
}

void BindReads(Engine& engine, const ResourceType& type, rpc::MethodTable& table) {
  // What a List costs, its filter decides: it must not hold up the threads that serve the others.
  using Method =
      absl::Status (*)(Engine&, const ResourceType&, const rpc::Call&, const Message&, Message&);
  const std::string& one = type.descriptor->name();
  const std::tuple<std::string, Method, rpc::Execution> methods[] = {
      {"Get" + one, Get, engine.read_execution()},
      {"List" + type.plural_camel, List, rpc::Execution::kPooled},
      {"BatchGet" + type.plural_camel, BatchGet, engine.read_execution()}};
  for (const auto& [name, method, execution] : methods) {
    const MethodDescriptor* descriptor = table.service()->FindMethodByName(name);
    if (descriptor == nullptr) continue;
    const bool settles = type.rules.settle != nullptr;
    table.Unary(descriptor, settles ? rpc::Execution::kPooled : execution,
                [&engine, &type, settles, method = method](rpc::Call& call, const Message& request,
                                                           Message& reply) -> absl::Status {
                  if (settles) engine.Settle(type).IgnoreError();  // the background says it
                  return method(engine, type, call, request, reply);
                });
  }
}

}  // namespace baliprocess::resource
