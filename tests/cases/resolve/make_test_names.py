"""Prints test-names.json: what dbt calls generic tests with 260 generated combinations of arguments. Run it with the Python that has dbt-core."""

import json
import random

from dbt.parser.generic_test_builders import synthesize_generic_test_names
from dbt.utils import md5

rnd = random.Random(7)
WORDS = ["a", "id", "order_id", "Ünïcode", "with space", "it's", 'dq"x', "ref('orders')", "{{ var('x') }}", "", "-", "a__b", "x" * 40, "é", "日本", "100%", "tab\there", "line\nbreak", "True", "None", "1.0", "[]", "ſpecial", "A-B_C"]
FLOATS = [0.5, 1.0, -2.25, 1e20, 1e-7, 3.14159, 100000.0, 1e16]
KEYS = ["values", "to", "field", "expression", "min_value", "max_value", "group_by", "Upper", "_u", "arg10", "arg9", "quote", "flag"]
TESTS = ["unique", "not_null", "accepted_values", "relationships", "expression_is_true", "a", "very_long_test_name_that_goes_on_and_on"]
TARGETS = ["orders", "stg_customers", "erp_lines", "a_model_with_quite_a_long_name_indeed"]


def value(depth=0):
    kind = rnd.random()
    if depth < 2 and kind < 0.2:
        return [value(depth + 1) for _ in range(rnd.randint(0, 4))]
    if depth < 2 and kind < 0.35:
        return {rnd.choice(WORDS[:6] + ["k1", "k2", "z"]): value(depth + 1) for _ in range(rnd.randint(0, 3))}
    return rnd.choice([rnd.choice(WORDS), rnd.randint(-5, 10**6), rnd.choice(FLOATS), True, False, None])


def hashed(v):
    """The form dbt hashes: keys in order, leaves as text."""
    if isinstance(v, dict):
        return {k: hashed(v[k]) for k in sorted(v)}
    return [hashed(x) for x in v] if isinstance(v, list) else str(v)


def combination():
    name, namespace, kind = rnd.choice(TESTS), rnd.choice([None, None, "dbt_utils", "shop"]), rnd.choice(["node", "node", "source"])
    target = rnd.choice(TARGETS)
    version = rnd.choice([None, None, None, 1, 2, "alpha"]) if kind == "node" else None
    args = {k: value() for k in rnd.sample(KEYS, rnd.randint(0, 3))}
    if rnd.random() < 0.5:
        args["column_name"] = rnd.choice(["id", '"Quoted"', "a b"])
    args["model"] = "{{ get_where_subquery(ref('" + target + "')) }}"
    of = f"{namespace}_" if namespace else ""
    test = f"{of}source_{name}" if kind == "source" else f"{of}{name}"
    short, full = synthesize_generic_test_names(test, f"{target}_v{version}" if version else target, args)
    suffix = md5(full + repr(hashed({"namespace": namespace, "name": name, "kwargs": args})))[-10:]
    text = json.dumps(args, ensure_ascii=False)
    return {"name": name, "namespace": namespace, "kind": kind, "target": target, "version": version, "args": text, "short": short, "full": full, "hash": suffix}


print("[\n" + ",\n".join(json.dumps(combination(), ensure_ascii=False) for _ in range(260)) + "\n]")
