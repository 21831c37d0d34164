"""Makes values.csv and golden.json: what Evidently and SciPy say of fixed data, to which drift.test.ts compares dml's SQL.

python -m venv venv && venv/bin/pip install evidently==0.7.23 "pandas<3" scipy==1.17.1 numpy==2.4.6
venv/bin/python make_golden.py && npx biome format --write golden.json
"""
import json
import math
import pathlib
import warnings

import evidently
import numpy as np
import pandas as pd
import scipy
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType
from scipy import special, stats

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
NUMBERS = {"amount", "gap", "items", "level", "flag", "steady"}
SIZES = {"small": (300, 240), "large": (1100, 500)}


def make(rng, size, late):
    """`late`: the rows of now, which differ a little."""
    kinds = ["a", "b", "c", "d", "e", "f", "g"]
    weights = np.array([30, 20, 15, 12, 10, 8, 5]) if not late else np.array([28, 22, 14, 13, 9, 8, 6])
    gap = rng.exponential(10 + 2 * late, size).round(2)
    gap[rng.random(size) < 0.1] = np.nan
    return pd.DataFrame({
        "amount": rng.normal(50 + 3 * late, 12, size).round(3),
        "gap": gap,
        "items": rng.poisson(30 + late, size),
        "level": rng.choice([1, 2, 3, 4], size, p=[0.4, 0.3, 0.2, 0.1] if not late else [0.38, 0.3, 0.21, 0.11]),
        "flag": rng.choice([0, 1], size, p=[0.7, 0.3] if not late else [0.68, 0.32]),
        "steady": np.full(size, 7),
        "kind": rng.choice(kinds, size, p=weights / weights.sum()),
        "code": rng.choice([f"c{i:02}" for i in range(40)], size),
        "fresh": rng.choice(["x", "y"] + (["z"] if late else []), size),
    })


def scores(reference, current, column):
    """Every method's score by Evidently, and the one that it takes by itself; KS by Kolmogorov's series besides, since Evidently's is exact for so few rows."""
    ref, cur = reference[column].dropna(), current[column].dropna()
    kind = ColumnType.Numerical if column in NUMBERS else ColumnType.Categorical
    methods = ["psi", "jensenshannon"] + (["ks", "wasserstein"] if kind == ColumnType.Numerical else ["chisquare"])
    if ref.nunique() <= 2 and kind == ColumnType.Categorical:
        methods.append("z")
    out = {m: float(get_stattest(ref, cur, kind, m)(ref, cur, kind, None).drift_score) for m in methods}
    if kind == ColumnType.Numerical:
        distance = stats.ks_2samp(ref, cur).statistic
        out["ks_exact"] = out.pop("ks")
        out["ks"] = float(stats.kstwobign.sf(math.sqrt(len(ref) * len(cur) / (len(ref) + len(cur))) * distance))
    chosen = get_stattest(ref, cur, kind, None)
    own = chosen(ref, cur, kind, None)
    # By value, as dml does for few numbers too.
    if chosen.name in ("chisquare", "z"):
        out[chosen.name] = float(own.drift_score)
    return {"scores": out, "chosen": chosen.name, "drifted": bool(own.drifted)}


def main():
    rng = np.random.default_rng(20240229)
    parts = {}
    for size, (before, after) in SIZES.items():
        parts[size, "reference"] = make(rng, before, False)
        parts[size, "current"] = make(rng, after, True)
    frames = [frame.assign(size=size, side=side) for (size, side), frame in parts.items()]
    pd.concat(frames)[["size", "side", *frames[0].columns[:-2]]].to_csv(HERE / "values.csv", index=False, lineterminator="\n")
    golden = {
        "origin": {"script": "make_golden.py", "evidently": evidently.__version__, "scipy": scipy.__version__, "numpy": np.__version__, "pandas": pd.__version__},
        "columns": {
            size: {c: scores(parts[size, "reference"], parts[size, "current"], c) for c in parts[size, "current"].columns} for size in SIZES
        },
        "erfc": [[x, float(special.erfc(x))] for x in [0, 1e-6, 1e-3, 0.1, 0.5, 1, 1.5, 2, 3, 4, 5, 5.99, 6.01, 8, 12, 20]],
        "kolmogorov": [[x, float(stats.kstwobign.sf(x))] for x in [0.05, 0.2, 0.4, 0.6, 0.8, 0.999, 1, 1.2, 1.5, 2, 3, 3.7]],
        "chisquare": [[n, x, float(stats.chi2.sf(x, n))] for n in [1, 2, 3, 4, 5, 10, 11, 39, 120] for x in [0.01, 0.5, 3, 20, 60, 150]],
    }
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
