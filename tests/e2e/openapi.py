"""The description of the API as a server gives it out, and what it says of requests and answers."""

import functools
import json
import re

from jsonschema import Draft202012Validator, RefResolver

# HTTP's own: said once of all answers, or a matter of the message.
_HTTP_FIELDS = {"connection", "content-type", "content-length", "date", "server", "x-request-id",
                "transfer-encoding"}


def _closed(schema):
    """No member beside those described: clients have to bear more, our answers do not have them."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(each) for name, each in schema.items()}
    if found.get("type") == "object" and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


class Description:
    def __init__(self, text):
        self.document = json.loads(text)
        self.schemas = {"components": {"schemas": _closed(self.document["components"]["schemas"])}}
        self.resolver = RefResolver("", self.schemas)

    def found(self, thing):
        """What a reference leads to."""
        if "$ref" not in thing:
            return thing
        place = self.document
        for step in thing["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        return place

    def operations(self):
        """[(verb, path, operation)]"""
        return [(verb, path, operation) for path, item in self.document["paths"].items()
                for verb, operation in item.items() if verb != "parameters"]

    @functools.cache
    def operation(self, verb, path):
        """The operation that has this path, with {} for each of its parameters."""
        [found] = [operation for key, place, operation in self.operations()
                   if key == verb.lower() and re.sub(r"\{\w+\}", "{}", place) == path]
        return found

    def parameters(self, verb, path):
        """Name -> parameter, of an operation and its path."""
        [item] = [item for place, item in self.document["paths"].items()
                  if re.sub(r"\{\w+\}", "{}", place) == path]
        every = [*item.get("parameters", []), *item[verb.lower()].get("parameters", [])]
        return {found["name"]: found for found in map(self.found, every)}

    def faults(self, schema, value):
        """What is wrong with a value, by a schema of the document."""
        validator = Draft202012Validator(_closed(schema), resolver=self.resolver)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def check_answer(self, verb, path, answer):
        """It is one that the document has, to its fields, its body, and the id of its error."""
        responses = self.operation(verb, path)["responses"]
        assert str(answer.status) in responses, f"{verb} {path} is not said to answer {answer}"
        response = self.found(responses[str(answer.status)])
        self._check_fields(response, answer)
        if "content" not in response:
            assert answer.body == b"", f"a body, which is not described: {answer}"
            return
        sent = answer.header("Content-Type")
        assert sent in response["content"], f"{sent} is not described: {answer}"
        media = response["content"][sent]
        value = answer.json if sent == "application/json" else answer.body.decode()
        faults = self.faults(media["schema"], value)
        assert faults == [], f"{faults} in {answer}"
        if isinstance(value, dict) and "details" in value and "code" in value:
            examples = [self.found(example)["value"] for example in media["examples"].values()]
            assert value in examples, f"{verb} {path} has no example of {value}"

    def _check_fields(self, response, answer):
        described = {name.lower(): self.found(header)
                     for name, header in response["headers"].items()}
        sent = {name.lower() for name, _ in answer.fields} - _HTTP_FIELDS
        always = {name for name, header in described.items() if header["required"]}
        assert always <= sent <= set(described), \
            f"fields sent, and described: {sent}, {set(described)}"
        for name in sent:
            faults = self.faults(described[name]["schema"], answer.header(name))
            assert faults == [], f"{name}: {faults}"

    def request_faults(self, verb, path, body, parameters):
        """What is wrong with a request: `body`, or None; `parameters` by their names."""
        operation = self.operation(verb, path)
        known = self.parameters(verb, path)
        found = [f"{name} is not described" for name in parameters if name not in known]
        found += [f"{name} is missing" for name, parameter in known.items()
                  if parameter.get("required") and name not in parameters]
        for name, value in parameters.items():
            found += self.faults(known[name]["schema"], value) if name in known else []
        if body is None:
            return found
        if "requestBody" not in operation:
            return [*found, "there is a body"]
        content = self.found(operation["requestBody"])["content"]
        return found + self.faults(content["application/json"]["schema"], body)
