# cmake -DPROGRAM=asyncd -DTEMPLATE=asyncd.1.in -DPAGE=asyncd.1 ... -P man_page.cmake: the manual
# page, with commands, options and examples as the program itself tells them.
set(ENV{ASYNCD_CONFIG} "")
execute_process(COMMAND ${PROGRAM} --help OUTPUT_VARIABLE help RESULT_VARIABLE failure)
if(failure OR NOT help MATCHES "\nCommands:\n(.*)\n\nOptions[^\n]*:\n(.*)\n\nExamples:\n(.*)\n$")
  message(FATAL_ERROR
    "${PROGRAM} --help is not as it was: packaging/man_page.cmake has to follow\n${help}")
endif()
set(COMMANDS "${CMAKE_MATCH_1}")
set(OPTIONS "${CMAKE_MATCH_2}")
set(EXAMPLES "${CMAKE_MATCH_3}")

foreach(part COMMANDS OPTIONS EXAMPLES)
  string(REPLACE "\\" "\\e" ${part} "${${part}}")
  string(REPLACE "-" "\\-" ${part} "${${part}}")
endforeach()
# A row is a name, two spaces or more, and what it means.
foreach(part COMMANDS OPTIONS)
  string(REGEX REPLACE "(^|\n) +([^ \n]+( [^ \n]+)*)  +" "\\1.TP\n.B \\2\n\\\\&" ${part}
    "${${part}}")
endforeach()
configure_file(${TEMPLATE} ${PAGE} @ONLY)
