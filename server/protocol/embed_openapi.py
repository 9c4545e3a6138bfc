"""Makes C++ of openapi.yaml, for openapi.hpp: its text, and the same as JSON.

usage: embed_openapi.py DOCUMENT.yaml OUT.cpp

What would not be the same in both forms, or not to every reader, is refused: a key that is there
twice, a key that is no string, and what JSON has no word for."""

import hashlib
import json
import pathlib
import sys

import yaml


class StrictLoader(yaml.SafeLoader):
    """YAML as OpenAPI has it: only what JSON can say."""


def _mapping(loader, node):
    found = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} is no string: quote it",
                                       problem_mark=key_node.start_mark)
        if key in found:
            raise yaml.MarkedYAMLError(problem=f"the key {key} is there twice",
                                       problem_mark=key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def to_json(text):
    document = yaml.load(text, StrictLoader)
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# A literal a line of the document; what follows a numeric escape could be taken for more of it.
def _literal(data):
    plain = {0x22: '\\"', 0x5c: "\\\\", 0x0a: "\\n"}
    lines = []
    for start in range(0, len(data), 60):
        lines.append('"' + "".join(
            plain.get(byte, chr(byte)) if byte in plain or 0x20 <= byte < 0x7f else f"\\{byte:03o}"
            for byte in data[start:start + 60]) + '"')
    return "\n    ".join(lines)


def _form(name, content_type, data):
    tag = hashlib.sha256(data).hexdigest()[:32]
    return (f'const openapi_form {name}{{\n    "{content_type}",\n'
            f'    {_literal(data)},\n    "\\"{tag}\\""}};\n')


def main(document, out):
    data = pathlib.Path(document).read_bytes()
    try:
        as_json = to_json(data.decode()).encode()
    except (yaml.YAMLError, TypeError, ValueError) as fault:
        sys.exit(f"{document}: {fault}")
    pathlib.Path(out).write_text(
        '#include "server/protocol/openapi.hpp"\n\nnamespace factord::protocol {\n\n'
        + _form("openapi_yaml", "application/yaml", data)
        + _form("openapi_json", "application/json", as_json)
        + "\n}  // namespace factord::protocol\n", encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
