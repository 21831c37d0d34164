"""Writes batches.json: what dbt's MicrobatchBuilder makes of times, sizes and lookbacks. Run with a Python that has dbt-core."""
import json
import pathlib
import random
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytz
from dbt.artifacts.resources.types import BatchSize
from dbt.contracts.graph.nodes import NodeConfig
from dbt.materializations.incremental.microbatch import MicrobatchBuilder

random.seed(7)
STEPS = {"hour": 3600, "day": 86400, "month": 31 * 86400, "year": 366 * 86400}


def moment(size):
    at = datetime(2024, 2, 28, 23, 0, 0) + timedelta(seconds=random.randrange(-STEPS[size] * 4, STEPS[size] * 4))
    return random.choice([at, at.replace(minute=0, second=0), at.replace(hour=0, minute=0, second=0), at.replace(day=1, hour=0, minute=0, second=0)])


cases = []
for size in STEPS:
    for _ in range(30):
        begin, now = moment(size), moment(size) + timedelta(microseconds=random.choice([0, 1, 999_999]))
        given = sorted([moment(size), moment(size)]) if random.random() < 0.4 else None
        if given and given[0] == given[1]:
            given = None
        lookback, incremental = random.randrange(4), random.random() < 0.5
        config = NodeConfig(incremental_strategy="microbatch", batch_size=BatchSize(size), lookback=lookback, begin=begin)
        builder = MicrobatchBuilder(
            model=SimpleNamespace(name="m", config=config),
            is_incremental=incremental,
            event_time_start=given and given[0],
            event_time_end=given and given[1],
            default_end_time=now.replace(tzinfo=pytz.UTC),
        )
        end = builder.build_end_time()
        batches = builder.build_batches(builder.build_start_time(end), end)
        cases.append(
            {
                "size": size,
                "begin": begin.isoformat(),
                "now": now.isoformat(),
                "given": given and [g.isoformat() for g in given],
                "lookback": lookback,
                "incremental": incremental,
                "count": len(batches),
                "ends": [
                    [MicrobatchBuilder.batch_id(a, size), MicrobatchBuilder.format_batch_start(a, size), a.isoformat(), b.isoformat()]
                    for a, b in (batches[0], batches[-1])
                ],
            }
        )
target = pathlib.Path(__file__).with_name("batches.json")
target.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
