#include "services/balictl/commands/commands.h"

#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {

std::vector<Command> Commands() {
  return {GetCommand(),      ListCommand(),   CompositionCommand(), MeetingCommand(),
          CalendarCommand(), UploadCommand(), DownloadCommand(),    FiguresCommand(),
          ProgressCommand(), IatiCommand(),   CallCommand(),        WatchCommand(),
          ImportCommand(),   ExportCommand(), BackupCommand(),      ErasuresCommand(),
          RestoreCommand(),  VerifyCommand(), HealthCommand(),      TokenCommand(),
          KeygenCommand()};
}

std::vector<Flag> WithConnection(std::vector<Flag> flags) {
  for (Flag& flag : ConnectionFlags()) flags.push_back(std::move(flag));
  return flags;
}

}  // namespace baliprocess::balictl
