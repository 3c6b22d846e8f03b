"""
``{% include "a/name" %}``, settled when a template is compiled: what is included becomes a part of it.
"""

from collections.abc import Iterable, Iterator

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser


class Include(Extension):
    """
    Puts the included template in place, so that a message is rendered in one go. It sees what stands around it.

    Only the plain form is taken; with ``ignore missing``, ``without context`` or a computed name it stays Jinja's own.
    """

    tags = {"inline"}  # noqa: RUF012  Jinja wants a set

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Rename ``include "a/name"`` to this extension's tag: Jinja's own words cannot be taken over."""
        held: list[Token] = []
        for token in stream:
            held.append(token)
            if not _could_be(held):
                yield from held
                held = []
            elif len(held) == len(_FORM):
                begin, word, name, end = held
                yield from (begin, _renamed(word) if name.value.endswith(_WORDS) else word, name, end)
                held = []
        yield from held

    def parse(self, parser: Parser) -> list[nodes.Node]:
        lineno = next(parser.stream).lineno
        name = parser.stream.expect("string").value
        loader = self.environment.loader
        assert loader is not None
        source, path, _ = loader.get_source(self.environment, name)
        return list(_body(self.environment.parse(source, name, path), lineno))


def _renamed(word: Token) -> Token:
    return Token(word.lineno, "name", "inline")


def _could_be(held: list[Token]) -> bool:
    return all(
        token.type == kind and value in ("", token.value) for token, (kind, value) in zip(held, _FORM, strict=False)
    )


#: What holds words and no layout. Layout is shared by all notices, and is compiled once.
_WORDS = (".words", ".story", ".subject")
_FORM = (("block_begin", ""), ("name", "include"), ("string", ""), ("block_end", ""))


def _body(template: nodes.Template, lineno: int) -> Iterator[nodes.Node]:
    for node in template.body:
        yield node.set_lineno(lineno, override=True)
