# SPDX-License-Identifier: MIT
"""Runs a program with readings of resident memory built into its functions:

    python3 instrument.py OUT PROGRAM

Each function, class body and module of the program keeps its lines and reads /proc/self/statm when
it starts or goes on, and when it returns, lets an exception out, yields or awaits. It also moves
memory: where it starts and goes on, in loops, handlers and comprehensions; some of that is let go.
OUT gets [[file, qualname, first line, net change, activations]], the net change being over the
intervals in which an outermost activation ran. Lambdas and code that the program makes at run time
are left alone."""

import ast
import json
import os
import sys
import threading
import types

import statm

NAME = "_law_activation"
FIRST, PIECE, PIECES = 1_300_000, 160_000, 6
nets = {}
moved = {}
kept = []
pieces = []
written = []


depths = {}


def depth_of(key):
    """Where the number of this stack's running activations of a function is kept."""
    greenlet = sys.modules.get("greenlet")
    return threading.get_ident(), id(greenlet.getcurrent()) if greenlet else None, key


def move(key, place, size=PIECE):
    """Keep some more, at most PIECES times at a place of a function; let some of it go later.
    Not once the figures are written: what is suspended then is closed as the interpreter ends."""
    count = moved[key, place] = moved.get((key, place), 0) + 1
    if count <= PIECES and not written:
        pieces.append(bytearray(size))
        if count % 3 == 0:
            pieces.pop(0)


class Activation:
    """One activation of a function of the program."""

    __slots__ = ("key", "mark", "runs", "where")

    def __init__(self, key):
        self.key = key
        self.runs = False

    def go(self):
        """It starts or goes on."""
        self.where = depth_of(self.key)
        depth = depths.get(self.where, 0)
        depths[self.where] = depth + 1
        self.runs = True
        self.mark = None if depth else statm.rss()

    def stop(self):
        """It ends or is suspended. One that was closed while suspended does not run."""
        if not self.runs:
            return
        self.runs = False
        depths[self.where] -= 1
        if self.mark is not None:
            nets[self.key][0] += statm.rss() - self.mark

    def wake(self):
        """It goes on in a handler, an exception having been thrown into it."""
        if not self.runs:
            self.go()
        move(self.key, "handler")

    def loop(self):
        """It goes round a loop."""
        move(self.key, "loop")

    def element(self, value):
        """An element of a comprehension; a generator expression may outlive its activation."""
        if self.runs:
            move(self.key, "element")
        return value

    def out(self, value=None):
        """It yields."""
        self.stop()
        return value

    def back(self, value):
        """It goes on after a yield."""
        self.go()
        move(self.key, "resumed")
        return value

    def drive(self, iterator):
        """`yield from` that tells when it suspends (the expansion in PEP 380)."""
        value = error = None
        while True:
            try:
                if error is not None:
                    result = self.throw(iterator, error)
                elif value is None:
                    result = next(iterator)
                else:
                    result = iterator.send(value)
            except StopIteration as end:
                return end.value
            value = error = None
            self.stop()
            try:
                value = yield result
            except GeneratorExit:
                getattr(iterator, "close", int)()
                self.go()
                raise
            except BaseException as thrown:
                error = thrown
            else:
                self.go()

    def throw(self, iterator, error):
        """CPython throws into the innermost frame: this one goes on only when that has ended."""
        try:
            if not hasattr(iterator, "throw"):
                raise error
            return iterator.throw(error)
        except BaseException:
            self.go()
            raise

    def through(self, iterable):
        """The operand of `yield from`."""
        return self.drive(iter(iterable))

    def awaited(self, thing):
        """The operand of `await`."""
        return Awaited(self, thing)

    def manager(self, thing):
        """The operand of `async with`."""
        return Manager(self, thing)

    def items(self, thing):
        """The operand of `async for`."""
        return Items(self, thing)


class Awaited:
    """An awaitable that tells when its activation is suspended."""

    def __init__(self, activation, thing):
        self.activation = activation
        self.thing = thing

    def __await__(self):
        return self.activation.drive(self.thing.__await__())


class Manager:
    """An asynchronous context manager that does so."""

    def __init__(self, activation, thing):
        self.activation = activation
        self.thing = thing

    def __aenter__(self):
        return Awaited(self.activation, self.thing.__aenter__())

    def __aexit__(self, *exc):
        return Awaited(self.activation, self.thing.__aexit__(*exc))


