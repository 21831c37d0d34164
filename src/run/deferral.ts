import type { Session } from '../adapters/index.ts';
import { type Manifest, type Node, nodeRelation } from '../resolve/index.ts';
import { type Parts, type Relation, relation } from '../sql/index.ts';
import type { Deferral } from '../state/index.ts';

/** Where a node stands in another environment. */
export interface Elsewhere {
  readonly relation: Relation;
  /** The name as the run wrote it that built it. */
  readonly name: string | null;
}

/** Decides for each reference whether it leads to the node's own relation or to where an earlier run has built the node. */
export class Deferring {
  private readonly given: Deferral;
  private readonly quoting: Parts<boolean>;
  private readonly selected: ReadonlySet<string>;
  /** Nodes whose own relation is there: before this run, or since it built them. */
  private readonly existing = new Set<string>();

  constructor(given: Deferral, quoting: Parts<boolean>, selected: readonly string[]) {
    this.given = given;
    this.quoting = quoting;
    this.selected = new Set(selected);
  }

  /** Asks which relations are there. Answered from the cache where it is filled. */
  async learn(manifest: Manifest, session: Session): Promise<void> {
    for (const id of this.given.nodes.keys()) {
      const node = manifest.nodes.get(id);
      if (node && (await session.answer({ kind: 'relation', relation: nodeRelation(node, this.quoting) })) !== null) this.existing.add(id);
    }
  }

  /** Takes note of a node that this run has built. */
  built(id: string): void {
    this.existing.add(id);
  }

  /** The node's place in the other environment, whether references lead there or not. */
  counterpart(node: Node): Elsewhere | undefined {
    const found = this.given.nodes.get(node.unique_id);
    return found && { relation: relation(found.database, found.schema, found.identifier, null, this.quoting), name: found.relationName };
  }

  /** Where a reference to the node leads instead; undefined: to its own relation. */
  readonly elsewhere = (node: Node): Relation | undefined => {
    const id = node.unique_id;
    const favored = this.given.favorState && !this.selected.has(id);
    return favored || !this.existing.has(id) ? this.counterpart(node)?.relation : undefined;
  };
}
