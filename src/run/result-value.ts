import { instantValue, type Window } from '../compile/index.ts';
import { jsonToValue } from '../context/index.ts';
import { Dict, Float, Native, Obj, PyDateTime, Tuple, type Value } from '../jinja/index.ts';
import { type Manifest, resourceValue } from '../resolve/index.ts';
import type { BatchResults, NodeResult, Timing } from './report.ts';

/** A node's result as templates of on-run-end see it: `res.node`, `res.status`, `res.execution_time`, ... */
export function resultValue(result: NodeResult, manifest: Manifest): Value {
  return new ResultValue(result, manifest);
}

class ResultValue extends Obj {
  readonly typeName = 'RunResult';
  private readonly result: NodeResult;
  private readonly manifest: Manifest;
  private node: Value | undefined;
  constructor(result: NodeResult, manifest: Manifest) {
    super();
    this.result = result;
    this.manifest = manifest;
  }
  override attr(name: string): Value | undefined {
    const { result: r } = this;
    switch (name) {
      case 'node':
        return (this.node ??= this.makeNode());
      case 'status':
      case 'message':
      case 'thread_id':
      case 'failures':
      case 'unique_id':
        return r[name];
      case 'execution_time':
        return new Float(r.execution_time);
      case 'adapter_response':
        return jsonToValue(r.adapter_response);
      case 'timing':
        return r.timing.map((t) => new TimingValue(t));
      case 'batch_results':
        return r.batch_results ? batchesValue(r.batch_results) : null;
      case 'to_dict':
        return new Native('to_dict', () => this.dict());
      default:
        return undefined;
    }
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  override truthy(): boolean {
    return true;
  }
  override repr(): string {
    return `RunResult(status=${this.result.status}, node=${this.result.unique_id})`;
  }
  private makeNode(): Value {
    const { unique_id: id, compiled_code } = this.result;
    const { nodes, unitTests, exposures } = this.manifest;
    const node = nodes.get(id) ?? unitTests.get(id) ?? exposures.get(id);
    return new ResultNode(node ? resourceValue(node, compiled_code).entries() : [['unique_id', id]]);
  }
  private dict(): Value {
    const names = ['status', 'timing', 'thread_id', 'execution_time', 'adapter_response', 'message', 'failures', 'node'];
    return new Dict([...names, 'agate_table', 'batch_results'].map((name): [Value, Value] => [name, this.attr(name) ?? null]));
  }
}

function batchesValue({ successful, failed }: BatchResults): Value {
  const windows = (list: readonly Window[]): Value => list.map(({ start, end }) => new Tuple([instantValue(start), instantValue(end)]));
  return new Dict([
    ['successful', windows(successful)],
    ['failed', windows(failed)],
  ]);
}

/** One step of a node's work. Its times are naive UTC datetimes, as in dbt; as a dict they are texts. */
class TimingValue extends Obj {
  readonly typeName = 'TimingInfo';
  private readonly timing: Timing;
  constructor(timing: Timing) {
    super();
    this.timing = timing;
  }
  override attr(name: string): Value | undefined {
    const { timing } = this;
    switch (name) {
      case 'name':
        return timing.name;
      case 'started_at':
      case 'completed_at':
        return PyDateTime.local(BigInt(Math.round(timing[name] * 1000)));
      case 'to_dict':
        return new Native(
          name,
          () => new Dict([['name', timing.name], ...(['started_at', 'completed_at'] as const).map((key): [string, string] => [key, stamp(timing[key])])]),
        );
      default:
        return undefined;
    }
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  override truthy(): boolean {
    return true;
  }
}

function stamp(millis: number): string {
  return new Date(millis).toISOString().replace(/Z$/, '000Z');
}

/** A node of a result: the dict that templates know, with the method `to_dict` of dbt's object. */
class ResultNode extends Dict {
  override attr(name: string): Value | undefined {
    return name === 'to_dict' ? new Native(name, () => new Dict(this.entries())) : super.attr(name);
  }
}
