// Reads the documents of tests/cases/materializations: each case is a node, what stands in its place, and the statements it sends.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { batchOf } from '../../../src/plan/index.ts';
import { trace } from '../../../src/run/drive.ts';
import { type Column, type CsvShape, type Dialect, duckdb, type Effect, postgres, type RelationType, relation } from '../../../src/sql/index.ts';
import { type Given, program } from './kit.ts';

/** The `json node` block of a case. */
interface Scene extends Omit<Given, 'sql' | 'dialect' | 'overrides' | 'written' | 'batch'> {
  /** The day of a batch of a microbatch model whose time is the column `ordered_at`. */
  readonly batch?: string;
  /** What stands under the node's name, and columns it has. */
  readonly there?: { readonly type: RelationType; readonly columns?: Readonly<Record<string, string>> };
  /** Columns that the node's query gives. */
  readonly gives?: Readonly<Record<string, string>>;
  readonly csv?: Readonly<Record<string, CsvShape['columns'][number]['kind']>>;
  /** Relations that a killed run has left. */
  readonly left?: readonly string[];
}

const home = path.join(import.meta.dirname, '../../cases/materializations');
const dialects: Readonly<Record<string, Dialect>> = { duckdb, postgres };

const listed = (columns: Readonly<Record<string, string>> = {}): Column[] => Object.entries(columns).map(([name, dataType]) => ({ name, dataType }));

function answers(scene: Scene): (effect: Effect) => unknown {
  const name = scene.name ?? 'orders';
  const csvShape = (): CsvShape => ({
    rows: 2,
    longest: 10,
    columns: Object.entries(scene.csv ?? {}).map(([column, kind]) => ({ name: column, kind, bits: kind === 'integer' ? 32 : 0 })),
  });
  return (effect) => {
    switch (effect.kind) {
      case 'relation':
        if (effect.relation.identifier === name && scene.there) return { ...effect.relation, type: scene.there.type };
        return scene.left?.includes(effect.relation.identifier ?? '') ? relation('shop', 'main', effect.relation.identifier, 'table') : null;
      case 'columns':
        return listed(effect.relation.identifier === name ? scene.there?.columns : scene.gives);
      case 'csv':
        return csvShape();
      case 'query': {
        const contract = scene.contract === true && effect.sql.startsWith('select cast(null as');
        const columns = /as failures/.test(effect.sql)
          ? ['failures', 'should_warn', 'should_error'].map((n) => ({ name: n, type: 'integer', dataType: 'BIGINT' }))
          : listed(contract || /limit 0$/.test(effect.sql) ? scene.gives : {}).map((c) => ({ ...c, type: 'other' }));
        return { table: { columns, rows: /as failures/.test(effect.sql) ? [[0, false, false]] : [] }, response: { message: 'OK' } };
      }
      default:
        return undefined;
    }
  };
}

function batchOn(day: string): NonNullable<Given['batch']> {
  const start = BigInt(Date.parse(day)) * 1000n;
  const model = { eventTime: 'ordered_at', begin: BigInt(Date.UTC(2024, 0, 1)) * 1000n, size: 'day', lookback: 1, concurrent: undefined } as const;
  return { window: batchOf({ start, end: start + 86_400_000_000n }, 'day'), model };
}

function sent(scene: Scene, sql: string, dialect: Dialect): string {
  const { batch, ...rest } = scene;
  const given: Given = {
    ...rest,
    sql,
    dialect,
    ...(batch !== undefined && { batch: batchOn(batch) }),
    ...(scene.csv && { file: `/shop/seeds/${scene.name ?? 'orders'}.csv` }),
  };
  return trace(program(given), answers(scene))
    .sql.map((statement) => (statement.startsWith('--') ? statement : `${statement.replace(/;\s*$/, '')};`))
    .join('\n');
}

interface Block {
  readonly info: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function blocks(text: string): Block[] {
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((m) => {
    const start = m.index + 3 + (m[1] ?? '').length + 1;
    return { info: m[1] ?? '', text: (m[2] ?? '').replace(/\n$/, ''), start, end: start + (m[2] ?? '').length };
  });
}

describe.each(fs.readdirSync(home).filter((n) => n.endsWith('.md')))('%s', (name) => {
  const file = path.join(home, name);
  const text = fs.readFileSync(file, 'utf8');
  const edits: { readonly block: Block; readonly text: string }[] = [];
  const heads = [...text.matchAll(/^## (.+)$/gm)];
  for (const [i, head] of heads.entries()) {
    const [from, to] = [head.index, heads[i + 1]?.index ?? text.length];
    const mine = blocks(text).filter((b) => b.start > from && b.end < to);
    test(head[1] ?? '', () => {
      const scene = JSON.parse(mine.find((b) => b.info === 'json node')?.text ?? '') as Scene;
      const sql = mine.find((b) => b.info === 'sql query')?.text ?? '';
      const outputs = mine.filter((b) => b.info.startsWith('sql on '));
      expect(outputs.length).toBeGreaterThan(0);
      for (const block of outputs) {
        const dialect = dialects[block.info.slice('sql on '.length)];
        if (!dialect) throw new Error(`no dialect in ${block.info}`);
        const actual = sent(scene, sql, dialect);
        if (inject('update')) edits.push({ block, text: actual });
        else expect(actual).toBe(block.text);
      }
    });
  }
  afterAll(() => {
    if (edits.length === 0) return;
    let out = text;
    for (const e of edits.sort((a, b) => b.block.start - a.block.start)) out = `${out.slice(0, e.block.start)}${e.text}\n${out.slice(e.block.end)}`;
    fs.writeFileSync(file, out);
  });
});
