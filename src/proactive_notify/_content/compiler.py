"""
How templates become Python: as Jinja does it, but what a mail does a hundred times costs half.
"""

from collections.abc import Iterable

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


class Compiler(CodeGenerator):
    """
    Takes a value out of a plain ``dict`` in place, and prints a text that needs no escaping as it is.

    Whatever is no plain ``dict``, or has no such key, goes the way through the sandbox.
    """

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Write what stands side by side in one go; words of two templates often do."""
        super().blockvisit(_joined(nodes), frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  the visitor's name for it
        name, source = repr(node.attr), node.node
        if isinstance(source, nodes.Name):
            held = frame.symbols.ref(source.name)
            self.write(f"({held}[{name}] if type({held}) is dict and {name} in {held} else environment.getattr(")
            self.visit(source, frame)
            self.write(f", {name}))")
        else:
            self.write(f"(held[{name}] if type(held := ")
            self.visit(source, frame)
            self.write(f") is dict and {name} in held else environment.getattr(held, {name}))")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


def _joined(body: Iterable[nodes.Node]) -> list[nodes.Node]:
    joined: list[nodes.Node] = []
    for node in body:
        before = joined[-1] if joined else None
        if isinstance(node, nodes.Output) and isinstance(before, nodes.Output):
            joined[-1] = nodes.Output([*before.nodes, *node.nodes], lineno=before.lineno, environment=node.environment)
        else:
            joined.append(node)
    return joined
