import { isBakeError, type BakeError } from '../../errors/index.js';
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
    let bake;
    try {
      bake = await session.project();
    } catch (error) {
      if (isBakeError(error) && /^ERR_BAKE_(?:DEFINITION|PROVIDER)_/.test(error.code)) return doctorWithout(error);
      throw error;
    }
    return bake.doctor();
  },
  json: (data) => ({
    findings: (data?.findings ?? []).map(({ name, ok, detail, hint }) => ({ name, ok, detail, hint })),
  }),
  print: printDoctor,
});

/** What can be said where the project does not open. */
function doctorWithout({ message, hint }: BakeError): DoctorResult {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return {
    findings: [
      {
        name: 'node',
        ok: recent,
        detail: process.versions.node,
        hint: recent ? null : 'Install Node 20.19 or newer.',
      },
      { name: 'definition', ok: false, detail: message, hint: hint ?? null },
    ],
  };
}
