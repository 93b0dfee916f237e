# What asyncd bench is made of: statistics on made-up data, messages without a network, command lines.
asyncd_test(unit_bench
  SOURCES bench_condition_test.cpp bench_contention_test.cpp bench_data_test.cpp bench_exchange_test.cpp
          bench_histogram_test.cpp bench_matrix_test.cpp bench_options_test.cpp bench_output_test.cpp
          bench_progress_test.cpp bench_rate_search_test.cpp bench_result_file_test.cpp bench_schedule_test.cpp
          bench_statistics_test.cpp bench_verdict_test.cpp ../support/seeds.cpp
  LINK asyncd_bench
  LABELS unit)
