// What people come from has a row in docs/tests.md: every public generic test of dbt_utils and dbt_expectations, every expectation that Great Expectations
// counts (or, before version 1, counted) as core.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { libraryFiles } from './library.ts';

const guide = readFileSync(new URL('../../../docs/tests.md', import.meta.url), 'utf8');
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const DBT_UTILS = words(`
  accepted_range at_least_one cardinality_equality equal_rowcount equality expression_is_true fewer_rows_than mutually_exclusive_ranges not_accepted_values
  not_constant not_empty_string not_null_proportion recency relationships_where sequential_values unique_combination_of_columns`);

const BOTH = words(`
  column_distinct_values_to_be_in_set column_distinct_values_to_contain_set column_distinct_values_to_equal_set column_max_to_be_between
  column_mean_to_be_between column_median_to_be_between column_min_to_be_between column_most_common_value_to_be_in_set
  column_pair_values_a_to_be_greater_than_b column_pair_values_to_be_equal column_pair_values_to_be_in_set
  column_proportion_of_unique_values_to_be_between column_quantile_values_to_be_between column_stdev_to_be_between column_sum_to_be_between column_to_exist
  column_unique_value_count_to_be_between column_value_lengths_to_be_between column_value_lengths_to_equal column_values_to_be_between
  column_values_to_be_decreasing column_values_to_be_in_set column_values_to_be_in_type_list column_values_to_be_increasing column_values_to_be_null
  column_values_to_be_of_type column_values_to_be_unique column_values_to_match_like_pattern column_values_to_match_like_pattern_list
  column_values_to_match_regex column_values_to_match_regex_list column_values_to_not_be_in_set column_values_to_not_be_null
  column_values_to_not_match_like_pattern column_values_to_not_match_like_pattern_list column_values_to_not_match_regex
  column_values_to_not_match_regex_list compound_columns_to_be_unique multicolumn_sum_to_equal select_column_values_to_be_unique_within_record
  table_column_count_to_be_between table_column_count_to_equal table_columns_to_match_ordered_list table_columns_to_match_set
  table_row_count_to_be_between table_row_count_to_equal table_row_count_to_equal_other_table`);

const DBT_EXPECTATIONS = words(`
  column_distinct_count_to_be_greater_than column_distinct_count_to_be_less_than column_distinct_count_to_equal column_distinct_count_to_equal_other_table
  column_values_to_be_within_n_moving_stdevs column_values_to_be_within_n_stdevs column_values_to_have_consistent_casing
  grouped_row_values_to_have_recent_data row_values_to_have_data_for_every_n_datepart row_values_to_have_recent_data table_aggregation_to_equal_other_table
  table_column_count_to_equal_other_table table_columns_to_contain_set table_columns_to_not_contain_set
  table_row_count_to_equal_other_table_times_factor equal_expression expression_between expression_is_true`);

const GREAT_EXPECTATIONS = words(`
  column_kl_divergence_to_be_less_than column_proportion_of_non_null_values_to_be_between column_value_z_scores_to_be_less_than
  query_results_to_match_comparison unexpected_rows multicolumn_values_to_be_equal multicolumn_values_to_be_unique column_type_to_be
  column_values_to_not_be_outliers column_values_to_be_dateutil_parseable
  column_values_to_match_strftime_format column_values_to_be_json_parseable column_values_to_match_json_schema
  column_pair_cramers_phi_value_to_be_less_than column_bootstrapped_ks_test_p_value_to_be_greater_than
  column_parameterized_distribution_ks_test_p_value_to_be_greater_than column_chisquare_test_p_value_to_be_greater_than`);

/** The rows of the table below a head: what is called so elsewhere, and what it is here. */
function rowsBelow(head: string): readonly (readonly [name: string, here: string])[] {
  const table = guide.slice(guide.indexOf(`| ${head} | dml |`)).split('\n\n')[0] ?? '';
  return table
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const [, names = '', here = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return namesOf(names).map((name) => [name, here] as const);
    });
}

/** `a_to_equal, …_be_between (d)` with its names in full: what stands for `…` is a beginning of the name before. */
function namesOf(cell: string): readonly string[] {
  const items = cell.split(',').map((item) => item.replace(/\(\w\)/, '').trim());
  const all = new Set([...BOTH, ...DBT_EXPECTATIONS, ...GREAT_EXPECTATIONS]);
  return items.map((item, i) => {
    if (!item.startsWith('…')) return item;
    const [end, before] = [item.slice(1), items.slice(0, i).findLast((other) => !other.startsWith('…')) ?? ''];
    return [...all].find((name) => name.endsWith(end) && before.startsWith(name.slice(0, -end.length))) ?? item;
  });
}

const known = new Set(
  libraryFiles()
    .filter((file) => file.folder === 'dml')
    .flatMap((file) => [...file.text.matchAll(/\{% test (\w+)/g)].map((m) => m[1] ?? '')),
);

test.each([
  ['dbt_utils', DBT_UTILS],
  ['expect_…', [...BOTH, ...DBT_EXPECTATIONS, ...GREAT_EXPECTATIONS]],
])('every test of %s has a row', (head, names) => {
  const rows = rowsBelow(head);
  expect([...rows.map(([name]) => name)].sort()).toEqual([...names].sort());
  for (const [name, here] of rows) {
    const ours = [...here.matchAll(/`(\w+)`/g)].map((m) => m[1] ?? '').filter((word) => known.has(word));
    // What has no equivalent says why.
    expect(ours.length > 0 || /^(?:none: .|a singular test)/.test(here), `${name}: ${here}`).toBe(true);
  }
});