class Items:
    """An asynchronous iterator that does so."""

    def __init__(self, activation, thing):
        self.activation = activation
        self.thing = thing.__aiter__()

    def __aiter__(self):
        return self

    def __anext__(self):
        return Awaited(self.activation, self.thing.__anext__())


def enter():
    """The first statement of a function."""
    code = sys._getframe(1).f_code
    key = code.co_filename, code.co_qualname, code.co_firstlineno
    activation = Activation(key)
    counts = nets.setdefault(key, [0, 0])
    activation.go()
    counts[1] += 1
    if counts[1] == 1:
        kept.append(bytearray(FIRST))
    move(key, "start")
    return activation


class Instrument(ast.NodeTransformer):
    """Builds the calls above into a tree; what it adds stands on the lines that are there."""

    @staticmethod
    def call(method, *operands, at):
        """`NAME.method(operands)`."""
        function = ast.Attribute(ast.Name(NAME, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Call(function, list(operands), []), at)

    def statement(self, method, at):
        """The same as a statement."""
        return ast.copy_location(ast.Expr(self.call(method, at=at)), at)

    def around(self, node):
        """A function, a class body or a module."""
        self.generic_visit(node)
        body, head = node.body, []
        if ast.get_docstring(node, clean=False) is not None:
            head, body = body[:1], body[1:] or [ast.copy_location(ast.Pass(), body[0])]
        first = body[0]
        value = ast.Call(ast.Name("_law_enter", ast.Load()), [], [])
        start = ast.Assign([ast.Name(NAME, ast.Store())], value)
        end = [self.statement("wake", body[-1]), self.statement("stop", body[-1])]
        body = [ast.copy_location(start, first),
                ast.copy_location(ast.Try(body, [], [], end), first)]
        node.body = head + body
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Module = around

    def visit_Lambda(self, node):
        """Left alone, and so are the comprehensions in it: it has no activation to name."""
        return node

    def repeated(self, node):
        """A loop."""
        self.generic_visit(node)
        node.body.insert(0, self.statement("loop", node.body[0]))
        return node

    visit_For = visit_While = repeated

    def visit_AsyncFor(self, node):
        """A loop that suspends."""
        node = self.repeated(node)
        node.iter = self.call("items", node.iter, at=node.iter)
        return node

    def visit_AsyncWith(self, node):
        """Enters and leaves suspended."""
        self.generic_visit(node)
        for item in node.items:
            item.context_expr = self.call("manager", item.context_expr, at=item.context_expr)
        return node

    def guarded(self, node):
        """Handlers and `finally` run when something was thrown into a suspended frame."""
        self.generic_visit(node)
        for part in [handler.body for handler in node.handlers] + [node.finalbody]:
            if part:
                part.insert(0, self.statement("wake", part[0]))
        return node

    visit_Try = visit_TryStar = guarded

    def elements(self, node):
        """A comprehension."""
        self.generic_visit(node)
        for part in node.generators:
            if part.is_async:
                part.iter = self.call("items", part.iter, at=part.iter)
        field = "value" if isinstance(node, ast.DictComp) else "elt"
        value = getattr(node, field)
        setattr(node, field, self.call("element", value, at=value))
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = elements

    def visit_Yield(self, node):
        """Suspended between out() and back()."""
        self.generic_visit(node)
        operands = [node.value] if node.value else []
        node.value = self.call("out", *operands, at=node)
        return self.call("back", node, at=node)

    def visit_YieldFrom(self, node):
        """Suspended whenever what it delegates to is."""
        self.generic_visit(node)
        node.value = self.call("through", node.value, at=node)
        return node

    def visit_Await(self, node):
        """The same."""
        self.generic_visit(node)
        node.value = self.call("awaited", node.value, at=node)
        return node


def main():
    """Run the program as __main__ in this module's place."""
    out, program = sys.argv[1], os.path.abspath(sys.argv[2])
    with open(program, "rb") as source:
        tree = ast.parse(source.read(), program)
    code = compile(ast.fix_missing_locations(Instrument().visit(tree)), program, "exec")
    sys.argv[:] = sys.argv[2:]
    sys.path[0] = os.path.dirname(program)
    main_module = sys.modules["__main__"] = types.ModuleType("__main__")
    main_module.__dict__.update(_law_enter=enter, __file__=program)
    try:
        exec(code, main_module.__dict__)
    finally:
        with open(out, "w", encoding="utf-8") as file:
            json.dump([[*key, *counts] for key, counts in sorted(nets.items())], file)
        written.append(out)


main()
