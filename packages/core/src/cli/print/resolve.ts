import type { Resolution } from '../../library.js';
import { visible } from './text.js';

/** The id alone, so that `$(bake resolve …)` is it. */
export function printResolution({ id }: Resolution): readonly string[] {
  return [visible(id)];
}
