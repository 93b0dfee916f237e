// Results: what earlier runs have written, read back. Start-up only.
#pragma once

#include <variant>

#include "cmd/bench/judge/matrix.h"
#include "cmd/bench/show/json_parts.h"

namespace asyncd::bench {

// One run, as far as others are interested in it.
struct Run {
  std::string title;  // "square on proactor, 64 connections"
  std::string time;
  std::string data;
  std::vector<Second> seconds;
  double rate = 0;
  Histogram latency;
  std::optional<Histogram> service;
  std::optional<double> cpu_per_message;  // of the server: ns
  Verdict verdict;
};

struct Results {
  std::string file;
  std::variant<Run, Matrix> content;
  std::vector<std::pair<std::string, std::string>> environment;  // for people

  std::string value_of(
      std::string_view key) const;  // of the environment; "unknown" where it does not say
};

// The error (66: cannot be read; 1: no result of asyncd bench) names the file.
Result<Results> read_results(const std::string& file);

Matrix matrix_of(const Json& json);  // throws as nlohmann does

// What two results say of each other, for people. The error (1): they have nothing to compare.
Result<std::string> compare_results(const Results& one, const Results& other);

}  // namespace asyncd::bench
