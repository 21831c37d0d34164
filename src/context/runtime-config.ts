import { type Args, Dict, fromJs, Native, Obj, type Site, type Value } from '../jinja/index.ts';
import { yamlToValue } from './convert.ts';
import type { Invocation } from './invocation.ts';

/** `ref`, `source` and their like: functions that also tell, as `ref.config`, of the project. Packages read versions and variables there. */
export class Resolver extends Native {
  private readonly invocation: Invocation;
  constructor(name: string, invocation: Invocation, body: (args: Args, site: Site) => Value) {
    super(name, body);
    this.invocation = invocation;
  }
  override attr(name: string): Value | undefined {
    return name === 'config' ? new ProjectSettings(this.invocation, this.invocation.projectName) : super.attr(name);
  }
}

/** What templates can read of a project's settings: names, version, variables, arguments and, under `dependencies`, the same of every package. */
class ProjectSettings extends Obj {
  readonly typeName = 'RuntimeConfig';
  private readonly invocation: Invocation;
  private readonly project: string;
  constructor(invocation: Invocation, project: string) {
    super();
    this.invocation = invocation;
    this.project = project;
  }
  override attr(name: string): Value | undefined {
    const { invocation, project } = this;
    switch (name) {
      case 'project_name':
        return project;
      case 'version':
        return invocation.versions?.get(project) ?? null;
      case 'dependencies':
        return new Dict([invocation.projectName, ...invocation.packages].map((p): [Value, Value] => [p, new ProjectSettings(invocation, p)]));
      case 'vars':
        return new Variables(yamlToValue(invocation.vars.written(project === invocation.projectName ? null : project)));
      case 'cli_vars':
        return yamlToValue(invocation.vars.cli);
      case 'args':
        return fromJs(invocation.args);
      case 'target_name':
      case 'profile_name':
        return invocation.target instanceof Obj ? invocation.target.item(name) : undefined;
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
}

/** The variables of a project file, in the wrapper that dbt has them in. */
class Variables extends Obj {
  readonly typeName = 'VarProvider';
  private readonly vars: Value;
  constructor(vars: Value) {
    super();
    this.vars = vars;
  }
  override attr(name: string): Value | undefined {
    if (name === 'vars') return this.vars;
    return name === 'to_dict' ? new Native(name, () => this.vars) : undefined;
  }
  override truthy(): boolean {
    return true;
  }
}
