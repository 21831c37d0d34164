import { sequenceFilters } from './filters-sequence.ts';
import { textFilters } from './filters-text.ts';
import { valueFilters } from './filters-value.ts';
import type { Filter } from './host.ts';

/** Jinja's builtin filters. */
export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([...valueFilters, ...textFilters, ...sequenceFilters]);
