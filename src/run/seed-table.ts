import { tableValue } from '../context/index.ts';
import type { Value } from '../jinja/index.ts';
import { csvRecords } from '../plan/index.ts';
import type { JsonMap, SeedNode } from '../resolve/index.ts';
import { type Cell, type CellType, type CsvColumn, csv, type Program, type ResultTable } from '../sql/index.ts';
import { fail } from '../text/index.ts';

const TYPES: Readonly<Record<CsvColumn['kind'], CellType>> = {
  integer: 'integer',
  number: 'decimal',
  date: 'date',
  timestamp: 'timestamp',
  boolean: 'boolean',
  text: 'text',
};

/** A seed's rows as the table that `load_agate_table()` answers, with the types that dbt infers; columns that `column_types` names are text. */
export function* seedTable(node: SeedNode): Program<Value> {
  const given = node.config['delimiter'];
  const delimiter = typeof given === 'string' && given !== '' ? given : ',';
  const types = node.config['column_types'];
  const texts = typeof types === 'object' && types !== null ? Object.keys(types as JsonMap) : [];
  const file = node.input.absolute;
  const shape = yield* csv({ file, delimiter, texts });
  if (shape.broken) return fail('seed-unreadable', { node: node.name, file: node.original_file_path }, { at: node.at, cause: shape.broken.why });
  const columns = shape.columns.map((c) => ({ name: c.name, type: TYPES[c.kind], dataType: c.kind }));
  const rows = csvRecords(file, delimiter).map((record) => columns.map((c, i) => cellOf(record[i], c.type)));
  const table: ResultTable = { columns, rows };
  return tableValue(table);
}

/** A field as a value of its column's type; dbt takes empty fields and the word null for NULL. */
function cellOf(field: string | undefined, type: CellType): Cell {
  const text = (field ?? '').trim();
  if (text === '' || text.toLowerCase() === 'null') return null;
  switch (type) {
    case 'integer': {
      const n = Number(text.replace(/[,_]/g, ''));
      return Number.isSafeInteger(n) ? n : BigInt(text);
    }
    case 'decimal':
      return text.replace(/[,_$€£%]/g, '');
    case 'boolean':
      return text.toLowerCase() === 'true';
    case 'timestamp':
      return text
        .replace('T', ' ')
        .replace(/^(\d{4}-\d\d-\d\d)$/, '$1 00:00:00')
        .replace(/^(\S+ \d\d:\d\d)$/, '$1:00');
    case 'date':
      return text;
    default:
      return field ?? '';
  }
}
