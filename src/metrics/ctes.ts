/** The CTEs of one statement, in the order they are written. */
export class Ctes {
  private readonly taken = new Set<string>();
  private readonly texts = new Map<string, string>();

  /** The name that is wanted, or one like it that no other CTE has. */
  unique(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** Adds a CTE and answers its name; texts that are equal become one. */
  add(wanted: string, text: string): string {
    const known = [...this.texts].find(([, t]) => t === text)?.[0];
    return known ?? this.set(this.unique(wanted), text);
  }

  /** Adds a CTE under a name that is taken for it. */
  set(name: string, text: string): string {
    this.texts.set(name, text);
    return name;
  }

  all(): readonly (readonly [name: string, text: string])[] {
    return [...this.texts];
  }

  clear(): void {
    this.taken.clear();
    this.texts.clear();
  }
}

/** A name that is chosen when it is first asked for, and again in each writing of a statement. */
export class LateName {
  private readonly ctes: Ctes;
  private given: string | undefined;
  constructor(ctes: Ctes) {
    this.ctes = ctes;
  }
  of(wanted: () => string): string {
    this.given ??= this.ctes.unique(wanted());
    return this.given;
  }
  forget(): void {
    this.given = undefined;
  }
}
