import { defineCommand, type CliCommand } from '../command.js';
import type { DoctorResult } from '../../library.js';
import { printDoctor } from '../print/doctor.js';

export const doctor: CliCommand = defineCommand<DoctorResult>({
  name: 'doctor',
  about:
    'Looks at engines, versions, credentials, catalog and disk, and says what is there, what is missing, and what to do. It exits with 0 whatever it finds: not everything that is missing is needed.',
  arguments: [],
  options: [],
  examples: [
    { command: 'bake doctor', about: 'is this machine ready?' },
    { command: 'bake doctor --json', about: 'the same for programs' },
  ],
  async run(session) {
    const bake = await session.project();
    return bake.doctor();
  },
  json: (data) => ({
    findings: (data?.findings ?? []).map(({ name, ok, detail, hint }) => ({ name, ok, detail, hint })),
  }),
  print: printDoctor,
});
