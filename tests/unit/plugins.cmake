# The handlers that ship, loaded from the libraries that the build made, and the SDK for their authors.
asyncd_test(unit_plugins
  SOURCES plugin_integer_syntax.cpp plugin_integer_value.cpp plugin_text.cpp plugin_library.cpp plugin_image.cpp
          plugin_description.cpp plugin_fanout.cpp plugin_kv.cpp
  LINK asyncd_plugin
  LABELS unit)
target_compile_definitions(unit_plugins PRIVATE
  SHIPPED_HANDLERS="${ASYNCD_HANDLER_OUTPUT_DIRECTORY}"
  EXAMPLE_HANDLERS="${CMAKE_BINARY_DIR}/tests/handlers")
add_dependencies(unit_plugins square double uppercase-echo hello echo print fanout kv slow-count reverse)

asyncd_test(unit_sdk
  SOURCES sdk_allocation.cpp sdk_async.cpp sdk_async_allocation.cpp sdk_async_stream.cpp sdk_count_allocations.cpp
          sdk_export.cpp sdk_fake_host.cpp sdk_fake_rules.cpp sdk_handler.cpp
  LABELS unit)

asyncd_test(unit_sdk_threads
  SOURCES sdk_async_external.cpp
  LABELS threads)

asyncd_test(unit_kv
  SOURCES kv_command.cpp kv_shard.cpp ${CMAKE_SOURCE_DIR}/plugins/kv/command.cpp
          ${CMAKE_SOURCE_DIR}/plugins/kv/shard.cpp ${CMAKE_SOURCE_DIR}/plugins/kv/store.cpp
  LABELS threads)
