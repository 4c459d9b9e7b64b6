#include "services/balictl/commands/commands.h"

#include "absl/strings/str_cat.h"

#include "common/base/config.h"
#include "services/balictl/client/connection.h"

namespace baliprocess::balictl {
namespace {

constexpr char kValues[] =
    "How values are written:\n\n"
    "  text          as it is; @FILE for what is in a file; '' clears a field\n"
    "  yes or no     --confidential, --noconfidential\n"
    "  choices       decision-point: in any case, with hyphens or underscores\n"
    "  dates         2025, 2025-02 or 2025-02-14, as precisely as they are known\n"
    "  times         2025-02-14T12:00:00+08:00, or '2025-02-14 12:00 Asia/Jakarta'\n"
    "  times of day  09:30\n"
    "  durations     72h, 30m, 7d, 1h30m\n"
    "  amounts       '2500000 AUD' or 'AUD 2,500,000.50'\n"
    "  names         members/aus; aus where a collection has no parent\n"
    "  lists         the flag once for each element\n"
    "  records       title=Minutes,date=2025-02 within a list, values with commas\n"
    "                in double quotes; or JSON, '{\"title\": \"Minutes\"}'\n\n"
    "`balictl describe meetings` tells what each field takes.";

std::string ConnectionHelp() {
  return HelpOf(Command{.name = "COMMAND",
                        .summary = "",
                        .description = "The flags of every command that asks a server. What the "
                                       "environment says holds where a flag isn't given.",
                        .flags = ConnectionFlags(),
                        .run = nullptr});
}

}  // namespace

std::vector<Command> Commands() {
  return {GetCommand(),        ListCommand(),        CreateCommand(),   UpdateCommand(),
          EditCommand(),       DeleteCommand(),      UndeleteCommand(), HistoryCommand(),
          SearchCommand(),     CompositionCommand(), MeetingCommand(),  ReportCommand(),
          DueCommand(),        CalendarCommand(),    UploadCommand(),   DownloadCommand(),
          FiguresCommand(),    ProgressCommand(),    IatiCommand(),     CallCommand(),
          DescribeCommand(),   MethodsCommand(),     WatchCommand(),    ImportCommand(),
          ExportCommand(),     BackupCommand(),      ErasuresCommand(), RestoreCommand(),
          VerifyCommand(),     HealthCommand(),      WhoAmICommand(),   LoginCommand(),
          LogoutCommand(),     ProfilesCommand(),    UseCommand(),      ProfileCommand(),
          CompletionCommand(), CompleteCommand(),    TokenCommand(),    KeygenCommand()};
}

Program TheProgram() {
  return {Commands(),
          FindOtherCommand,
          {{"values", "How dates, amounts and other values are written", kValues},
           {"connection", "How to reach the server, and as whom", ConnectionHelp()}},
          absl::StrCat(std::string(Version()))};
}

std::vector<Flag> WithConnection(std::vector<Flag> flags) {
  for (Flag& flag : ConnectionFlags()) {
    flag.shared = true;
    flags.push_back(std::move(flag));
  }
  return flags;
}

}  // namespace baliprocess::balictl
