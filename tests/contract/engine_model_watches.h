// Watches that a model follows: opened and read at random, resumed from anywhere.

#ifndef BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_WATCHES_H_
#define BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_WATCHES_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "baliprocess/common/v1/changes.pb.h"
#include "tests/contract/engine_model.h"
#include "tests/contract/engine_model_random.h"
#include "tests/contract/service_fixture.h"
#include "tests/contract/watch_reader.h"

namespace baliprocess::membership {

// A change, to compare: as it was told, and as it must be.
std::string LineOf(const common::v1::Change& change);
std::string LineOf(const LogEntry& entry);

// Each method fails the test when a watch isn't told what it must be.
class ModelWatches {
 public:
  // Both outlive the watches.
  ModelWatches(const Model& model, Random& random) : model_(model), random_(random) {}

  // Opens a watch of what comes next, of everything, or from somewhere in the past.
  void OpenAny(testing::LocalService& service);
  void ReadAny();
  void ReadAll();

  // Waits until the last change is told: on PostgreSQL that is when no earlier one can come any
  // more, which may take a moment.
  void AwaitLastChange(testing::LocalService& service) const;

  // Before the service ends, and when another one is there: watches go on where they were.
  void Stop();
  void GoOn(testing::LocalService& service);

  // What was done how often.
  const std::map<std::string, int>& done() const { return done_; }

 private:
  using Copy = std::map<std::string, std::string>;  // of the resources: bytes by name

  // A place in the history, and what is known to who has read up to it.
  struct Bookmark {
    std::string token;
    size_t next = 0;  // in the model's log
    Copy known;
  };
  struct Watch {
    std::unique_ptr<testing::WatchReader> reader;
    Bookmark at;
  };

  static void Replay(const common::v1::Change& change, Copy& copy);
  Copy CopyOfModel() const;
  void Open(testing::LocalService& service, const common::v1::WatchChangesRequest& request,
            const Bookmark& at);
  void ResumeAt(testing::LocalService& service, const Bookmark& bookmark);
  void Read(size_t index);
  void ReadCompacted(size_t index);
  void Keep(Bookmark bookmark);

  const Model& model_;
  Random& random_;
  std::vector<Watch> watches_;
  std::vector<Bookmark> bookmarks_;
  std::map<std::string, int> done_;
};

}  // namespace baliprocess::membership

#endif  // BALIPROCESS_TESTS_CONTRACT_ENGINE_MODEL_WATCHES_H_
