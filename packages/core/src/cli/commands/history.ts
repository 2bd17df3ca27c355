import { defineCommand, given, type CliCommand } from '../command.js';
import type { HistoryResult, HistoryVersion } from '../../library.js';
import { branch } from '../options.js';
import { printHistory } from '../print/history.js';
import { usageError } from '../usage.js';

export const history: CliCommand = defineCommand<HistoryResult>({
  name: 'history',
  about:
    'Lists versions, newest first, as a tree with their branches, commits and channels. ● was checked, ○ was not or failed, ✗ must not be used.',
  arguments: [{ name: 'IMAGE', completes: 'image' }],
  options: [
    { name: 'limit', value: 'N', about: 'how many versions. Default: 20' },
    { ...branch, about: 'only this branch' },
  ],
  examples: [
    { command: 'bake history web', about: 'the newest versions of web' },
    { command: 'bake history --branch main --limit 100', about: 'more, of all images, of one branch' },
  ],
  async run(session, input) {
    const limit = parseLimit(input.text('limit'));
    const bake = await session.project();
    return bake.history(given({ image: input.argument(0), limit, branch: input.text('branch') }));
  },
  json: (data) => ({ versions: (data?.versions ?? []).map(historyJson) }),
  print: printHistory,
});

/** A version as `history` and `show` give it to programs. */
export function historyJson(version: HistoryVersion): Readonly<Record<string, unknown>> {
  const { image, target, createdAt, branch, parents, base, source, state, channels, artifact } = version;
  return {
    image,
    target,
    version: version.version,
    createdAt,
    branch,
    parents,
    base,
    source: source && { commit: source.commit, dirty: source.dirty },
    state,
    channels,
    artifact: artifact && { id: artifact.id, digest: artifact.digest },
  };
}

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw usageError(`--limit wants a whole number from 1, not ${JSON.stringify(text)}`);
  return Number(text);
}
