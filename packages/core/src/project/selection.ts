import { suggest } from '../definition/suggest.js';
import { BakeError } from '../errors/bake-error.js';
import type { ImageTarget } from '../plan/reach.js';
import type { Project } from './types.js';

/** Which images and targets a call is about; nothing said means all. */
export interface Chosen {
  readonly images?: readonly string[] | undefined;
  readonly target?: string | undefined;
}

/** Whether a call is about an image on a target; what it stands on is not asked. */
export function isSelected({ image, target }: Pick<ImageTarget, 'image' | 'target'>, chosen: Chosen): boolean {
  const named = chosen.images === undefined || chosen.images.length === 0 || chosen.images.includes(image);
  return named && (chosen.target === undefined || chosen.target === target);
}

/** Throws `ERR_BAKE_TARGET_UNKNOWN` or `ERR_BAKE_IMAGE_UNKNOWN` where a call names what is not there. */
export function checkSelection(project: Project, all: readonly ImageTarget[], { images, target }: Chosen): void {
  if (target !== undefined && !project.targets.has(target)) {
    throw unknownTarget(target, [...project.targets.keys()]);
  }
  for (const image of images ?? []) {
    const found = all.filter((node) => node.image === image);
    if (found.some((node) => target === undefined || node.target === target)) continue;
    const known = Object.keys(project.definition.images);
    throw new BakeError(
      'ERR_BAKE_IMAGE_UNKNOWN',
      found.length > 0 ? `image "${image}" is not built for target "${target}"` : `there is no image "${image}"`,
      { hint: hintFor(image, known, 'Images'), data: { image, known } },
    );
  }
}

/** The error for a target that is not defined. */
export function unknownTarget(target: string, known: readonly string[]): BakeError {
  return new BakeError('ERR_BAKE_TARGET_UNKNOWN', `there is no target "${target}"`, {
    hint: hintFor(target, known, 'Targets'),
    data: { target, known: [...known] },
  });
}

/** What was meant, where that can be told, else all there is. */
export function hintFor(word: string, known: readonly string[], label: string): string {
  const meant = known.includes(word) ? null : suggest(word, known);
  return meant === null ? `${label}: ${known.join(', ')}.` : `Did you mean ${meant}?`;
}
