import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand, given, type CliCommand } from '../command.js';
import type { ExportResult } from '../../library.js';
import { ref, target } from '../options.js';
import { printExport } from '../print/export.js';
import { usageError } from '../usage.js';

export const exportCommand: CliCommand = defineCommand<ExportResult>({
  name: 'export',
  about:
    'Writes an image archive that docker load, podman and skopeo read. Also a version that has not passed its checks can be exported, to be looked at.',
  arguments: [ref, { name: 'FILE', required: true, completes: 'file' }],
  options: [target],
  examples: [
    { command: 'bake export web@latest web.tar', about: 'then: docker load --input web.tar' },
    { command: 'bake export web@9c41f7e0 web.tar --target docker', about: 'one version of one target' },
  ],
  progress: true,
  async run(session, input) {
    const file = input.argument(1) ?? '';
    if (file === '-') throw usageError('export writes a file, not a stream', 'Give a FILE, such as web.tar.');
    if (statSync(resolve(session.cwd, file), { throwIfNoEntry: false })?.isDirectory() === true)
      throw usageError(`${file} is a folder`, 'Give the FILE to write, such as web.tar.');
    const bake = await session.project();
    return bake.export(input.argument(0) ?? '', file, given({ target: input.text('target') }));
  },
  json: (data) => ({ file: data?.file ?? null, digest: data?.digest ?? null }),
  print: printExport,
});
