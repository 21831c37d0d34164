import { Obj, PyError, type Value } from '../../value.ts';
import { quote } from '../text.ts';
import { pad } from './calendar.ts';
import { TimeDelta } from './timedelta.ts';

/** What a zone knows about one local time, in seconds. */
export interface Offset {
  readonly seconds: number;
  readonly dst: number;
  readonly name: string;
}

/** A `tzinfo`: answers the offset that holds at a local time (milliseconds since 1970 as if the wall clock showed UTC). */
export abstract class Zone extends Obj {
  readonly typeName: string = 'tzinfo';
  abstract offset(local: number): Offset;
  /** The zone object a time carries after conversion from a UTC instant (milliseconds), and the offset there. */
  at(utc: number): readonly [Zone, Offset] {
    return [this, this.offset(utc)];
  }
  override module(): string {
    return 'datetime';
  }
  override truthy(): boolean {
    return true;
  }
}

/** `+02:00`, with seconds where there are any. */
export function offsetText(seconds: number, colon = ':'): string {
  const size = Math.abs(seconds);
  const rest = size % 60 === 0 ? '' : `${colon}${pad(size % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${pad(Math.floor(size / 3600))}${colon}${pad(Math.floor(size / 60) % 60)}${rest}`;
}

/** `datetime.timezone(offset, name)`. */
export class FixedZone extends Zone {
  override readonly typeName: string = 'timezone';
  private readonly fixed: Offset;
  private readonly given: string | undefined;
  constructor(seconds: number, name?: string) {
    super();
    if (Math.abs(seconds) >= 86400) {
      throw new PyError(
        'ValueError',
        `offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not ${TimeDelta.seconds(seconds).repr()}.`,
      );
    }
    this.given = name;
    this.fixed = { seconds, dst: 0, name: name ?? (seconds === 0 ? 'UTC' : `UTC${offsetText(seconds)}`) };
  }
  offset(): Offset {
    return this.fixed;
  }
  override str(): string {
    return this.fixed.name;
  }
  override repr(): string {
    if (this.fixed.seconds === 0 && this.given === undefined) return 'datetime.timezone.utc';
    return `datetime.timezone(${TimeDelta.seconds(this.fixed.seconds).repr()}${this.given === undefined ? '' : `, ${quote(this.given)}`})`;
  }
  override equals(other: Value): boolean {
    return other instanceof FixedZone && other.fixed.seconds === this.fixed.seconds;
  }
  override hashKey(): unknown {
    return `\0z${this.fixed.seconds}`;
  }
}
