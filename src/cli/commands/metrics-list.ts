import { type ListedMetric, listMetrics, semanticsOf } from '../../metrics/index.ts';
import { type Context, OK, open, UNUSABLE } from '../context.ts';

/** Prints the metrics of the project, and what each can be grouped by. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const names = ((c.flags.values.get('metrics') as readonly string[] | undefined) ?? []).flatMap((v) => v.split(',')).filter((name) => name !== '');
  const metrics = listMetrics(semanticsOf(opened.manifest), opened.invocation.environment, names);
  c.console.output(c.flags.values.get('output') === 'json' ? JSON.stringify(metrics, null, 2) : metrics.map(lines).join('\n'));
  return OK;
}

function lines({ name, type, label, description, group_by }: ListedMetric): string {
  const about = [label === name ? null : label, description].filter((text) => text).join(': ');
  return [`${name} (${type})${about === '' ? '' : ` ${about}`}`, `  by ${group_by.join(', ')}`].join('\n');
}
