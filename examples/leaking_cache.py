# SPDX-License-Identifier: MIT
# A cache that nothing ever leaves grows with every request, because no key comes twice; with
# a bound it stays as it is. Look for a line in a loop whose +Heap grows with its hits.
#   mprun leaking_cache.py --func 'serve_*'
import functools

CACHE = {}


def render(user, request):
    return f"{user} {request}".ljust(1000)


def serve_unbounded(n):
    for request in range(n):
        key = ("ada", request)
        if key not in CACHE:
            CACHE[key] = render(*key)


def serve_bounded(n):
    cached = functools.lru_cache(maxsize=100)(render)
    for request in range(n):
        cached("ada", request)


if __name__ == "__main__":
    serve_bounded(20_000)
    serve_unbounded(20_000)
