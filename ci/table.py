"""The table at the end of ci/test: what each suite came to on each system or in each kind of
build."""

# The labels of the tests; each test has one of them.
SUITES = ("unit", "contract", "abi", "fault", "fuzz", "e2e")
OTHERS = "other tests"
CHECKS = "builds, checks"
WIDTH = 10


def suite_of(labels):
    return next((suite for suite in SUITES if suite in labels), OTHERS)


class Table:
    def __init__(self):
        self.columns = []
        self.cells = {}  # (suite, column): [passed, failed, skipped]

    def add(self, suite, column, passed=0, failed=0, skipped=0):
        if column not in self.columns:
            self.columns.append(column)
        cell = self.cells.setdefault((suite, column), [0, 0, 0])
        for index, count in enumerate((passed, failed, skipped)):
            cell[index] += count

    def cell(self, suite, column):
        passed, failed, skipped = self.cells.get((suite, column), (0, 0, 0))
        if not passed + failed + skipped:
            return "-"
        return f"{passed}" + (f" {failed}F" if failed else "") + (f" {skipped}s" if skipped else "")

    def text(self):
        """How many passed, with F how many failed, with s how many were skipped."""
        lines = [self._line("passed", self.columns)]
        for suite in (*SUITES, OTHERS, CHECKS):
            if any(row == suite for row, _ in self.cells):
                lines.append(self._line(suite,
                                        [self.cell(suite, column) for column in self.columns]))
        return "\n".join(lines)

    def _line(self, first, others):
        return f"{first:<16}" + "".join(f"{other:>{WIDTH}}" for other in others)
