{# Tests of values against those of a reference. #}

{#
How far the values of a column are from those of a reference, in SQL: the methods of `distribution_drift`. Every method is made from `dml_counted`, a row for
each value with the number of rows that have it in the reference and now, and `dml_sizes`, their sums; it ends in `dml_scored`, a row with `statistic` and
`score`. Scores of tests are probabilities (small means drift), scores of distances are distances (great means drift).
#}

{# Methods, their default thresholds, and the side of the threshold that is drift. Evidently's defaults. #}
{% macro dml_drift_methods() %}
  {{ return({
    'ks': {'threshold': 0.05, 'drift': '<=', 'numbers_only': true},
    'chisquare': {'threshold': 0.05, 'drift': '<', 'numbers_only': false},
    'z': {'threshold': 0.05, 'drift': '<', 'numbers_only': false},
    'wasserstein': {'threshold': 0.1, 'drift': '>=', 'numbers_only': true},
    'jensenshannon': {'threshold': 0.1, 'drift': '>=', 'numbers_only': false},
    'psi': {'threshold': 0.1, 'drift': '>=', 'numbers_only': false}
  }) }}
{% endmacro %}

{# The method that Evidently takes by itself: tests for small references, distances for those of more than 1000 values. #}
{% macro dml_drift_default(kind, reference_rows, distinct_values) %}
  {%- set numeric = kind != 'categorical' and distinct_values > 5 -%}
  {%- if reference_rows > 1000 -%}
    {{ return('wasserstein' if numeric else 'jensenshannon') }}
  {%- elif numeric -%}
    {{ return('ks') }}
  {%- endif -%}
  {{ return('chisquare' if distinct_values > 2 else 'z') }}
{% endmacro %}

{# `dml_counted` and `dml_sizes`. Nulls are left out, and what is no finite number among numbers. `sides`: the two sides, each with `rows` and `column`. #}
{% macro dml_drift_counted(kind, reference, current) -%}
{%- set type = (type_string() | trim) if kind == 'categorical' else 'double precision' -%}
dml_values as (

    select cast({{ reference.column }} as {{ type }}) as value, 1 as in_reference from {{ reference.rows }}
    union all
    select cast({{ current.column }} as {{ type }}) as value, 0 as in_reference from {{ current.rows }}

),

dml_counted as (

    select
        value,
        cast(sum(in_reference) as double precision) as in_reference,
        cast(sum(1 - in_reference) as double precision) as in_current
    from dml_values
    where value is not null
    {%- if kind != 'categorical' %}
        and value not in (cast('NaN' as double precision), cast('Infinity' as double precision), cast('-Infinity' as double precision))
    {%- endif %}
    group by value

),

dml_sizes as (

    select
        coalesce(sum(in_reference), 0) as reference_rows,
        coalesce(sum(in_current), 0) as current_rows,
        count(*) as distinct_values,
        count(nullif(in_reference, 0)) as distinct_reference
    from dml_counted

)
{%- endmacro %}

{# e to a power: powers that an engine would refuse as too small come to nothing. #}
{% macro dml_exp(power) -%}
  exp(greatest(cast({{ power }} as double precision), -700))
{%- endmacro %}

{% macro dml_log2(number) -%}
  {{ return(adapter.dispatch('dml_log2', 'dbt')(number)) }}
{%- endmacro %}

{% macro default__dml_log2(number) -%}
  log2({{ number }})
{%- endmacro %}

{# Of a decimal, since it is exact for powers of two. #}
{% macro postgres__dml_log2(number) -%}
  cast(log(2.0, cast({{ number }} as numeric)) as double precision)
{%- endmacro %}

{#
The complementary error function of a number that is not negative, by the trapezoidal rule with steps of a half and its correction (Chiarella and Reichel
1968), which has all the digits of a double but for small numbers: those are added up from the series at zero.
#}
{% macro dml_erfc(x) -%}
  {%- set terms = [] -%}
  {%- for k in range(1, 13) -%}
    {%- do terms.append('exp(cast(-' ~ (k * k / 4) ~ ' as double precision)) / (' ~ (k * k / 4) ~ ' + ' ~ x ~ ' * ' ~ x ~ ')') -%}
  {%- endfor -%}
  case
    when {{ x }} < 0.05 then 1 - 2 / sqrt(pi()) * ({{ x }} - power({{ x }}, 3) / 3 + power({{ x }}, 5) / 10 - power({{ x }}, 7) / 42)
    else
      {{ dml_exp('-' ~ x ~ ' * ' ~ x) }} * {{ x }} / (2 * pi()) * (1 / ({{ x }} * {{ x }}) + 2 * ({{ terms | join(' + ') }}))
      + case when {{ x }} < 6 then 2 / (1 - exp(4 * pi() * least({{ x }}, 6))) else 0 end
  end
{%- endmacro %}

{# The probability of a greater distance between the distribution functions of two samples, by Kolmogorov's series in the form that converges fast. #}
{% macro dml_kolmogorov_tail(x) -%}
  {%- set small = [] -%}
  {%- set great = [] -%}
  {%- for k in range(1, 6) -%}
    {%- do small.append(dml_exp('-' ~ (2 * k - 1) * (2 * k - 1) ~ ' * pi() * pi() / (8 * ' ~ x ~ ' * ' ~ x ~ ')')) -%}
    {%- do great.append(('- ' if k % 2 == 0 else '+ ') ~ dml_exp('-' ~ 2 * k * k ~ ' * ' ~ x ~ ' * ' ~ x)) -%}
  {%- endfor -%}
  case
    when {{ x }} < 0.1 then 1
    when {{ x }} < 1 then 1 - sqrt(2 * pi()) / {{ x }} * ({{ small | join(' + ') }})
    else 2 * ({{ great | join(' ') }})
  end
{%- endmacro %}

{# The cumulated parts of both sides at each value. #}
{% macro dml_drift_steps() -%}
dml_steps as (

    select
        value,
        sum(in_reference) over (order by value) / nullif(reference_rows, 0) as reference_part,
        sum(in_current) over (order by value) / nullif(current_rows, 0) as current_part,
        lead(value) over (order by value) - value as width,
        in_reference,
        reference_rows,
        current_rows
    from dml_counted
    cross join dml_sizes

)
{%- endmacro %}

{# Kolmogorov and Smirnov's test. #}
{% macro dml_drift_ks() -%}
{{ dml_drift_steps() }},

dml_distance as (

    select
        max(abs(reference_part - current_part)) as statistic,
        max(abs(reference_part - current_part)) * sqrt(max(reference_rows) * max(current_rows) / nullif(max(reference_rows) + max(current_rows), 0)) as scaled
    from dml_steps

),

dml_scored as (

    select
        statistic,
        {{ dml_kolmogorov_tail('scaled') | indent(8) }} as score
    from dml_distance

)
{%- endmacro %}

{# Wasserstein's distance in standard deviations of the reference, which count as 0.001 at least. #}
{% macro dml_drift_wasserstein() -%}
{{ dml_drift_steps() }},

dml_reference as (

    select sum(in_reference * value) / nullif(max(reference_rows), 0) as mean
    from dml_steps

),

dml_distance as (

    select
        coalesce(sum(abs(reference_part - current_part) * width), 0) as statistic,
        sqrt(sum(in_reference * (value - mean) * (value - mean)) / nullif(max(reference_rows), 0)) as deviation
    from dml_steps
    cross join dml_reference

),

dml_scored as (

    select
        statistic,
        statistic / greatest(deviation, 0.001) as score
    from dml_distance

)
{%- endmacro %}

{#
The probability of a greater chi-square, from `dml_distance`. It is a sum of as many terms as there are pairs of degrees of freedom: half of them is a whole
number or one and a half, and so on, for which the incomplete gamma function is a finite sum.
#}
{% macro dml_chisquare_tail() -%}
dml_terms as (

    select
        row_number() over (order by value) as term,
        sum(ln(statistic / 2) - ln(cast(row_number_of_value as double precision) - shift)) over (order by value) as power
    from (select value, row_number() over (order by value) as row_number_of_value from dml_counted) numbered
    cross join dml_distance
    where statistic > 0

),

dml_tail as (

    select sum({{ dml_exp('power - statistic / 2 - case when shift > 0 then 0.5 * ln(pi() * statistic / 2) else 0 end') }}) as terms
    from dml_terms
    cross join dml_distance
    where term <= (degrees - 1) / 2

),

dml_root as (

    select *, sqrt(statistic / 2) as root
    from dml_distance

),

dml_scored as (

    select
        statistic,
        case
            when least_reference = 0 then 0
            when degrees = 0 or statistic = 0 then 1
            when shift = 0 then {{ dml_exp('-statistic / 2') }} + coalesce(terms, 0)
            else {{ dml_erfc('root') | indent(12) }} + coalesce(terms, 0)
        end as score
    from dml_root
    cross join dml_tail

)
{%- endmacro %}

{# Pearson's test of the counts of now against those of the reference. A value that the reference lacks cannot be. #}
{% macro dml_drift_chisquare() -%}
dml_distance as (

    select
        sum(
            case
                when in_reference > 0 and current_rows > 0 then
                    (in_current - in_reference * current_rows / reference_rows) * (in_current - in_reference * current_rows / reference_rows)
                    / (in_reference * current_rows / reference_rows)
            end
        ) as statistic,
        min(in_reference) as least_reference,
        max(distinct_values) - 1 as degrees,
        case when max(distinct_values) % 2 = 0 then 0.5 else 0 end as shift
    from dml_counted
    cross join dml_sizes

),

{{ dml_chisquare_tail() }}
{%- endmacro %}

{# The test of two proportions: that of the first value, in the reference and now. #}
{% macro dml_drift_z() -%}
dml_proportions as (

    select
        in_reference / nullif(reference_rows, 0) as reference_part,
        in_current / nullif(current_rows, 0) as current_part,
        (in_reference + in_current) / (reference_rows + current_rows) as part,
        1 / nullif(reference_rows, 0) + 1 / nullif(current_rows, 0) as weight
    from dml_counted
    cross join dml_sizes
    where value = (select min(value) from dml_counted)

),

dml_distance as (

    select case when part < 1 then abs(reference_part - current_part) / sqrt(part * (1 - part) * weight) else 0 end as statistic
    from dml_proportions

),

dml_root as (

    select statistic, statistic / sqrt(cast(2 as double precision)) as root
    from dml_distance

),

dml_scored as (

    select
        statistic,
        {{ dml_erfc('root') | indent(8) }} as score
    from dml_root

)
{%- endmacro %}

{#
The parts of both sides that fall into each cell. A cell is a value; of numbers of which the reference has more than 20, it is one of as many equal bins over all
values as Sturges' rule wants, with borders as NumPy computes them, to the last bit. Bins of whole numbers are not narrower than one.
#}
{% macro dml_drift_parts(kind) -%}
{%- if kind == 'categorical' -%}
dml_parts as (

    select
        in_reference / nullif(reference_rows, 0) as reference_part,
        in_current / nullif(current_rows, 0) as current_part
    from dml_counted
    cross join dml_sizes

)
{%- else -%}
dml_range as (

    select
        min(value) as lowest,
        max(value) as greatest,
        (max(value) - min(value)) / ({{ dml_log2('nullif(max(reference_rows + current_rows), 0)') }} + 1) as width,
        max(distinct_reference) > 20 as binned
    from dml_counted
    cross join dml_sizes

),

dml_bins as (

    select *, (greatest - lowest) / bins as step
    from (
        select
            *,
            case when binned then ceil((greatest - lowest) / {{ 'greatest(width, 1)' if kind == 'integer' else 'width' }}) else 1 end as bins
        from dml_range
    ) counted_bins

),

dml_guessed as (

    select *, floor((value - lowest) / case when binned then step else 1 end) as guess, row_number() over (order by value) as place
    from dml_counted
    cross join dml_bins

),

dml_placed as (

    select
        in_reference,
        in_current,
        case
            when not binned then place
            when value >= (guess + 1) * step + lowest then least(guess + 1, bins - 1)
            when value < guess * step + lowest then guess - 1
            else least(guess, bins - 1)
        end as cell
    from dml_guessed

),

dml_cells as (

    select cell from dml_placed
    union
    {# Bins without a row count too. Sturges' rule asks for fewer than 64. #}
    select number as cell
    from (values {% for k in range(64) %}({{ k }}){{ ', ' if not loop.last }}{% endfor %}) as numbers (number)
    cross join dml_bins
    where binned and number < bins

),

dml_parts as (

    select
        coalesce(sum(in_reference), 0) / nullif(max(reference_rows), 0) as reference_part,
        coalesce(sum(in_current), 0) / nullif(max(current_rows), 0) as current_part
    from dml_cells
    left join dml_placed on dml_placed.cell = dml_cells.cell
    cross join dml_sizes
    group by dml_cells.cell

)
{%- endif -%}
{%- endmacro %}

{# An empty cell counts as a part of 0.0001 or, where a side has as small ones, a millionth of its smallest. #}
{% macro dml_psi_part(part) -%}
  case when {{ part }} > 0 then {{ part }} when least_{{ part }} <= 0.0001 then least_{{ part }} / 1000000 else 0.0001 end
{%- endmacro %}

{# The population stability index. #}
{% macro dml_drift_psi(kind) -%}
{{ dml_drift_parts(kind) }},

dml_filled as (

    select
        {{ dml_psi_part('reference_part') }} as reference_part,
        {{ dml_psi_part('current_part') }} as current_part
    from dml_parts
    cross join (
        select min(nullif(reference_part, 0)) as least_reference_part, min(nullif(current_part, 0)) as least_current_part
        from dml_parts
    ) least_parts

),

dml_distance as (

    select sum((reference_part - current_part) * ln(reference_part / current_part)) as statistic
    from dml_filled

),

dml_scored as (

    select statistic, statistic as score
    from dml_distance

)
{%- endmacro %}

{# How far a part of a cell is from the mean of both sides' parts: Kullback and Leibler's term. #}
{% macro dml_divergence(part) -%}
  case when {{ part }} > 0 then {{ part }} * ln(2 * {{ part }} / (reference_part + current_part)) else 0 end
{%- endmacro %}

{# The root of the divergence of Jensen and Shannon, with the natural logarithm. #}
{% macro dml_drift_jensenshannon(kind) -%}
{{ dml_drift_parts(kind) }},

dml_distance as (

    select
        sum({{ dml_divergence('reference_part') }}) / 2
        + sum({{ dml_divergence('current_part') }}) / 2 as statistic
    from dml_parts

),

dml_scored as (

    select
        statistic,
        sqrt(greatest(statistic, 0)) as score
    from dml_distance

)
{%- endmacro %}

{#
The values of a column against those of a reference: the rows of `compare_model`, or those of the tested model for which `compare_row_condition` is true. Fails
with one row where they have drifted apart, or where a side has no values to compare.
#}
{% test distribution_drift(
    model, column_name, compare_model=none, compare_column=none, row_condition=none, compare_row_condition=none,
    method='auto', threshold=none, kind='auto'
) %}
{%- set methods = dml_drift_methods() -%}
{%- do dml_one_of('distribution_drift', 'method', method, ['auto'] + (methods.keys() | list)) -%}
{%- do dml_one_of('distribution_drift', 'kind', kind, ['auto', 'numeric', 'categorical']) -%}
{%- if compare_model is none and compare_row_condition is none -%}
  {%- do exceptions.raise_compiler_error('distribution_drift needs compare_model, compare_row_condition or both') -%}
{%- endif -%}
{%- if threshold is not none and threshold is not number -%}
  {%- do exceptions.raise_compiler_error('distribution_drift: threshold is a number, not ' ~ threshold) -%}
{%- endif -%}
{%- set others = row_condition if row_condition is not none or compare_model is not none else '(' ~ compare_row_condition ~ ') is not true' -%}
{%- set current = {'rows': dml_rows(model, others), 'column': column_name} -%}
{%- set reference = {
  'rows': dml_rows(model if compare_model is none else compare_model, compare_row_condition),
  'column': column_name if compare_column is none else compare_column
} -%}
{%- set found = dml_drift_kind(model, column_name, kind) if execute else 'number' -%}
{%- set chosen = method -%}
{%- if method == 'auto' -%}
  {%- set chosen = dml_drift_chosen(found, reference, current) if execute else 'ks' -%}
{%- elif methods[method].numbers_only and found == 'categorical' -%}
  {%- do exceptions.raise_compiler_error('distribution_drift: ' ~ method ~ ' compares numbers, and ' ~ column_name ~ ' is compared by value; take psi, jensenshannon, chisquare or z') -%}
{%- endif -%}
{%- set limit = methods[chosen].threshold if threshold is none else threshold -%}
with {{ dml_drift_counted(found, reference, current) }},

{{ context['dml_drift_' ~ chosen](found) if chosen in ['psi', 'jensenshannon'] else context['dml_drift_' ~ chosen]() }}

select *
from (
    select
        {{ dml_text(column_name) }} as column_name,
        {{ dml_text(chosen) }} as method,
        statistic,
        score,
        {{ limit }} as threshold,
        reference_rows,
        current_rows,
        case
            when reference_rows = 0 then 'no values in the reference'
            when current_rows = 0 then 'no values to compare with the reference'
            when score is null then 'nothing to measure'
            when score {{ methods[chosen].drift }} {{ limit }} then 'drift'
        end as problem
    from dml_sizes
    left join dml_scored on 1 = 1
) judged
where problem is not null
{% endtest %}

{# How the values of a column are compared: as whole numbers (`integer`), other numbers (`number`) or by value (`categorical`). #}
{% macro dml_drift_kind(model, column_name, kind) %}
  {%- set column = dml_tested_column('distribution_drift', model, column_name) -%}
  {%- set found = dml_kind_of(column) -%}
  {%- if kind == 'categorical' or (kind == 'auto' and found in ['text', 'boolean']) -%}
    {{ return('categorical') }}
  {%- elif found in ['integer', 'number'] -%}
    {{ return(found) }}
  {%- endif -%}
  {%- do exceptions.raise_compiler_error('distribution_drift: ' ~ column_name ~ ' is a ' ~ column.dtype ~ ', neither number nor text; kind: categorical compares it by value') -%}
{% endmacro %}

{# The method for the data that there are, as Evidently chooses it. Without any, the one for the fewest: there is nothing to compare then. #}
{% macro dml_drift_chosen(kind, reference, current) %}
  {%- set sql -%}
    with {{ dml_drift_counted(kind, reference, current) }}
    select reference_rows, distinct_values from dml_sizes
  {%- endset -%}
  {%- set row = run_query(sql).rows[0] -%}
  {{ return(dml_drift_default(kind, row[0], row[1])) }}
{% endmacro %}
