import { isBakeError } from '../errors/index.js';
import type { Fault } from './types.js';

/** Faults as they are found. */
export interface Faults {
  readonly all: readonly Fault[];
  add(kind: string, where: string, detail: string): void;
  /** Does a part of the work; what it throws is a fault, but not being aborted. Answers `undefined` then. */
  guard<T>(kind: string, where: string, work: () => T | Promise<T>): Promise<T | undefined>;
}

export function faultList(): Faults {
  const all: Fault[] = [];
  const add = (kind: string, where: string, detail: string): void => void all.push({ kind, where, detail });
  return {
    all,
    add,
    async guard(kind, where, work) {
      try {
        return await work();
      } catch (error) {
        if (isBakeError(error, 'ERR_BAKE_ABORTED')) throw error;
        add(kind, where, error instanceof Error ? error.message : String(error));
        return undefined;
      }
    },
  };
}
