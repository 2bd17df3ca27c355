import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { inputError, walkError } from './input-error.js';
import { compareNames } from './tree-object.js';

const lstatOptions = { bigint: true, throwIfNoEntry: false } as const;

/** Names in a folder, in the order of tree objects. `source` and `shown` end with `/`, or `shown` is empty. */
export function listFolder(source: string, shown: string): readonly string[] {
  try {
    return readdirSync(source).sort(compareNames);
  } catch (error) {
    throw walkError(shown === '' ? '.' : shown.slice(0, -1), error);
  }
}

/** The stat of a file, folder or link itself; `undefined` where there is none of that name. */
export function look(source: string, shown: string): BigIntStats | undefined {
  try {
    return lstatSync(source, lstatOptions);
  } catch (error) {
    throw walkError(shown, error);
  }
}

/** Target of a link. Throws `ERR_BAKE_INPUT_NAME` where it is not valid UTF-8. */
export function readLink(source: string, shown: string): string {
  let target: Buffer;
  try {
    target = readlinkSync(source, 'buffer');
  } catch (error) {
    throw walkError(shown, error);
  }
  if (!isUtf8(target)) throw inputError('ERR_BAKE_INPUT_NAME', shown, 'is a link to a name that is not valid UTF-8');
  return target.toString();
}

/**
 * Whether a listed name is what the folder really holds. Node reads a name that is not UTF-8 with U+FFFD in it, and
 * could not open it then; but a name may hold that character too.
 */
export function isListedName(source: string, name: string): boolean {
  if (!name.includes('\ufffd')) return true;
  return readdirSync(source, 'buffer').every((bytes) => bytes.toString() !== name || isUtf8(bytes));
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}
