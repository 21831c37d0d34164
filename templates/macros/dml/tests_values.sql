{# Generic tests of single values: a failing row is a row of the table. A null passes, for `not_null` is a test of its own. #}

{# Texts shorter or longer than allowed, in characters. #}
{% test accepted_length(model, column_name, min_value=none, max_value=none, inclusive=true, row_condition=none) %}
select *
from {{ dml_rows(model, row_condition) }}
where {{ dml_outside('accepted_length', 'length(' ~ dml_as_text(column_name) ~ ')', min_value, max_value, inclusive) }}
{% endtest %}

{# Texts without a match of the regular expression; of several, `match_on` says whether one or all must match. #}
{% test accepted_regex(model, column_name, regex, match_on='any', ignore_case=false, row_condition=none) %}
{%- do dml_one_of('accepted_regex', 'match_on', match_on, ['any', 'all']) -%}
{%- set found = [] -%}
{%- for one in dml_needed_list('accepted_regex', 'regex', regex) -%}
  {%- do found.append(dml_regex_match(column_name, one, ignore_case)) -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where not ({{ found | join(' or ' if match_on == 'any' else ' and ') }})
{% endtest %}

{# Texts with a match of a regular expression. #}
{% test rejected_regex(model, column_name, regex, ignore_case=false, row_condition=none) %}
{%- set found = [] -%}
{%- for one in dml_needed_list('rejected_regex', 'regex', regex) -%}
  {%- do found.append(dml_regex_match(column_name, one, ignore_case)) -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where {{ found | join(' or ') }}
{% endtest %}

{# Texts that are not like the pattern (`%` any characters, `_` one). #}
{% test accepted_like(model, column_name, pattern, match_on='any', row_condition=none) %}
{%- do dml_one_of('accepted_like', 'match_on', match_on, ['any', 'all']) -%}
{%- set found = [] -%}
{%- for one in dml_needed_list('accepted_like', 'pattern', pattern) -%}
  {%- do found.append(dml_as_text(column_name) ~ ' like ' ~ dml_text(one)) -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where not ({{ found | join(' or ' if match_on == 'any' else ' and ') }})
{% endtest %}

{# Texts that are like a pattern. #}
{% test rejected_like(model, column_name, pattern, row_condition=none) %}
{%- set found = [] -%}
{%- for one in dml_needed_list('rejected_like', 'pattern', pattern) -%}
  {%- do found.append(dml_as_text(column_name) ~ ' like ' ~ dml_text(one)) -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where {{ found | join(' or ') }}
{% endtest %}

{# Values that are in the list. #}
{% test rejected_values(model, column_name, values, quote=true, row_condition=none) %}
{%- set literals = [] -%}
{%- for value in dml_needed_list('rejected_values', 'values', values) -%}
  {%- do literals.append(dml_text(value) if quote else value) -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where {{ column_name }} in ({{ literals | join(', ') }})
{% endtest %}

{# Empty texts; white space alone is empty too unless told otherwise. #}
{% test not_empty_string(model, column_name, trim_whitespace=true, row_condition=none) %}
select *
from {{ dml_rows(model, row_condition) }}
where {{ dml_regex_match(column_name, '^\\s*$') if trim_whitespace else dml_as_text(column_name) ~ " = ''" }}
{% endtest %}

{# Texts that are no date or time of the format: of the letters of strftime, %Y %m %d %H %M %S and %%. The day must exist in its month. #}
{% test accepted_date_format(model, column_name, format='%Y-%m-%d', row_condition=none) %}
{%- set parts = {
  'Y': '([0-9]{4})',
  'm': '(0[1-9]|1[0-2])',
  'd': '(0[1-9]|[12][0-9]|3[01])',
  'H': '([01][0-9]|2[0-3])',
  'M': '([0-5][0-9])',
  'S': '([0-5][0-9])',
} -%}
{%- set built = namespace(regex='^', letter=false, groups=0) -%}
{%- set group = {} -%}
{%- for letter in format -%}
  {%- if built.letter and letter in parts -%}
    {%- set built.groups = built.groups + 1 -%}
    {%- do group.update({letter: built.groups}) -%}
    {%- set built.regex = built.regex ~ parts[letter] -%}
    {%- set built.letter = false -%}
  {%- elif built.letter and letter != '%' -%}
    {%- do exceptions.raise_compiler_error('accepted_date_format knows %Y, %m, %d, %H, %M, %S and %%, not %' ~ letter) -%}
  {%- elif letter == '%' and not built.letter -%}
    {%- set built.letter = true -%}
  {%- else -%}
    {%- set built.regex = built.regex ~ ('\\' if letter in '.+*?()[]{}|^$\\' else '') ~ letter -%}
    {%- set built.letter = false -%}
  {%- endif -%}
{%- endfor -%}
{%- if built.letter -%}
  {%- do exceptions.raise_compiler_error('accepted_date_format: a format does not end in a single %') -%}
{%- endif -%}
{%- set regex = built.regex ~ '$' -%}
select *
from {{ dml_rows(model, row_condition) }}
where case
    when {{ column_name }} is null then false
    when not ({{ dml_regex_match(column_name, regex) }}) then true
    {%- if 'd' in group and 'm' in group %}
    {%- set month = dml_regex_number(column_name, regex, group['m']) %}
    {%- set year = dml_regex_number(column_name, regex, group['Y']) if 'Y' in group else '2000' %}
    else {{ dml_regex_number(column_name, regex, group['d']) }} > case
        when {{ month }} in (4, 6, 9, 11) then 30
        when {{ month }} <> 2 then 31
        when {{ year }} % 4 = 0 and ({{ year }} % 100 <> 0 or {{ year }} % 400 = 0) then 29
        else 28
    end
    {%- else %}
    else false
    {%- endif %}
end
{% endtest %}

{# Texts that are not JSON, or not an object with these keys of these types (string, number, boolean, array, object, null). #}
{% test accepted_json(model, column_name, required=none, types=none, row_condition=none) %}
{%- set problems = [] -%}
{%- for key in dml_list(required) -%}
  {%- do problems.append('(' ~ dml_json_type(column_name, key) ~ ') is null') -%}
{%- endfor -%}
{%- for key, allowed in (types or {}).items() -%}
  {%- set literals = [] -%}
  {%- for type in dml_list(allowed) -%}
    {%- do dml_one_of('accepted_json', 'a type', type, ['string', 'number', 'boolean', 'array', 'object', 'null']) -%}
    {%- do literals.append(dml_text(type)) -%}
  {%- endfor -%}
  {%- do problems.append('coalesce((' ~ dml_json_type(column_name, key) ~ ') not in (' ~ (literals | join(', ')) ~ '), false)') -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where case
    when {{ column_name }} is null then false
    when not ({{ dml_is_json(column_name) }}) then true
    else {{ problems | join(' or ') if problems else 'false' }}
end
{% endtest %}

{# Rows whose condition is not true: false or unknown. Under a column, the expression is what follows its name. #}
{% test expression_is_true(model, expression, column_name=none, row_condition=none) %}
select *
from {{ dml_rows(model, row_condition) }}
where ({{ column_name ~ ' ' if column_name is not none }}{{ expression }}) is not true
{% endtest %}

{# Values that do not compare with another column of their row as said. A null on either side passes; what is no number is neither less nor greater. #}
{% test compared_to_column(model, column_name, operator, other_column, row_condition=none) %}
{%- do dml_one_of('compared_to_column', 'operator', operator, ['=', '<>', '<', '<=', '>', '>=']) -%}
select *
from {{ dml_rows(model, row_condition) }}
where not ({{ column_name }} {{ operator }} {{ other_column }})
    {%- if operator not in ['=', '<>'] %}
    or {{ dml_is_no_number(column_name) }}
    or {{ dml_is_no_number(other_column) }}
    {%- endif %}
{% endtest %}

{# Pairs of values of two columns that are not in the list. A null on either side passes. #}
{% test accepted_pairs(model, column_name, other_column, pairs, quote=true, row_condition=none) %}
{%- set allowed = [] -%}
{%- for pair in dml_needed_list('accepted_pairs', 'pairs', pairs) -%}
  {%- if pair is string or pair | length != 2 -%}
    {%- do exceptions.raise_compiler_error('accepted_pairs: every pair is a list of two values') -%}
  {%- endif -%}
  {%- set first = dml_text(pair[0]) if quote else pair[0] -%}
  {%- set second = dml_text(pair[1]) if quote else pair[1] -%}
  {%- do allowed.append('(' ~ column_name ~ ' = ' ~ first ~ ' and ' ~ other_column ~ ' = ' ~ second ~ ')') -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where {{ column_name }} is not null
    and {{ other_column }} is not null
    and not ({{ allowed | join(' or ') }})
{% endtest %}

{# Rows where a value occurs in more than one of the columns. #}
{% test unique_within_row(model, columns, row_condition=none) %}
{%- set names = dml_needed_list('unique_within_row', 'columns', columns) -%}
{%- set equal = [] -%}
{%- for first in names -%}
  {%- for second in names[loop.index:] -%}
    {%- do equal.append(first ~ ' = ' ~ second) -%}
  {%- endfor -%}
{%- endfor -%}
{%- if not equal -%}
  {%- do exceptions.raise_compiler_error('unique_within_row needs at least two columns') -%}
{%- endif -%}
select *
from {{ dml_rows(model, row_condition) }}
where {{ equal | join(' or ') }}
{% endtest %}

{# Rows whose columns do not add up to `equals`, which may be a column. A null counts as zero. #}
{% test row_sum(model, columns, equals, tolerance=0, row_condition=none) %}
{%- set terms = [] -%}
{%- for name in dml_needed_list('row_sum', 'columns', columns) -%}
  {%- do terms.append('coalesce(' ~ name ~ ', 0)') -%}
{%- endfor -%}
select *
from {{ dml_rows(model, row_condition) }}
where (abs({{ terms | join(' + ') }} - ({{ equals }})) <= {{ tolerance }}) is not true
{% endtest %}

{# Values further from the mean of their group than so many standard deviations. Fewer than two values, or values all alike, have no outlier. #}
{% test accepted_z_score(model, column_name, max_z=3, group_by=none, row_condition=none) %}
{%- set over = 'over (' ~ ('partition by ' ~ (dml_list(group_by) | join(', ')) if group_by is not none else '') ~ ')' -%}
select *
from (
    select
        *,
        abs({{ column_name }} - avg({{ column_name }}) {{ over }}) / nullif(stddev_samp({{ column_name }}) {{ over }}, 0) as z_score
    from {{ dml_rows(model, row_condition) }}
) scored
where z_score > {{ max_z }}
{% endtest %}

{#
Values beyond Tukey's fences: below the first quartile of their group, or above the third, by more than `multiplier` times the distance between the two. Where
that is zero, every other value is one.
#}
{% test accepted_iqr(model, column_name, multiplier=1.5, group_by=none, row_condition=none) %}
{%- if multiplier is not number or multiplier < 0 -%}
  {%- do exceptions.raise_compiler_error('accepted_iqr: multiplier is a number, 0 or more, not ' ~ multiplier) -%}
{%- endif -%}
{%- set groups = dml_list(group_by) -%}
{%- set on = [] -%}
{%- for name in groups -%}
  {%- do on.append('tested.' ~ name ~ ' is not distinct from quartiles.' ~ name) -%}
{%- endfor -%}
{%- set value = 'tested.' ~ column_name -%}
with tested as (

    select * from {{ dml_rows(model, row_condition) }}

),

quartiles as (

    select
        {% for name in groups %}{{ name }}, {% endfor -%}
        percentile_cont(0.25) within group (order by {{ column_name }}) as first_quartile,
        percentile_cont(0.75) within group (order by {{ column_name }}) as third_quartile
    from tested
    where not {{ dml_is_no_number(column_name) }}
    {{ 'group by ' ~ (groups | join(', ')) if groups }}

)

select tested.*, first_quartile, third_quartile
from tested
inner join quartiles on {{ on | join(' and ') if on else 'true' }}
where {{ value }} < first_quartile - {{ multiplier }} * (third_quartile - first_quartile)
    or {{ value }} > third_quartile + {{ multiplier }} * (third_quartile - first_quartile)
    or {{ dml_is_no_number(value) }}
{% endtest %}
