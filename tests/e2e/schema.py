"""Checks a value against a JSON Schema of the kind that docs/ has: a few keywords, and no other
ones are let pass."""

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
         "number": (int, float)}
KNOWN = {"$schema", "$ref", "title", "description", "definitions", "type", "const", "enum",
         "minimum", "required",
         "properties", "additionalProperties", "items", "minItems", "maxItems"}


def complaints(value, schema, root=None, where="result"):
    """What is wrong, as a list of texts. A member that the schema does not describe is wrong,
    unless it is a string."""
    root = root or schema
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].removeprefix("#/definitions/")]
    if unknown := set(schema) - KNOWN:
        return [f"{where}: the schema has {sorted(unknown)}, which nothing here checks"]
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind])
                 or (isinstance(value, bool) and kind != "boolean")):
        return [f"{where}: {value!r} is no {kind}"]
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{where}: {value!r} is below {schema['minimum']}")
    if kind == "array":
        return found + array_complaints(value, schema, root, where)
    return found + (object_complaints(value, schema, root, where) if kind == "object" else [])


def array_complaints(value, schema, root, where):
    found = []
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append(f"{where}: {len(value)} items")
    for number, item in enumerate(value):
        found += complaints(item, schema["items"], root, f"{where}[{number}]")
    return found


def object_complaints(value, schema, root, where):
    found = [f"{where}: {name} is missing" for name in schema.get("required", [])
             if name not in value]
    more = schema.get("additionalProperties", True)
    for name, member in value.items():
        if name in schema.get("properties", {}):
            found += complaints(member, schema["properties"][name], root, f"{where}.{name}")
        elif isinstance(more, dict):
            found += complaints(member, more, root, f"{where}.{name}")
        elif more is False or not isinstance(member, str):
            found.append(f"{where}: {name} is not in the schema")
    return found
