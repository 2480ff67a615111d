# SPDX-License-Identifier: MIT
"""What a module does otherwise under mprun than bare, and which of it is accepted."""
import pathlib
import tomllib

from once import END, STAND_INS, TIME_IS_UP, whole

ACCEPTED = pathlib.Path(__file__).resolve().parent / "accepted.toml"
ABSENT = "absent"


def verdict(outcome, test):
    """A part of a test is told of only where it went wrong: else it is as good as passed."""
    if test in outcome.verdicts:
        return outcome.verdicts[test][0]
    return "pass" if whole(test) in outcome.verdicts else ABSENT


def compare(bare, other):
    """test: (verdict bare, verdict of the other). Where time was up nothing is said of the rest."""
    differences = {}
    for test in sorted(bare.verdicts.keys() | other.verdicts.keys()):
        pair = verdict(bare, test), verdict(other, test)
        cut = ABSENT in pair and not (bare.complete and other.complete)
        if pair[0] != pair[1] and not cut:
            differences[test] = pair
    return differences


class Accepted:
    """The list of accepted differences, for one version of Python."""

    def __init__(self, version):
        self.reasons = {}  # (mode, test): entry
        self.seen = set()
        with open(ACCEPTED, "rb") as file:
            entries = tomllib.load(file).get("difference", [])
        for entry in entries:
            check(entry)
            if version in entry["versions"]:
                for mode in entry["modes"]:
                    for test in entry["tests"]:
                        self.reasons[mode, f"test.{entry['module']}.{test}"] = entry

    def take(self, mode, differences):
        """Those that are in the list; with a test its parts are."""
        taken = {test for test in differences if (mode, whole(test)) in self.reasons}
        self.seen |= {(mode, whole(test)) for test in taken}
        return taken

    def unseen(self, ran):
        """Entries that did not occur although their test ran, and are not said to come and go."""
        return sorted((mode, test) for (mode, test), entry in self.reasons.items()
                      if (mode, test) in ran and (mode, test) not in self.seen
                      and not entry.get("sometimes"))

    def to_check(self, module_of):
        """Modules whose accepted differences another tool shows too, by that tool."""
        wanted = {}
        for (_, test), entry in self.reasons.items():
            if "same_under" in entry:
                wanted.setdefault((module_of(test), entry["same_under"]), set()).add(test)
        return wanted


def check(entry):
    """An entry names tests one by one, and why."""
    needed = {"versions", "modes", "module", "tests", "reason"}
    unknown = entry.keys() - needed - {"same_under", "sometimes"}
    if unknown or needed - entry.keys() or not entry["reason"]:
        raise SystemExit(f"{ACCEPTED}: {entry}: these are unknown or missing: "
                         f"{sorted(unknown | needed - entry.keys())}")
    if entry.get("same_under", STAND_INS[0]) not in STAND_INS:
        raise SystemExit(f"{ACCEPTED}: same_under is one of {STAND_INS}")


def judge(first, second, accepted, mode):
    """Sorts what differs. first and second are pairs (bare, under mprun); second is None where
    nothing has to be believed. Gives (accepted, believed, flaky), each a dictionary."""
    differences = compare(*first)
    taken = accepted.take(mode, differences)
    rest = {test: pair for test, pair in differences.items() if test not in taken}
    believed, flaky = {}, {}
    again = compare(*second) if second and rest else {}
    for test, pair in rest.items():
        steady = second is None or (
            verdict(second[0], test) == pair[0] and test in again)
        (believed if steady else flaky)[test] = pair
    return {test: differences[test] for test in taken}, believed, flaky


def too_slow(outcome):
    return outcome.verdicts.get(END, ("",))[0] == TIME_IS_UP
