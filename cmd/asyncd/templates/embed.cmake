# cmake -DFOLDER=... "-DFILES=a;b" -DOUTPUT=templates.cpp -P embed.cmake: the files below FOLDER as
# a table in C++.
set(text "// Made by cmd/asyncd/templates/embed.cmake.\n#include \"cmd/asyncd/scaffold.h\"\n\n")
string(APPEND text "namespace asyncd {\n\nstd::span<const Template> templates() {\n")
string(APPEND text "  static constexpr Template table[] = {\n")
foreach(file IN LISTS FILES)
  file(READ ${FOLDER}/${file} content)
  string(APPEND text "      {\"${file}\", R\"template(${content})template\"},\n")
endforeach()
string(APPEND text "  };\n  return table;\n}\n\n}  // namespace asyncd\n")
file(WRITE ${OUTPUT} "${text}")
