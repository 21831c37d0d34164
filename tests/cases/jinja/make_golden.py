"""Writes golden.json: what real Jinja2 makes of every template of statements.txt and expressions.txt, and of the matrix below.

Run with a Python that has jinja2 (and pytz, for the templates that use it): python make_golden.py [FILE]. Without FILE it rewrites golden.json.
"""

import datetime
import itertools
import json
import pathlib
import re
import sys
import warnings

import jinja2
import jinja2.sandbox

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")

# The context of statements.txt, as JSON, so that every reader builds it anew for each template.
CONTEXT = """{
  "x": 3, "y": 0, "s": "hello", "e": "", "n": null, "t": true, "f": false, "fl": 1.5, "l": [1, 2, 3], "empty": [],
  "m": [[1, "a"], [2, "b"]], "d": {"a": 1, "b": 2}, "nested": {"k": {"z": [10, 20]}}, "html": "<b>&</b>",
  "rows": [{"name": "a", "n": 1, "g": "x"}, {"name": "b", "n": 2, "g": "y"}, {"name": "c", "n": 3, "g": "x"}],
  "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}, {"v": 5, "c": []}]
}"""


def show(*args, **kwargs):
    return ", ".join([repr(a) for a in args] + [f"{k}={v!r}" for k, v in kwargs.items()])


def module(source, names):
    return {name: getattr(source, name) for name in names}


def modules():
    """The `modules` of dbt's context."""
    fourteen = "count cycle repeat accumulate chain compress islice starmap tee zip_longest product permutations combinations combinations_with_replacement"
    found = {
        "datetime": module(datetime, ["date", "datetime", "time", "timedelta", "tzinfo"]),
        "re": module(re, re.__all__),
        "itertools": module(itertools, fourteen.split()),
    }
    try:
        import pytz

        found["pytz"] = module(pytz, pytz.__all__)
    except ImportError:
        pass
    return found


def environment():
    return jinja2.sandbox.SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])


def outcome(template, context):
    """The output, or the kind and message of the error."""
    try:
        text = environment().from_string(template).render(context)
        return {"out": re.sub(r"0x[0-9a-f]{6,}", "0x0", text)}
    except Exception as e:
        return {"error": type(e).__name__, "message": re.sub(r"0x[0-9a-f]{6,}", "0x0", str(e))}


def lines(name):
    for line in (here / name).read_text(encoding="utf-8").split("\n"):
        if line.strip() and not line.startswith("# ") and line != "#":
            yield line


def statements():
    for line in lines("statements.txt"):
        yield line.replace("↵", "\n")
    yield from matrix()


def expressions():
    for line in lines("expressions.txt"):
        yield line if "{{" in line or "{%" in line else "{{ " + line + " }}"


def matrix():
    """Combinations that are too many to write down."""
    signs = ["", "-", "+"]
    for a, b in itertools.product(signs, signs):
        yield f"a \n {{%{a} if t {b}%}} \n b \n {{%{b} endif {a}%}} \n c"
        yield f"a \n {{#{a} x {b}#}} \n c"
    for a, b in itertools.product(["", "-"], ["", "-"]):
        yield f"a \n {{{{{a} x {b}}}}} \n c"
        yield f" a {{%{a} raw {b}%}} b {{%{b} endraw {a}%}} c "
        yield f" {{%{a} for i in l {b}%}} {{{{ i }}}} {{%{b} endfor {a}%}} "
        yield f" {{%{a} set q {b}%}} v {{%{b} endset {a}%}} [{{{{ q }}}}]"
    # Where a name is assigned, and where it is read: before, inside and after each kind of block.
    blocks = {
        "if": ("{% if t %}", "{% endif %}"),
        "unless": ("{% if f %}", "{% endif %}"),
        "else": ("{% if f %}{% else %}", "{% endif %}"),
        "for": ("{% for i in [1, 2] %}", "{% endfor %}"),
        "loop": ("{% for i in [1, 2] %}{{ loop.index }}", "{% endfor %}"),
        "with": ("{% with %}", "{% endwith %}"),
        "set": ("{% set z %}", "{% endset %}{{ z }}"),
        "filter": ("{% filter upper %}", "{% endfilter %}"),
        "macro": ("{% macro q() %}", "{% endmacro %}{{ q() }}"),
        "call": ("{% macro q() %}{{ caller() }}{% endmacro %}{% call q() %}", "{% endcall %}"),
    }
    for name in ["x", "w"]:
        read = "[{{ " + name + " }}]"
        write = "{% set " + name + " = 7 %}"
        for opening, closing in blocks.values():
            yield f"{read}{opening}{read}{write}{read}{closing}{read}"
            yield f"{write}{opening}{read}{closing}{read}"
            yield f"{opening}{write}{read}{closing}{read}"
            yield f"{opening}{read}{closing}{write}{read}"
        for (o1, c1), (o2, c2) in itertools.product(blocks.values(), blocks.values()):
            yield f"{o1}{write}{o2.replace(' q(', ' q2(').replace('set z', 'set z2')}{read}{c2.replace(' q(', ' q2(').replace('{{ z', '{{ z2')}{read}{c1}{read}"


def main():
    cases = []
    for template in statements():
        cases.append({"template": template, **outcome(template, {**json.loads(CONTEXT), "show": show})})
    for template in expressions():
        cases.append({"template": template, "modules": True, **outcome(template, {"modules": modules()})})
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "golden.json"
    head = {"jinja": jinja2.__version__, "python": ".".join(map(str, sys.version_info[:2])), "context": CONTEXT}
    body = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
    target.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"cases": [\n' + body + "\n]}\n", encoding="utf-8")


main()
