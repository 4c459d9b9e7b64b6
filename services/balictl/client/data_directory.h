// Records in files that people read and edit: DIR/<service>/<collection>.json, such as
// membership/bodies.json, each a JSON array of resources with their names.

#ifndef BALIPROCESS_SERVICES_BALICTL_CLIENT_DATA_DIRECTORY_H_
#define BALIPROCESS_SERVICES_BALICTL_CLIENT_DATA_DIRECTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "services/balictl/contract/contract.h"

namespace baliprocess::balictl {

struct Record {
  // Where it is written: `membership/bodies.json:12: bodies/ahg`.
  std::string place;
  std::string directory;  // in which files of it are
  const ResourceKind* kind = nullptr;
  std::string name;
  std::unique_ptr<google::protobuf::Message> resource;
  // The paths of the fields that it gives, `term.start_date`: others stay as they are. Empty: it
  // gives the record as a whole.
  std::vector<std::string> fields = {};
};

struct DataSet {
  std::vector<Record> records;
  // Everything that is wrong, a line or more for each, with its place. The records are of use only
  // when there is none.
  std::vector<std::string> problems;
};

// Reads all records below `directory`, in the order of files and elements, and judges each by the
// rules of its contract, and the content of a document by what its record says. Texts come in the
// form in which they are kept (text_form.h). A file that isn't JSON is a problem where files of
// records are, DIR/<service>; elsewhere it is left aside, as hidden ones are.
DataSet ReadDataSet(const std::string& directory);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_CLIENT_DATA_DIRECTORY_H_
