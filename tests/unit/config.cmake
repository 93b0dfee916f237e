# Text tools, addresses, configuration and command line.
asyncd_test(unit_text SOURCES text_test.cpp address_test.cpp LINK asyncd_net LABELS unit)

if(ASYNCD_KERNEL STREQUAL "linux")
  asyncd_test(unit_cgroup SOURCES cgroup_linux_test.cpp LINK asyncd_base LABELS unit)
endif()

asyncd_test(unit_config
  SOURCES config_examples_test.cpp config_files_test.cpp config_limits_test.cpp config_listeners_test.cpp
          config_mistakes_test.cpp config_options_test.cpp config_precedence_test.cpp config_print_test.cpp
          config_support.cpp
  LINK asyncd_config
  LABELS unit)
target_compile_definitions(unit_config PRIVATE EXAMPLE_CONFIGS="${CMAKE_SOURCE_DIR}/conf")

asyncd_test(unit_options SOURCES options_test.cpp LINK asyncd_options LABELS unit)
