import { expect, test } from 'vitest';
import { isConflict } from '../../../src/adapters/index.ts';
import { drive } from '../../../src/run/drive.ts';
import { type Given, program, Shop } from './kit.ts';

// What a scheduler does with a conflict: the whole materialization again.
const ATTEMPTS = 8;

test('sessions side by side build what they would one after the other', async () => {
  const shop = new Shop();
  const warehouse = await shop.open();
  const nodes: Given[] = Array.from({ length: 48 }, (_, i) => {
    const name = `node_${String(i).padStart(2, '0')}`;
    const sql = `select ${i} as id, range as n from range(50)`;
    const kinds: readonly Given[] = [
      { name, kind: 'view', sql },
      { name, kind: 'table', sql },
      { name, kind: 'table', sql, config: { 'post-hook': [{ sql: 'select 1' }] } },
      { name, kind: 'incremental', sql, config: { unique_key: ['id', 'n'], incremental_strategy: i % 2 ? 'merge' : 'delete+insert' } },
    ];
    return kinds[i % 4] as Given;
  });
  for (let round = 0; round < 3; round++) {
    const waiting = [...nodes];
    const worker = async (): Promise<void> => {
      const session = await warehouse.session('worker');
      for (let node = waiting.shift(); node; node = waiting.shift()) {
        for (let attempt = 1; ; attempt++) {
          try {
            await drive(program(node), session);
            break;
          } catch (error) {
            if (!isConflict(error) || attempt === ATTEMPTS) throw error;
          }
        }
      }
      await session.release();
    };
    await Promise.all(Array.from({ length: 6 }, worker));
  }
  for (const node of nodes)
    expect(await shop.rows(`select count(*), count(distinct n), min(id) from ${node.name}`), node.name).toEqual([[50, 50, nodes.indexOf(node)]]);
  expect(await shop.relations()).toHaveLength(nodes.length);
  await shop.close();
});
