import { BakeError } from '../errors/bake-error.js';

/** The parts of Handlebars' syntax tree that are looked at. */
interface Node {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number } };
  readonly escaped?: boolean;
  readonly path?: { readonly type: string; readonly original: unknown };
  readonly params?: readonly Node[];
  readonly hash?: { readonly pairs: readonly unknown[] };
  readonly program?: { readonly body: readonly Node[] } | null;
  readonly inverse?: { readonly body: readonly Node[] } | null;
}

/** The blocks that templates may use. */
export const blocks: readonly string[] = ['if', 'unless', 'each', 'with'];

/**
 * Refuses a template by which a value could reach the text unencoded: every mustache is `{{ENCODER value}}`, blocks only
 * choose and repeat, and there are no partials, decorators, inner calls or raw output.
 * Throws `ERR_BAKE_TEMPLATE` (`data: { name, line }`).
 */
export function assertEncoded(body: readonly unknown[], encoders: readonly string[], name: string): void {
  for (const node of body as readonly Node[]) check(node, encoders, name);
}

function check(node: Node, encoders: readonly string[], name: string): void {
  const refuse = (reason: string): never => {
    const line = node.loc?.start.line ?? null;
    throw new BakeError('ERR_BAKE_TEMPLATE', `${name}${line === null ? '' : `:${line}`}: ${reason}`, {
      data: { name, line },
    });
  };
  const called = node.path?.type === 'PathExpression' ? String(node.path.original) : undefined;
  switch (node.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return;
    case 'MustacheStatement': {
      if (called === undefined || !encoders.includes(called))
        refuse(`{{${String(node.path?.original)}}} writes a value as it is; name its language, as in {{shell value}}`);
      if (node.escaped === false) refuse(`{{{…}}} is not known; write {{${called} value}}`);
      break;
    }
    case 'BlockStatement':
      if (called === undefined || !blocks.includes(called))
        refuse(`{{#${String(node.path?.original)}}} is not known; there are ${blocks.join(', ')}`);
      break;
    default:
      refuse(`a ${node.type} is not possible in a template`);
  }
  if (node.params?.length !== 1 || (node.hash?.pairs.length ?? 0) > 0) refuse(`{{${called}}} takes one value`);
  for (const { type } of node.params ?? [])
    if (type === 'SubExpression') refuse(`{{${called} (…)}} is not possible: give it the value itself`);
  for (const inner of [node.program, node.inverse]) if (inner) assertEncoded(inner.body, encoders, name);
}
