# What ci/arm64, ci/libcxx and ci/macos share; they source it.
set -euo pipefail

export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
if command -v ccache >/dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi

build() {
  local preset=$1
  cmake --preset "$preset" -DASYNCD_WERROR=ON
  cmake --build --preset "$preset"
}

# The last line says how many passed.
run_tests() {
  local preset=$1 code=0
  local report=$PWD/build/$preset/tests.xml
  ctest --preset "$preset" -LE e2e -j "$CMAKE_BUILD_PARALLEL_LEVEL" --no-tests=error --output-junit "$report" || code=$?
  python3 -B - "$preset" "$report" <<'END'
import sys
import xml.etree.ElementTree as xml

counts = {name: int(number) for name, number in xml.parse(sys.argv[2]).getroot().items() if number.isdigit()}
failed, skipped = counts["failures"], counts["skipped"] + counts["disabled"]
print(f"{sys.argv[1]}: {counts['tests'] - failed - skipped} passed, {failed} failed, {skipped} skipped")
END
  return "$code"
}
