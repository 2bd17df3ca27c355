import { isBakeError, type BakeError } from '../../src/errors/index.js';
import type { Problem } from '../../src/definition/problems.js';
import type { Definition } from '../../src/definition/types.js';

/** A small valid definition; `images` replaces its only image. */
export function aDefinition(
  changes: Record<string, unknown> = {},
  images: Record<string, unknown> = { web: { from: 'scratch' } },
): Definition {
  return {
    name: 'shop',
    providers: { docker: { use: '@bakehouse/provider-docker' } },
    images,
    ...changes,
  } as Definition;
}

/** A definition whose image `web` has these members. */
export function withWeb(image: Record<string, unknown>): Definition {
  return aDefinition({}, { web: { from: 'scratch', ...image } });
}

/** The error that `run` throws. */
export function errorOf(run: () => unknown): BakeError {
  try {
    run();
  } catch (error) {
    if (isBakeError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The problems that `run` reports, `path: message` or `path: message (suggestion)`. */
export function problemsOf(run: () => unknown): string[] {
  const problems = errorOf(run).data['problems'] as unknown as readonly Problem[];
  return problems.map(
    ({ path, message, suggestion }) => `${path}: ${message}${suggestion === null ? '' : ` (${suggestion})`}`,
  );
}
