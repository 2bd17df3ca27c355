import type { VerifyReport } from '../../catalog/types.js';
import { BakeError } from '../../errors/index.js';
import { defineCommand, given, type CliCommand } from '../command.js';
import { count } from '../print/marks.js';
import { printVerify } from '../print/verify.js';

export const verify: CliCommand = defineCommand<VerifyReport>({
  name: 'verify',
  about:
    'Rehashes every blob, replays every log, and compares with what the providers have. It goes on to the end whatever it finds, and changes nothing.',
  arguments: [],
  options: [{ name: 'accept-head', about: 'accept a log that ends earlier than was seen, after restoring a backup' }],
  examples: [
    { command: 'bake verify', about: 'is all that was recorded still what was recorded?' },
    { command: 'bake verify --accept-head', about: 'after a backup was restored' },
  ],
  async run(session, input) {
    const bake = await session.project();
    return bake.verify(given({ acceptHead: input.flag('accept-head') }));
  },
  json: (data) => ({
    blobs: data?.blobs ?? null,
    events: data?.events ?? null,
    faults: (data?.faults ?? []).map(({ kind, where, detail }) => ({ kind, where, detail })),
  }),
  print: printVerify,
  failure: ({ faults }) =>
    faults.length === 0
      ? null
      : new BakeError('ERR_BAKE_VERIFY_FAILED', `${count(faults.length, 'fault')} found`, {
          data: { faults: faults.length },
        }),
  printsFailure: true,
  exit: ({ faults }) => (faults.length === 0 ? undefined : 1),
});
