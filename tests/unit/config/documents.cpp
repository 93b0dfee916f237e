#include "documents.h"

#include <algorithm>
#include <utility>

#include "core/config/core_settings.h"
#include "core/config/print.h"
#include "core/config/value.h"
#include "core/text/text.h"

namespace asyncd {
namespace {

constexpr std::size_t comment_column = 40;
constexpr std::size_t most_columns = 100;

// A line with a comment behind it; what has no room goes on below.
std::string commented(std::string line, std::string_view comment) {
  std::string out;
  const auto begin_comment = [&] {
    line.resize(std::max(line.size() + 1, comment_column), ' ');
    line += '#';
  };
  begin_comment();
  for (const std::string_view word : split(comment, ' ')) {
    if (line.size() + 1 + word.size() > most_columns) {
      out += std::exchange(line, "") + "\n";
      begin_comment();
    }
    line.append(" ").append(word);
  }
  return out + line + "\n";
}

// Its default; "...": none that holds everywhere.
std::string shown_value(const Setting& setting) {
  const std::string text = default_toml(setting);
  return text.empty() || !setting.expects.empty() ? "..." : text;
}

// The words that it may be beside numbers; how far these go is told elsewhere.
std::string words(const Setting& setting) {
  if (setting.type == SettingType::choice || !setting.expects.empty()) return bounds(setting);
  if (setting.may_be_off) return " (or \"off\")";
  return setting.may_be_unlimited ? " (or \"unlimited\")" : "";
}

std::string file_line(const Setting& setting) {
  const bool is_listeners = setting.section == "listener";
  std::string line = setting.key + " = ";
  line += is_listeners && setting.key == "handler" ? "\"square\"" : shown_value(setting);
  if (!setting.framing.empty())
    line = "#   " + line;
  else if (!is_listeners)
    line = "# " + line;
  return commented(line, setting.doc + words(setting));
}

std::string default_file(const Schema& schema) {
  std::string out =
      "# asyncd's configuration. Lines that begin with \"# key =\" show the defaults.\n"
      "# Every setting:  docs/settings.md, or asyncd config --default\n"
      "# Is it right:    asyncd check -c FILE       What is in effect:  asyncd config --origin\n"
      "# Try it:         echo 12 | nc -N 127.0.0.1 8080\n\n" +
      commented("# handler_path = []", handler_path_doc);
  std::string section;
  const auto end_section = [&] {
    if (section == "listener")
      out += commented("# idle_timeout = \"1m\"",
                       "and any other key of [limits] but memory, for this listener alone");
  };
  for (const Setting& setting : all_settings(schema)) {
    if (setting.section != section) {
      end_section();
      section = setting.section;
      out += (section.find('.') != section.npos ? "\n# " : "\n") + header(section) + "\n";
    }
    out += file_line(setting);
  }
  out += "\n# [handler.square]\n";
  for (const Setting& setting : handler_table().settings) out += file_line(setting);
  return out + commented("# ...", "and the options of the handler: 'asyncd handlers' lists them");
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

// What it may be: as bounds tells, without what stands around that.
std::string allowed(const Setting& setting) {
  const std::string text = bounds(setting);
  if (text.empty()) return expected_value(setting);
  const std::string inner = text.substr(2, text.size() - 3);
  return inner.starts_with("or ")
             ? "at least " + format_value(setting, setting.least) + ", " + inner
             : inner;
}

std::string table_row(const Setting& setting) {
  const std::string text = default_toml(setting);
  const std::string anew = setting.reload == Reload::listener ? " (anew)" : "";
  std::string shown = text.empty() ? "none" : code(text);
  if (!setting.varies.empty()) shown = "varies";
  return "| " + code(setting.key) + " | " + shown + " | " + allowed(setting) + " | " + setting.doc +
         anew + " |\n";
}

std::string table_of(const std::string& title, const std::string& more, SettingTable settings) {
  std::string out = "\n## " + title + "\n\n" + more +
                    "| setting | default | may be | meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : settings) out += table_row(setting);
  return out;
}

std::string settings_page(const Schema& schema) {
  std::string out =
      "# Settings\n"
      "\n"
      "Each of them may stand in the configuration file, behind `-o`, and in the environment:\n"
      "\n"
      "| in the file | for one run | in the environment |\n"
      "|---|---|---|\n"
      "| `idle_timeout = \"5s\"` below `[limits]` | `-o limits.idle_timeout=5s` | "
      "`ASYNCD_LIMITS_IDLE_TIMEOUT=5s` |\n"
      "| `backend = \"epoll\"` below `[[listener]]` | `-o listener.backend=epoll`: of all "
      "listeners; `-o listener.main.backend=epoll`: of the one that is called main | "
      "`ASYNCD_LISTENER_BACKEND=epoll`, `ASYNCD_LISTENER_MAIN_BACKEND=epoll` |\n"
      "| `handler_path = [\"/a\", \"/b\"]` above all tables | `-o handler_path=/a:/b` | "
      "`ASYNCD_HANDLER_PATH=/a:/b` |\n"
      "\n"
      "A reload takes every changed value; where *anew* stands, it begins the listener anew.\n"
      "[conf/asyncd.toml](../conf/asyncd.toml) has all settings in a file. `handler_path` stands "
      "in none of\n"
      "the tables: " +
      std::string(handler_path_doc) + ".\n";
  const auto all = all_settings(schema);
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), [&](const Setting& setting) {
      return setting.section != begin->section;
    });
    const bool is_listeners = begin->section == "listener";
    out += table_of(code(header(begin->section)),
                    is_listeners ? "A listener may also have each of `[limits]` but `memory`, for "
                                   "itself alone.\n\n"
                                 : "",
                    {begin, end});
    begin = end;
  }
  return out + table_of(code("[handler.NAME]"),
                        "Beside these a handler has options of its own: `asyncd handlers` lists "
                        "them.\n\n",
                        handler_table().settings);
}

}  // namespace

std::vector<Document> settings_documents(const Schema& schema) {
  return {{"conf/asyncd.toml", default_file(schema)}, {"docs/settings.md", settings_page(schema)}};
}

}  // namespace asyncd
