// The commands. What each does is in its help, in its own file.

#ifndef BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_
#define BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_

#include <vector>

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

Command CreateCommand();
Command UpdateCommand();
Command DeleteCommand();
Command UndeleteCommand();
Command EditCommand();
Command HistoryCommand();
Command DescribeCommand();
Command MethodsCommand();
Command CallCommand();
Command GetCommand();
Command ListCommand();
Command CompositionCommand();
Command MeetingCommand();
Command DueCommand();
Command SearchCommand();
Command CalendarCommand();
Command UploadCommand();
Command DownloadCommand();
Command FiguresCommand();
Command ProgressCommand();
Command IatiCommand();
Command WatchCommand();
Command ImportCommand();
Command ExportCommand();
Command BackupCommand();
Command ErasuresCommand();
Command RestoreCommand();
Command VerifyCommand();
Command HealthCommand();
Command TokenCommand();
Command WhoAmICommand();
Command CompletionCommand();
Command CompleteCommand();
Command KeygenCommand();
Command ReportCommand();
Command ProfilesCommand();
Command ProfileCommand();
Command UseCommand();
Command LoginCommand();
Command LogoutCommand();

// All of them, in the order of the help.
std::vector<Command> Commands();

// A collection and what to do with it: `meetings convene`.
absl::StatusOr<Command> FindOtherCommand(std::vector<std::string>& words);

// balictl: the commands, and pages of help besides.
Program TheProgram();

// The flags of a command that connects, its own first.
std::vector<Flag> WithConnection(std::vector<Flag> flags);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_
