{# Generic tests of a table against another one, and of its columns. #}

{# Values without a partner in the column `field` of `to`, among the rows that the conditions choose. A null passes. #}
{% test relationships_where(model, column_name, to, field, from_condition='true', to_condition='true') %}
with child as (

    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null and ({{ from_condition }})

),

parent as (

    select {{ field }} as to_field
    from {{ to }}
    where {{ to_condition }}

)

select from_field
from child
where not exists (select 1 from parent where parent.to_field = child.from_field)
{% endtest %}

{# The number of rows must be `factor` times that of the other model, give or take `tolerance` (a part of it: 0.1 is a tenth). Two empty tables are equal. #}
{% test same_row_count(model, compare_model, factor=1, tolerance=0, group_by=none, row_condition=none, compare_row_condition=none) %}
{{ dml_compared('same_row_count', model, 'count(*)', compare_model, 'count(*)', factor, tolerance, 0, group_by, row_condition, compare_row_condition) }}
{% endtest %}

{# The number of rows must be smaller than that of the other model. #}
{% test fewer_rows_than(model, compare_model, row_condition=none, compare_row_condition=none) %}
with counted as (

    select
        (select count(*) from {{ dml_rows(model, row_condition) }}) as n_records,
        (select count(*) from {{ dml_rows(compare_model, compare_row_condition) }}) as n_compared

)

select * from counted where n_records >= n_compared
{% endtest %}

{# An aggregate must be equal to one of another model, give or take the greater of `tolerance` (a part of it) and `absolute_tolerance`. #}
{% test same_aggregate(
    model, expression, compare_model, compare_expression=none, factor=1,
    tolerance=0, absolute_tolerance=0, group_by=none, row_condition=none, compare_row_condition=none
) %}
{{ dml_compared(
    'same_aggregate', model, expression, compare_model, compare_expression or expression,
    factor, tolerance, absolute_tolerance, group_by, row_condition, compare_row_condition
) }}
{% endtest %}

{# The groups whose measures differ. A group that one side lacks counts as zero in a count and fails as unknown in any other aggregate. #}
{% macro dml_compared(
    test, model, measure, compare_model, compare_measure,
    factor, tolerance, absolute_tolerance, group_by, row_condition, compare_row_condition
) -%}
{%- if tolerance is not number or absolute_tolerance is not number or factor is not number -%}
  {%- do exceptions.raise_compiler_error(test ~ ': factor and tolerances are numbers') -%}
{%- endif -%}
{%- set groups = dml_list(group_by) -%}
{%- set on = [] -%}
{%- for name in groups -%}
  {%- do on.append('ours.' ~ name ~ ' is not distinct from theirs.' ~ name) -%}
{%- endfor -%}
{%- set zero = test == 'same_row_count' -%}
with ours as (

    select {% for name in groups %}{{ name }}, {% endfor %}{{ measure }} as measured
    from {{ dml_rows(model, row_condition) }}
    {{ 'group by ' ~ (groups | join(', ')) if groups }}

),

theirs as (

    select {% for name in groups %}{{ name }}, {% endfor %}{{ compare_measure }} as measured
    from {{ dml_rows(compare_model, compare_row_condition) }}
    {{ 'group by ' ~ (groups | join(', ')) if groups }}

),

paired as (

    select
        {% for name in groups %}ours.{{ name }}, {% endfor -%}
        {{ 'coalesce(ours.measured, 0)' if zero else 'ours.measured' }} as measured,
        {{ 'coalesce(theirs.measured, 0)' if zero else 'theirs.measured' }} as compared
    from ours
    left join theirs on {{ on | join(' and ') if on else 'true' }}
    {%- if groups %}
    union all
    select
        {% for name in groups %}theirs.{{ name }}, {% endfor -%}
        {{ '0' if zero else 'null' }},
        theirs.measured
    from theirs
    where not exists (select 1 from ours where {{ on | join(' and ') }})
    {%- if not zero %}
    union all
    select {{ (['null'] * (groups | length + 2)) | join(', ') }}
    where not exists (select 1 from ours) and not exists (select 1 from theirs)
    {%- endif %}
    {%- endif %}

)

select *
from paired
where (
    abs(measured - compared * {{ factor }}) <= greatest(abs(compared * {{ factor }}) * {{ tolerance }}, {{ absolute_tolerance }})
    {#- What came of a division by zero is equal to nothing. #}
    and measured - measured = 0
    and compared - compared = 0
) is not true
{%- endmacro %}

{# Values whose number of rows differs between the column and the column `field` of `to`. Null is a value here. #}
{% test same_cardinality(model, column_name, to, field, row_condition=none) %}
with ours as (

    select {{ column_name }} as value_field, count(*) as n_records
    from {{ dml_rows(model, row_condition) }}
    group by {{ column_name }}

),

theirs as (

    select {{ field }} as value_field, count(*) as n_records
    from {{ to }}
    group by {{ field }}

)

(select *, 'only in the tested model' as problem from (select * from ours except select * from theirs) only_ours)
union all
(select *, 'only in the other model' as problem from (select * from theirs except select * from ours) only_theirs)
{% endtest %}

{#
Rows that one of two relations has more often than the other. The columns are `columns`, or all of the tested model's but `exclude_columns`; `precision` rounds
the numbers among them to so many digits after the point.
#}
{% test same_rows(model, compare_model, columns=none, exclude_columns=none, precision=none, row_condition=none, compare_row_condition=none) %}
{%- set wanted = dml_list(columns) | map('lower') | list -%}
{%- set unwanted = dml_list(exclude_columns) | map('lower') | list -%}
{%- set chosen = [] -%}
{%- set found = [] -%}
{%- for column in dml_tested_columns(model) -%}
  {%- do found.append(column.name | lower) -%}
  {%- if (not wanted or column.name | lower in wanted) and column.name | lower not in unwanted -%}
    {%- if precision is not none and (dml_is_number(column)) -%}
      {%- do chosen.append('round(cast(' ~ column.quoted ~ ' as numeric(38, 10)), ' ~ precision ~ ') as ' ~ column.quoted) -%}
    {%- else -%}
      {%- do chosen.append(column.quoted) -%}
    {%- endif -%}
  {%- endif -%}
{%- endfor -%}
{%- if execute -%}
  {%- for name in wanted + unwanted -%}
    {%- if name not in found -%}
      {%- do exceptions.raise_compiler_error('same_rows: in ' ~ model ~ ' ' ~ dml_no_column(name, found)) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if not chosen -%}
    {%- do exceptions.raise_compiler_error('same_rows: no column is left to compare') -%}
  {%- endif -%}
{%- endif -%}
{%- set list = chosen | join(', ') if chosen else '*' -%}
with ours as (

    select {{ list }} from {{ dml_rows(model, row_condition) }}

),

theirs as (

    select {{ list }} from {{ dml_rows(compare_model, compare_row_condition) }}

)

(select *, 'only in the tested model' as problem from (select * from ours except all select * from theirs) only_ours)
union all
(select *, 'only in the other model' as problem from (select * from theirs except all select * from ours) only_theirs)
{% endtest %}

{# Whether a column holds numbers, by its type without a size. #}
{% macro dml_is_number(column) %}
  {%- set type = (column.data_type | lower).split('(')[0] | trim -%}
  {%- set whole = ['tinyint', 'smallint', 'integer', 'int', 'bigint', 'hugeint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'uhugeint'] -%}
  {{ return(type in whole + ['decimal', 'numeric', 'real', 'float', 'float4', 'float8', 'double', 'double precision']) }}
{% endmacro %}

{# A row for each of these texts, and none without any. #}
{% macro dml_problem_rows(problems) -%}
{%- for problem in problems %}
select {{ dml_text(problem) }} as problem{{ ' union all' if not loop.last }}
{%- else %}
select 'none' as problem where false
{%- endfor %}
{%- endmacro %}

{# The columns of what a test looks at by their names in lower case. #}
{% macro dml_columns_by_name(model) %}
  {%- set found = {} -%}
  {%- for column in dml_tested_columns(model) -%}
    {%- do found.update({column.name | lower: column}) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}

{# The column must be of one of the types, as the engine names it, in any case, with or without its size. #}
{% test accepted_types(model, column_name, types) %}
{%- set allowed = dml_needed_list('accepted_types', 'types', types) | map('lower') | list -%}
{%- set problems = [] -%}
{%- if execute -%}
  {%- set found = dml_columns_by_name(model) -%}
  {%- set column = found.get(column_name | replace('"', '') | lower) -%}
  {%- if column is none -%}
    {%- do problems.append(dml_no_column(column_name, found.keys() | list)) -%}
  {%- elif not [column.dtype | lower, column.dtype.split('(')[0] | lower, column.data_type | lower] | select('in', allowed) | list -%}
    {%- do problems.append(column_name ~ ' is of type ' ~ column.dtype) -%}
  {%- endif -%}
{%- endif -%}
{{ dml_problem_rows(problems) }}
{% endtest %}

{# The columns of the table: `exact` these, `contains` at least these, `within` at most these, `without` none of them; `ordered` in this order (with exact). #}
{% test accepted_columns(model, columns, match='exact', ordered=false) %}
{%- do dml_one_of('accepted_columns', 'match', match, ['exact', 'contains', 'within', 'without']) -%}
{%- set wanted = dml_needed_list('accepted_columns', 'columns', columns) | map('lower') | list -%}
{%- set found = dml_tested_columns(model) | map(attribute='name') | map('lower') | list -%}
{%- set problems = [] -%}
{%- if execute -%}
  {%- for name in wanted if name not in found and match in ['exact', 'contains'] -%}
    {%- do problems.append(dml_no_column(name, found)) -%}
  {%- endfor -%}
  {%- for name in found if (name in wanted and match == 'without') or (name not in wanted and match in ['exact', 'within']) -%}
    {%- do problems.append('there is a column ' ~ name) -%}
  {%- endfor -%}
  {%- if ordered and match == 'exact' and not problems and wanted != found -%}
    {%- do problems.append('the columns are in the order ' ~ (found | join(', '))) -%}
  {%- endif -%}
{%- endif -%}
{{ dml_problem_rows(problems) }}
{% endtest %}

{#
The columns of the table and their types: `columns` is a mapping from name to type, to a list of types, or to nothing for any. A type without a size stands for
all its sizes. The table may have more columns unless `match` is `exact`.
#}
{% test accepted_schema(model, columns, match='contains') %}
{%- do dml_one_of('accepted_schema', 'match', match, ['exact', 'contains']) -%}
{%- if columns is not mapping or not columns -%}
  {%- do exceptions.raise_compiler_error('accepted_schema needs columns, a mapping from the names of columns to their types') -%}
{%- endif -%}
{%- set found = dml_columns_by_name(model) -%}
{%- set problems = [] -%}
{%- if execute -%}
  {%- for name, types in columns.items() -%}
    {%- set column = found.get(name | lower) -%}
    {%- if column is none -%}
      {%- do problems.append(dml_no_column(name, found.keys() | list)) -%}
    {%- elif types and not dml_is_of_type(column, dml_list(types)) -%}
      {%- do problems.append(name ~ ' is of type ' ~ column.data_type ~ ', not ' ~ (dml_list(types) | join(' or '))) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set wanted = columns.keys() | map('lower') | list -%}
  {%- for name in found if match == 'exact' and name not in wanted -%}
    {%- do problems.append('there is a column ' ~ name) -%}
  {%- endfor -%}
{%- endif -%}
{{ dml_problem_rows(problems) }}
{% endtest %}

{# Whether a column is of one of these types, by whatever of its names the engine knows the type. #}
{% macro dml_is_of_type(column, types) %}
  {%- set casts = [] -%}
  {%- for type in types -%}
    {%- do casts.append('cast(null as ' ~ api.Column.translate_type(type) ~ ') as type_' ~ loop.index) -%}
  {%- endfor -%}
  {%- set meant = get_column_schema_from_query('select ' ~ (casts | join(', '))) -%}
  {%- set state = namespace(found=false) -%}
  {%- set own = column.data_type | lower -%}
  {%- for type in types -%}
    {%- set other = meant[loop.index0].data_type | lower -%}
    {%- if own == other or ('(' not in type and own.split('(')[0] == other.split('(')[0]) -%}
      {%- set state.found = true -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(state.found) }}
{% endmacro %}

{# The number of columns. #}
{% test column_count_between(model, min_value=none, max_value=none, inclusive=true) %}
{%- set outside = dml_outside('column_count_between', 'n_columns', min_value, max_value, inclusive) -%}
select *
from (select {{ dml_tested_columns(model) | length }} as n_columns) counted
where {{ outside }}
{% endtest %}

{# The columns of two models must have the same names, and with `types` the same types. #}
{% test same_columns(model, compare_model, types=false, ordered=false) %}
{%- set ours = [] -%}
{%- set theirs = [] -%}
{%- for column in dml_tested_columns(model) -%}
  {%- do ours.append(column.name ~ (' ' ~ column.dtype if types else '')) -%}
{%- endfor -%}
{%- for column in dml_tested_columns(compare_model) -%}
  {%- do theirs.append(column.name ~ (' ' ~ column.dtype if types else '')) -%}
{%- endfor -%}
{%- set problems = [] -%}
{%- for column in ours if column not in theirs -%}
  {%- do problems.append('only in the tested model: ' ~ column) -%}
{%- endfor -%}
{%- for column in theirs if column not in ours -%}
  {%- do problems.append('only in the other model: ' ~ column) -%}
{%- endfor -%}
{%- if ordered and not problems and ours != theirs -%}
  {%- do problems.append('the columns are in the order ' ~ (ours | join(', '))) -%}
{%- endif -%}
{{ dml_problem_rows(problems) }}
{% endtest %}
