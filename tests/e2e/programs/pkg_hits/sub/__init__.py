# SPDX-License-Identifier: MIT
"""A nested package, imported late."""


class Deep:
    def run(self):
        return [self.step(i) for i in range(3)]

    def step(self, i):
        return i
