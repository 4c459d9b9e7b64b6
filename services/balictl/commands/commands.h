// The commands. What each does is in its help, in its own file.

#ifndef BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_
#define BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_

#include <vector>

#include "services/balictl/program/command_line.h"

namespace baliprocess::balictl {

Command CallCommand();
Command GetCommand();
Command ListCommand();
Command CompositionCommand();
Command MeetingCommand();
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
Command KeygenCommand();

// All of them, in the order of the help.
std::vector<Command> Commands();

// The flags of a command that connects, its own first.
std::vector<Flag> WithConnection(std::vector<Flag> flags);

}  // namespace baliprocess::balictl

#endif  // BALIPROCESS_SERVICES_BALICTL_COMMANDS_COMMANDS_H_
