// A matrix without servers: what is said of it, and what comes back from a file.
#include <gtest/gtest.h>

#include "cmd/bench/show/chart.h"
#include "cmd/bench/show/matrix_output.h"
#include "cmd/bench/show/report.h"
#include "core/text/path_text.h"
#include "tests/support/temporary_folder.h"

namespace asyncd::bench {

namespace {

using std::chrono::microseconds;

CellResult result(const std::string& name, double rate) {
  CellResult made{.variant = name};
  for (int i = 0; i < 5; ++i) made.rates.push_back(rate + i);
  for (int i = 1; i <= 100; ++i) made.latency.record(microseconds(i));
  made.cpu_per_message = 1500;
  return made;
}

Matrix made_matrix() {
  Matrix matrix;
  matrix.time = "2026-01-02T03:04:05Z";
  matrix.handlers = {"square"};
  matrix.data = "int:0..9";
  matrix.load = "closed";
  matrix.repeats = 5;
  matrix.duration = std::chrono::seconds(2);
  matrix.same = Interval{0.98, 1.01, 1.02};
  matrix.cells.push_back({.connections = 64, .depth = 2});
  matrix.cells[0].results = {result("select", 1000), result("proactor", 2000),
                             result("<odd & \"quoted\">", 2001)};
  matrix.cells[0].results.push_back({.variant = "blocking", .skipped = "serves 1 at a time"});
  matrix.verdict = {Validity::suspect, {{Validity::suspect, "a reason"}}};
  compare_cells(matrix);
  return matrix;
}

// What read_results makes of this content.
Result<Results> read_back(const std::string& content) {
  const test::TemporaryFolder folder;
  const auto path = folder / "results.json";
  test::write_file(path, content);
  return read_results(path_text(path));
}

TEST(Matrix, EachPairIsCompared) {
  const Matrix matrix = made_matrix();
  const auto& pairs = matrix.cells[0].pairs;
  ASSERT_EQ(pairs.size(), 3U);  // blocking has no figures
  EXPECT_TRUE(pairs[0].shown);
  EXPECT_NEAR(pairs[0].ratio.middle, 0.5, 0.01);
  EXPECT_FALSE(pairs[2].shown);
  EXPECT_EQ(verdict_on({0, 1, {0.5, 0.5, 0.5}, true}, 5), "2.00x slower [2.00x .. 2.00x]");
  EXPECT_EQ(verdict_on({0, 1, {1.1, 1.2, 1.3}, true}, 5), "1.20x faster [1.10x .. 1.30x]");
  EXPECT_EQ(verdict_on({0, 1, {0.9, 1.2, 1.3}, false}, 5), "no difference shown [0.90x .. 1.30x]");
  EXPECT_EQ(verdict_on({0, 1, {1.1, 1.2, 1.3}, false}, 4),
            "1.20x as fast; for a verdict 5 repeats are needed");
}

TEST(Matrix, TheTableSaysWhatCouldNotBeMeasured) {
  const std::string table = matrix_table(made_matrix());
  for (const char* words :
       {"64 connections, 2 messages under way on each",
        "differed 1.01x [0.98x .. 1.02x]: a difference below 1.02x is noise.",
        "-  serves 1 at a time", "1,002", "1.50 us", "verdict   SUSPECT", "- a reason",
        "select            2.00x faster", "proactor          no difference shown"})
    EXPECT_NE(table.find(words), table.npos) << words << " in\n" << table;
}

TEST(Matrix, CsvQuotesWhatWouldBreakIt) {
  Matrix matrix = made_matrix();
  matrix.cells[0].results.push_back({.variant = "a,b", .skipped = "takes 1,024 at most"});
  const std::string csv = matrix_csv(matrix);
  for (const char* row :
       {"64,2,blocking,serves 1 at a time,,,,,,\n", "64,2,select,,1002.0,",
        "64,2,\"a,b\",\"takes 1,024 at most\",,,,,,\n", "64,2,\"<odd & \"\"quoted\"\">\",,2003.0,"})
    EXPECT_NE(csv.find(row), csv.npos) << row << " in\n" << csv;
}

TEST(Matrix, WhoAnsweredNothingIsComparedWithNobody) {
  for (const std::size_t dead : {0, 1}) {
    Matrix matrix = made_matrix();
    matrix.cells[0].results.resize(2);
    matrix.cells[0].results[dead].rates.assign(5, 0);
    compare_cells(matrix);
    EXPECT_TRUE(matrix.cells[0].pairs.empty());
    const std::string table = matrix_table(matrix);
    EXPECT_NE(table.find("  -  answered nothing\n"), table.npos) << table;
    EXPECT_EQ(table.find("against"), table.npos) << table;
  }
}

TEST(Matrix, WhereOneRepeatAnsweredNothingTheOthersAreCompared) {
  Matrix matrix = made_matrix();
  matrix.cells[0].results[2].rates[3] = 0;
  compare_cells(matrix);
  EXPECT_EQ(matrix.cells[0].pairs.size(), 1U);
  const std::string table = matrix_table(matrix);
  EXPECT_NE(table.find("  proactor against\n    select"), table.npos) << table;
}

TEST(Matrix, NoiseThatWasNotMeasuredIsNotMadeUp) {
  Matrix matrix = made_matrix();
  matrix.same.reset();
  EXPECT_NE(matrix_table(matrix).find("How much two that are the same differ was not measured.\n"),
            std::string::npos);
  const Result<Results> results = read_back(matrix_json(matrix));
  ASSERT_TRUE(results) << results.error().message;
  EXPECT_FALSE(std::get<Matrix>(results->content).same);
}

TEST(Matrix, ComesBackFromItsFile) {
  const Matrix matrix = made_matrix();
  const Result<Results> results = read_back(matrix_json(matrix));
  ASSERT_TRUE(results) << results.error().message;
  EXPECT_EQ(matrix_table(std::get<Matrix>(results->content)), matrix_table(matrix));
  EXPECT_EQ(matrix_csv(std::get<Matrix>(results->content)), matrix_csv(matrix));
}

TEST(Results, OtherFilesAreRefused) {
  for (const char* content :
       {"", "[]", "{}", "no json", R"({"schema":"asyncd.bench/1","kind":"other"})",
        R"({"schema":"asyncd.bench/1","kind":"matrix","time":7})"}) {
    const Result<Results> results = read_back(content);
    ASSERT_FALSE(results) << content;
    EXPECT_NE(results.error().message.find("is no result of asyncd bench"), std::string::npos);
  }
  EXPECT_NE(read_back(R"({"schema":"asyncd.bench/2","kind":"run"})")
                .error()
                .message.find("another version of asyncd"),
            std::string::npos);
  EXPECT_EQ(read_results("/none/such.json").error().code, ExitCode::not_found);
  EXPECT_EQ(read_results(".").error().code, ExitCode::not_found);
}

TEST(Results, OfTheSameServersAreCompared) {
  const Results one{"one.json", made_matrix(), {}}, other{"other.json", made_matrix(), {}};
  const Result<std::string> text = compare_results(one, other);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("select, 64 connections, depth 2"), text->npos) << *text;
  EXPECT_NE(text->find("B against A: no difference shown"), text->npos) << *text;
  Matrix elsewhere = made_matrix();
  elsewhere.cells[0].connections = 1;
  const Result<std::string> alone = compare_results({"a", elsewhere, {}}, {"b", elsewhere, {}});
  ASSERT_TRUE(alone);
  EXPECT_NE(alone->find("select, 1 connection, depth 2\n"), alone->npos) << *alone;
  EXPECT_FALSE(compare_results(one, {"other.json", elsewhere, {}}));
  EXPECT_FALSE(compare_results(one, {"run.json", bench::Run{}, {}}));
}

std::string compared(const bench::Run& one, const bench::Run& other) {
  const Result<std::string> text = compare_results({"a", one, {}}, {"b", other, {}});
  return text ? *text : text.error().message;
}

TEST(Results, RunsWithoutWholeSecondsHaveTheirRate) {
  const std::string text =
      compared({.title = "one", .rate = 2000}, {.title = "other", .rate = 3000});
  for (const char* words :
       {"   2,000 a second, of less than one, p50", "   3,000 a second, of less than one, p50",
        "B against A: 1.50x as fast; for a verdict 5 seconds of each are needed"})
    EXPECT_NE(text.find(words), text.npos) << words << " in\n" << text;
}

TEST(Results, WhoAnsweredNothingHasNoSpeed) {
  const std::vector<Second> seconds(5, {.length = std::chrono::seconds(1), .answered = 100});
  const std::vector<Second> silent(5, {.length = std::chrono::seconds(1)});
  const bench::Run good{.seconds = seconds, .rate = 100}, dead{.seconds = silent, .rate = 0};
  EXPECT_NE(compared(good, good).find("B against A: no difference shown [1.00x .. 1.00x]"),
            std::string::npos);
  EXPECT_NE(compared(good, dead).find("\nB answered nothing, so there is no speed"),
            std::string::npos);
  EXPECT_NE(compared(dead, good).find("\nA answered nothing, so there is no speed"),
            std::string::npos);
  EXPECT_NE(compared(dead, dead).find("\nboth answered nothing, so there is no speed"),
            std::string::npos);
  Matrix matrix = made_matrix();
  matrix.cells[0].results[0].rates.assign(5, 0);
  const Result<std::string> text = compare_results({"a", made_matrix(), {}}, {"b", matrix, {}});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("  B answered nothing, so there is no speed to compare\n"), text->npos)
      << *text;
}

