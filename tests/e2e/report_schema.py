# SPDX-License-Identifier: MIT
"""docs/profile.schema.json, held against every report that a test reads. Without the module
jsonschema nothing is held against anything, and test_schema.py says that it is skipped."""

import json
import pathlib

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs" /
                     "profile.schema.json").read_text("utf-8"))
MANY = 30  # so many elements of a list are looked at in any case
VALIDATOR = jsonschema and jsonschema.Draft202012Validator(SCHEMA)


def words(schema):
    """All words that the schema names as values."""
    if isinstance(schema, dict):
        return {word for key, item in schema.items()
                for word in (map(str, item) if key == "enum" else words(item))}
    return {word for item in schema for word in words(item)} if isinstance(schema, list) else set()


WORDS = words(SCHEMA)


def kind(value):
    """What the schema can tell apart of a value: its type, a number's sign, a word that it names."""
    if isinstance(value, dict):
        return tuple((key, kind(item)) for key, item in value.items())
    if isinstance(value, list):
        return frozenset(map(kind, value))
    if isinstance(value, str):
        return value if value in WORDS else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return type(value), (value > 0) - (value < 0)
    return (type(value),)


def reduced(value):
    """The same with long lists cut down to one element of each kind: a report has 10⁵ rows, and the
    module needs a tenth of a millisecond for each."""
    if isinstance(value, dict):
        return {key: reduced(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [reduced(item) for item in value]
    return items[:MANY] + list({kind(item): item for item in items[MANY:]}.values())


def problems(profile):
    """What is wrong with a report, a sentence each."""
    if not VALIDATOR:
        return []
    return [f"{error.json_path}: {error.message[:300]}"
            for error in VALIDATOR.iter_errors(reduced(profile))]


def check_timeline(found):
    """docs/timeline.schema.json, held against what `mprun timeline` wrote."""
    path = pathlib.Path(__file__).resolve().parents[2] / "docs" / "timeline.schema.json"
    if jsonschema:
        jsonschema.Draft202012Validator(json.loads(path.read_text("utf-8"))).validate(found)


def check(profile):
    """The same report, if nothing is wrong with it."""
    assert not problems(profile), "\n".join(problems(profile)[:5])
    return profile
