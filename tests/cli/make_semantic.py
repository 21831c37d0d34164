"""Writes semantic.json: the semantic_manifest.json and the graph that dbt writes of a project. Run it with a Python that has dbt-core and dbt-duckdb:

    python tests/cli/make_semantic.py
"""
import json
import os
import pathlib
import tempfile

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
from dbt.cli.main import dbtRunner  # noqa: E402

HERE = pathlib.Path(__file__).parent
SEMANTIC = """
models:
  - name: days
    time_spine:
      standard_granularity_column: date_day
      custom_granularities: [{name: season, column_name: quarter}, {name: year_of_sales}]
    columns: [{name: date_day, granularity: day}, {name: quarter}, {name: year_of_sales}]

semantic_models:
  - name: orders
    label: Orders
    description: "what was sold"
    model: ref('orders')
    config: {meta: {owner: ann, parts: [1, 2.5]}}
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order_id, type: primary}
      - {name: customer, type: foreign, expr: customer_id, role: buyer, description: who, label: Who, config: {meta: {key: true}}}
    dimensions:
      - {name: ordered_at, type: time, label: When, is_partition: true, type_params: {time_granularity: hour}, config: {meta: {utc: true}}}
      - {name: status, type: categorical, expr: upper(status)}
    measures:
      - {name: revenue, agg: sum, expr: amount, create_metric: true, label: Revenue, agg_time_dimension: ordered_at, config: {meta: {unit: EUR}}}
      - {name: order_count, agg: count, expr: order_id, create_metric: true}
      - {name: high, agg: percentile, expr: amount, agg_params: {percentile: 0.9, use_discrete_percentile: true}}
      - {name: stock, agg: sum, non_additive_dimension: {name: ordered_at, window_choice: max, window_groupings: [customer]}}
  - name: visits
    model: ref('visits')
    primary_entity: visit
    defaults: {agg_time_dimension: visited_on}
    entities: [{name: customer, type: foreign}]
    dimensions: [{name: visited_on, type: time, type_params: {time_granularity: day}}, {name: channel, type: categorical}]
    measures: [{name: visit_count, agg: count, expr: '1', create_metric: true}]

metrics:
  - name: paid_revenue
    label: Paid
    type: simple
    time_granularity: week
    type_params:
      measure: {name: revenue, fill_nulls_with: 0, join_to_timespine: true, filter: "{{ Dimension('order_id__status') }} <> 'VOID'"}
    filter: ["{{ Dimension('order_id__status') }} = 'PAID'", "{{ TimeDimension('metric_time', 'month') }} >= '2024-02-01'"]
    config: {meta: {tier: 1}, tags: [money]}
  - name: order_value
    label: Value
    type: ratio
    type_params: {numerator: {name: revenue, alias: part, filter: "{{ Dimension('order_id__status') }} = 'PAID'"}, denominator: order_count}
  - name: growth
    label: Growth
    type: derived
    type_params:
      expr: revenue - before - at_start
      metrics: [revenue, {name: revenue, alias: before, offset_window: 1 month}, {name: revenue, alias: at_start, offset_to_grain: month}]
  - name: of_28_days
    label: 28 days
    type: cumulative
    type_params: {measure: revenue, cumulative_type_params: {window: 28 days, period_agg: last}}
  - name: to_date
    label: Of the month
    type: cumulative
    type_params: {measure: revenue, cumulative_type_params: {grain_to_date: month}}
  - name: to_date_of_old
    label: As it was written before
    type: cumulative
    type_params: {measure: revenue, grain_to_date: month}
  - name: converted
    label: Converted
    type: conversion
    type_params:
      conversion_type_params:
        base_measure: visit_count
        conversion_measure: order_count
        entity: customer
        window: 7 days
        constant_properties: [{base_property: channel, conversion_property: status}]
  - name: given_up
    label: Given up
    type: simple
    type_params: {measure: revenue}
    config: {enabled: false}

saved_queries:
  - name: monthly
    label: Monthly
    description: for the board
    config: {tags: [board], meta: {page: 1}, cache: {enabled: true}}
    query_params:
      metrics: [revenue, order_value]
      group_by: ["TimeDimension('metric_time', 'month')", "Entity('customer')"]
      where: ["{{ TimeDimension('metric_time', 'day') }} < '2024-05-01'"]
      limit: 10
    exports:
      - {name: as_table, config: {export_as: table, schema: board, alias: monthly_table}}
      - {name: as_view, config: {export_as: view}}
"""
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "models/orders.sql": "select 1 as order_id\n",
    "models/visits.sql": "{{ config(alias='visits_of_today', schema='web') }} select 1 as customer\n",
    "models/days.sql": "select date '2024-01-01' as date_day\n",
    "models/metricflow_time_spine.sql": "select date '2024-01-01' as date_day\n",
    "models/semantic.yml": SEMANTIC.lstrip(),
}


def main():
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        for name, text in FILES.items():
            path = pathlib.Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        answer = dbtRunner().invoke(["--quiet", "ls", "--resource-type", "analysis"])
        if answer.exception is not None:
            raise SystemExit(answer.exception)
        written = json.loads(pathlib.Path("target/semantic_manifest.json").read_text())
        linked = json.loads(pathlib.Path("target/graph_summary.json").read_text())["linked"]
    graph = {n["name"]: sorted(linked[str(i)]["name"] for i in n.get("succ", [])) for n in linked.values()}
    (HERE / "semantic.json").write_text(json.dumps({"files": FILES, "written": written, "graph": graph}, indent=1) + "\n")


main()
