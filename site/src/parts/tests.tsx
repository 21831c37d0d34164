import type { TestRow } from '../../../src/docs/data/types.ts';
import { to } from '../router.ts';
import { count } from '../text.ts';
import { Ago, NodeLink } from './basics.tsx';
import { HEALTH_WORDS, Mark } from './icon.tsx';

/** A test in one line: its state, what it checks, what the last run found, since when. */
export function TestLine({ test, withNode = false }: { test: TestRow; withNode?: boolean }) {
  const { last } = test;
  return (
    <li class="test-line">
      <Mark health={test.health} />
      <span class="test-what">
        <a href={to('test', test.id)}>{title(test)}</a>
        {withNode && test.node !== undefined && (
          <>
            {' '}
            <span class="quiet">on</span> <NodeLink id={test.node} />
          </>
        )}
        {last !== undefined && test.health !== 'pass' && <span class="test-message">{findings(test)}</span>}
      </span>
      <span class="test-when quiet">
        {test.since !== undefined ? (
          <>
            since <Ago at={test.since} />
          </>
        ) : (
          last !== undefined && <Ago at={last.at} />
        )}
      </span>
    </li>
  );
}

/** What a test checks, in few words: `not_null on customer_id`, or its name. */
export function title(test: TestRow): string {
  if (test.kind === 'unit' || test.kind === 'singular') return test.name;
  return test.column === undefined ? test.kind : `${test.kind} · ${test.column}`;
}

/** What the last run of a test found. */
export function findings(test: TestRow): string {
  const { last } = test;
  if (last === undefined) return HEALTH_WORDS.none;
  if (last.message !== undefined && last.message !== '') return last.message.split('\n', 1)[0] ?? '';
  return last.failures === undefined ? last.status : count(last.failures, 'failing row');
}
