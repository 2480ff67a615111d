# SPDX-License-Identifier: MIT
"""Tabs, form feeds, wide characters and names that are not ASCII."""


def größe(ä):
	if ä:
		文 = "字" * 3
		return len(文)
	return 0


class Ünï:
	def λ(self):
		return größe(1)


print(größe(0), Ünï().λ())
