"""
``{% trans %}``, settled when a template is compiled: every locale has an environment of its own.
"""

import re

from jinja2 import nodes
from jinja2.ext import InternationalizationExtension
from jinja2.parser import Parser

_PLACE = re.compile(r"%\((\w+)\)s|(%%)")


class Trans(InternationalizationExtension):
    """
    Puts the translated words into the compiled template. What has a plural form is looked up when it is rendered.
    """

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        node = super().parse(parser)
        if isinstance(node, nodes.Output) and len(node.nodes) == 1 and isinstance(node.nodes[0], nodes.Call):
            return self._settled(parser, node, node.nodes[0])
        return node

    def _settled(self, parser: Parser, output: nodes.Output, call: nodes.Call) -> nodes.Output:
        asked = call.node.name if isinstance(call.node, nodes.Name) else ""
        if asked not in ("gettext", "pgettext") or call.dyn_args or call.dyn_kwargs:
            return output
        words = [each.value for each in call.args if isinstance(each, nodes.Const)]
        catalogue = self.environment.catalogue  # type: ignore[attr-defined]  # set by Environment.extend
        translated = getattr(catalogue, asked)(*words)
        given = {keyword.key: keyword.value for keyword in call.kwargs}
        pieces: list[nodes.Expr] = []
        end = 0
        for place in _PLACE.finditer(translated):
            pieces.append(nodes.TemplateData(translated[end : place.start()]))
            if not place[2] and place[1] not in given:
                parser.fail(f"a translation of {words[-1]!r} asks for {place[1]!r}, which is not there", output.lineno)
            pieces.append(nodes.TemplateData("%") if place[2] else given[place[1]])
            end = place.end()
        pieces.append(nodes.TemplateData(translated[end:]))
        return nodes.Output([piece for piece in pieces if piece != nodes.TemplateData("")], lineno=output.lineno)
