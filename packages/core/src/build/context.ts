import type { Author, Catalog } from '../catalog/types.js';
import type { PlannedNode } from '../project/plans.js';
import type { Project, Target } from '../project/types.js';

/** What the baking of one planned image works with. */
export interface NodeContext {
  readonly project: Project;
  readonly target: Target;
  readonly node: PlannedNode;
  readonly catalog: Catalog;
  readonly author: Author;
  readonly branch: string;
  readonly onFailure: 'remove' | 'keep';
}

/** The subject that events about this node carry. */
export function subjectOf({ node }: NodeContext): { image: string; target: string; version: string } {
  return { image: node.image, target: node.target, version: node.plan.version };
}

/** Milliseconds since `start`, never negative, from the project's clock. */
export function since(context: NodeContext, start: number): number {
  return Math.max(0, Math.round(context.project.now() - start));
}
