#include "services/meetings/content_store.h"

#include <utility>

#include "common/base/status_macros.h"

namespace baliprocess::meetings {

using storage::Bytes;
using storage::Row;
using storage::Transaction;

absl::StatusOr<std::optional<UploadState>> FindUpload(Transaction& tx, const ContentKey& key) {
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query("SELECT size_bytes, received_bytes FROM document_uploads "
                            "WHERE document = ? AND sha256 = ?",
                            {key.document, key.sha256}));
  if (rows.empty()) return std::nullopt;
  return UploadState{storage::AsInt(rows[0][0]), storage::AsInt(rows[0][1])};
}

absl::Status BeginUpload(Transaction& tx, const ContentKey& key, int64_t size_bytes, absl::Time now,
                         absl::Time stale) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> old,
      tx.Query("SELECT document, sha256 FROM document_uploads WHERE update_time < ? LIMIT 10",
               {absl::ToUnixMicros(stale)}));
  for (const Row& row : old) {
    RETURN_IF_ERROR(DropUpload(tx, {storage::AsText(row[0]), storage::AsText(row[1])}));
  }
  RETURN_IF_ERROR(DropUpload(tx, key));
  return tx.Send(
      "INSERT INTO document_uploads (document, sha256, size_bytes, received_bytes, "
      "update_time) VALUES (?, ?, ?, 0, ?)",
      {key.document, key.sha256, size_bytes, absl::ToUnixMicros(now)});
}

absl::Status AppendChunk(Transaction& tx, const ContentKey& key, int64_t position, std::string data,
                         absl::Time now) {
  const auto size = static_cast<int64_t>(data.size());
  RETURN_IF_ERROR(
      tx.Send("INSERT INTO document_chunks (document, sha256, position, size, data) "
              "VALUES (?, ?, ?, ?, ?)",
              {key.document, key.sha256, position, size, Bytes{std::move(data)}}));
  return tx.Send(
      "UPDATE document_uploads SET received_bytes = ?, update_time = ? "
      "WHERE document = ? AND sha256 = ?",
      {position + size, absl::ToUnixMicros(now), key.document, key.sha256});
}

absl::Status DropUpload(Transaction& tx, const ContentKey& key) {
  ASSIGN_OR_RETURN(const std::optional<UploadState> upload, FindUpload(tx, key));
  // Without an upload the bytes are those of content that is kept.
  if (!upload) return absl::OkStatus();
  for (const char* table : {"document_chunks", "document_uploads"}) {
    RETURN_IF_ERROR(
        tx.Send(std::string("DELETE FROM ") + table + " WHERE document = ? AND sha256 = ?",
                {key.document, key.sha256}));
  }
  return absl::OkStatus();
}

absl::Status KeepContent(Transaction& tx, const ContentKey& key) {
  return tx.Send("DELETE FROM document_uploads WHERE document = ? AND sha256 = ?",
                 {key.document, key.sha256});
}

absl::StatusOr<bool> IsKept(Transaction& tx, const ContentKey& key) {
  ASSIGN_OR_RETURN(const std::optional<UploadState> upload, FindUpload(tx, key));
  if (upload) return false;
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query("SELECT 1 FROM document_chunks WHERE document = ? AND sha256 = ? AND position = 0",
               {key.document, key.sha256}));
  return !rows.empty();
}

absl::StatusOr<std::string> ReadChunk(Transaction& tx, const ContentKey& key, int64_t position,
                                      size_t most) {
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query(
          "SELECT substr(data, CAST(? - position + 1 AS INTEGER), CAST(? AS INTEGER)) "
          "FROM document_chunks WHERE document = ? AND sha256 = ? AND position <= ? AND "
          "position + size > ? ORDER BY position DESC LIMIT 1",
          {position, static_cast<int64_t>(most), key.document, key.sha256, position, position}));
  return rows.empty() ? std::string() : storage::AsBytes(rows[0][0]);
}

}  // namespace baliprocess::meetings
