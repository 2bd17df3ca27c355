import { posix } from 'node:path';
import { BakeError } from '../errors/bake-error.js';

/**
 * A destination in an image in its one normal form: absolute, no `.`, no doubled `/`, a trailing `/` kept.
 * Throws `ERR_BAKE_DESTINATION_INVALID` for relative ones, for `..` and for NUL.
 */
export function normalDestination(to: string, where: string): string {
  const problem = !to.startsWith('/')
    ? 'is not absolute'
    : to.split('/').includes('..')
      ? 'contains ".."'
      : to.includes('\0')
        ? 'contains a NUL character'
        : undefined;
  if (problem !== undefined) {
    throw new BakeError('ERR_BAKE_DESTINATION_INVALID', `${where}: the destination ${JSON.stringify(to)} ${problem}`, {
      hint: 'Write an absolute path of the image, such as /var/www/html.',
      data: { where, to },
    });
  }
  return posix.normalize(to);
}

/** A destination without its trailing `/`, for what is a folder in any case. */
export function folderDestination(to: string, where: string): string {
  const normal = normalDestination(to, where);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