TEST(Results, WhatOthersTookAndWhatEndedIsReadBack) {
  Matrix matrix = made_matrix();
  matrix.contention = Contention{{}, {0.5, 0}, {0.25, 0.125}};
  matrix.cells[0].results[0].reopened = 1200;
  const Result<Results> results = read_back(matrix_json(matrix));
  ASSERT_TRUE(results);
  const Matrix& read = std::get<Matrix>(results->content);
  ASSERT_TRUE(read.contention);
  EXPECT_EQ(read.contention->stolen, std::nullopt);
  EXPECT_EQ(read.contention->client.throttled, 0.5);
  EXPECT_EQ(read.contention->server.waiting, 0.125);
  const std::string table = matrix_table(read);
  EXPECT_NE(table.find("\n    select ended 1,200 connections between messages\n"), table.npos)
      << table;
  EXPECT_NE(table.find("\nunknown   time taken by the machine's host: this system does not tell\n"),
            table.npos)
      << table;
}

TEST(Results, FewSamplesHaveAStarWhereTheyAreCompared) {
  bench::Run few{.rate = 100}, many{.rate = 100};
  few.latency.add(std::chrono::microseconds(5), 1000);
  many.latency.add(std::chrono::microseconds(5), 200'000);
  EXPECT_NE(compared(few, many).find("p50 5.00 us*, p99 5.00 us*\n"), std::string::npos)
      << compared(few, many);
  EXPECT_NE(compared(few, many).find("\n   * fewer than 1,000 samples beyond it\n"),
            std::string::npos);
  EXPECT_EQ(compared(many, many).find('*'), std::string::npos) << compared(many, many);
}

TEST(Report, IsWholeAndSaysEverythingOnce) {
  const std::vector<Results> all{{"one.json", made_matrix(), {{"cpu", "<a> & b"}}}};
  const std::string page = report_page(all), drawing = report_drawing(all);
  for (const std::string& text : {page, drawing}) {
    EXPECT_EQ(text.find("<odd"), text.npos);
    EXPECT_NE(text.find("&lt;odd &amp; &quot;quoted&quot;&gt;"), text.npos);
    EXPECT_NE(text.find("serves 1 at a time"), text.npos);
    EXPECT_EQ(text.find("nan"), text.npos);
    EXPECT_EQ(text.find("inf"), text.npos);
    EXPECT_EQ(text.find("http", text.find("<style>")), text.npos)
        << "it needs something from elsewhere";
  }
  EXPECT_NE(page.find("&lt;a&gt; &amp; b"), page.npos);
  EXPECT_NE(page.find("<li>a reason</li>"), page.npos);
}

TEST(Report, ControlBytesStayOutside) {
  EXPECT_EQ(escaped(std::string("a\x1b[1m\0\x7f\r\n\tb\xc3\xa4", 13)),
            "a\\x1b[1m\\x00\\x7f\\x0d\n\tb\xc3\xa4");
}

TEST(Report, SaysWhatDiffersAndWhatIsNotDrawn) {
  Matrix many = made_matrix();
  many.cells[0].results.clear();
  for (int i = 0; i < 8; ++i)
    many.cells[0].results.push_back(result("server " + std::to_string(i), 1000));
  std::vector<Results> all{{"m.json", many, {{"cpu", "a"}, {"kernel", "k"}}}};
  for (int i = 0; i < 8; ++i)
    all.push_back({std::to_string(i) + ".json",
                   bench::Run{.title = "run", .rate = 1},
                   {{"cpu", "b"}, {"kernel", "k"}}});
  const std::string page = report_page(all);
  for (const char* words :
       {"<figcaption>Messages a second (the first 6 of 8 runs)<",
        "<figcaption>Time of a reply (the first 6 of 8 servers)<", "<h2>8 runs</h2>",
        "class=\"sx\"", ">cpu, m.json</th><td>a<", ">cpu, 7.json</th><td>b<", ">kernel</th><td>k<"})
    EXPECT_NE(page.find(words), page.npos) << words;
  EXPECT_EQ(page.find("kernel, "), page.npos);
}

TEST(Results, OtherCircumstancesAreTold) {
  Matrix other = made_matrix();
  other.data = "text:8B";
  const Result<std::string> text =
      compare_results({"a", made_matrix(), {{"cpu", "x"}, {"kernel", "k"}}},
                      {"b", other, {{"cpu", "y"}, {"kernel", "k"}, {"commit", "z"}}});
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("They differ in more than their servers: data (int:0..9 in A, text:8B in "
                       "B), cpu (x in A, y in "
                       "B), commit (unknown in A, z in B)\n"),
            text->npos)
      << *text;
  const Result<std::string> alike =
      compare_results({"a", other, {{"cpu", "x"}}}, {"b", other, {{"cpu", "x"}}});
  EXPECT_EQ(alike->find("They differ"), alike->npos);
}

