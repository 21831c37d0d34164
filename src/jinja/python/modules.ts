import { type Clock, datetimeModule, pytzModule } from './datetime/index.ts';
import { Dict } from './dict.ts';
import { itertoolsModule } from './itertools.ts';
import { reModule } from './re.ts';

/** dbt's `modules`: datetime, pytz, re and itertools, each a dict of names. */
export function pythonModules(clock: Clock): Dict {
  return new Dict([
    ['pytz', pytzModule()],
    ['datetime', datetimeModule(clock)],
    ['re', reModule()],
    ['itertools', itertoolsModule()],
  ]);
}
