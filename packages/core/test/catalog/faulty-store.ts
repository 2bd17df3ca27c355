import type { Store, StoreReceipt } from '../../src/index.js';

/** What goes wrong with one put: before it is done, or after, when only its answer is lost. */
export type PutFault = 'before' | 'lost reply' | undefined;

/** A store whose puts fail as `fault` says. */
export function faultyStore(store: Store, fault: (key: string) => PutFault | Promise<PutFault>): Store {
  return {
    get: (key, range) => store.get(key, range),
    list: (prefix, after, limit) => store.list(prefix, after, limit),
    delete: (key) => store.delete(key),
    async put(key, data, options): Promise<StoreReceipt> {
      const what = await fault(key);
      if (what === 'before') throw new Error('the connection was refused');
      const receipt = await store.put(key, data, options);
      if (what === 'lost reply') throw new Error('the connection was lost');
      return receipt;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