// Each cell has a row of its own, with a heading, and what belongs to it stands nowhere else.
TEST(Report, ACellIsARow) {
  Matrix matrix = made_matrix();
  matrix.cells.push_back(matrix.cells.front());
  matrix.cells.back().connections = 1000;
  const std::vector<Results> all{{"m.json", matrix, {}}};
  const std::string page = report_page(all), drawing = report_drawing(all);
  std::vector<std::string> sections;
  for (std::size_t at = page.find("<section>"); at != page.npos;
       at = page.find("<section>", at + 1))
    sections.push_back(page.substr(at, page.find("</section>", at) - at));
  ASSERT_EQ(sections.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string title = title_of(matrix.cells[i]);
    EXPECT_NE(sections[i].find(title + "</h2>"), page.npos) << sections[i];
    EXPECT_EQ(sections[i].find(title_of(matrix.cells[1 - i]) + "</h2>"), page.npos);
    for (const char* chart : {"<figcaption>Messages a second<", "<figcaption>Time of a reply<"})
      EXPECT_NE(sections[i].find(chart), page.npos) << chart;
    EXPECT_NE(drawing.find(title + "</text>"), drawing.npos);
  }
}

TEST(Report, NothingMeasuredIsStillAPage) {
  Matrix empty = made_matrix();
  empty.cells[0].results = {{.variant = "blocking", .skipped = "serves 1 at a time"}};
  compare_cells(empty);
  const std::vector<Results> all{{"one.json", empty, {}},
                                 {"run.json", bench::Run{.title = "nothing"}, {}}};
  EXPECT_EQ(report_page(all).find("nan"), std::string::npos);
}

TEST(Chart, AxesEndAtRoundNumbers) {
  const auto show = [](double value) { return std::to_string(static_cast<int>(value)); };
  for (const auto& [most, end] :
       {std::pair{1.0, 1.0}, {97.0, 100.0}, {101.0, 150.0}, {4000.0, 4000.0}}) {
    const Axis axis = round_axis(most, show);
    EXPECT_DOUBLE_EQ(axis.end, end) << most;
    EXPECT_GE(axis.ticks.size(), 3U);
    EXPECT_DOUBLE_EQ(axis.ticks.back().at, axis.end);
  }
  EXPECT_GT(round_axis(0, show).end, 0);
}

}  // namespace

}  // namespace asyncd::bench
