import type { CliCommand } from './command.js';

export interface CommandEntry {
  readonly name: string;
  /** One line for the overview and for shell completion. */
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
}

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

const entry = (name: string, summary: string, load: CommandEntry['load']): CommandEntry => ({ name, summary, load });

/** Every command, as the overview shows them. A command's module is loaded when it is typed. */
export const commandGroups: readonly CommandGroup[] = [
  {
    title: 'Make',
    commands: [
      entry('init', 'write a starter that bakes at once', async () => (await import('./commands/init.js')).init),
      entry(
        'plan',
        'which version each image has, and why it is missing',
        async () => (await import('./commands/plan.js')).plan,
      ),
      entry(
        'build',
        'build what is missing, check it, record it',
        async () => (await import('./commands/build.js')).build,
      ),
      entry(
        'check',
        'run the checks on a fresh copy of an artifact',
        async () => (await import('./commands/check.js')).check,
      ),
      entry(
        'update',
        'move the bases to what their selectors stand for now',
        async () => (await import('./commands/update.js')).update,
      ),
      entry(
        'render',
        'the Dockerfile or template that a build would use',
        async () => (await import('./commands/render.js')).render,
      ),
    ],
  },
  {
    title: 'Look',
    commands: [
      entry(
        'history',
        'versions, newest first, as a tree',
        async () => (await import('./commands/history.js')).history,
      ),
      entry('show', 'everything known about a version', async () => (await import('./commands/show.js')).show),
      entry(
        'explain',
        'which inputs of two versions differ',
        async () => (await import('./commands/explain.js')).explain,
      ),
      entry('logs', 'the build and check logs of a version', async () => (await import('./commands/logs.js')).logs),
      entry('resolve', 'one native id, for scripts', async () => (await import('./commands/resolve.js')).resolve),
      entry('export', 'write an image archive', async () => (await import('./commands/export.js')).exportCommand),
    ],
  },
  {
    title: 'Care',
    commands: [
      entry(
        'verify',
        'rehash every blob and replay every log',
        async () => (await import('./commands/verify.js')).verify,
      ),
      entry(
        'doctor',
        'what is there, what is missing, what to do',
        async () => (await import('./commands/doctor.js')).doctor,
      ),
      entry(
        'completion',
        'a completion script for bash, zsh or fish',
        async () => (await import('./commands/completion.js')).completion,
      ),
      entry('help', 'this overview, or help on a command', async () => (await import('./commands/help.js')).help),
    ],
  },
];

export const commandEntries: readonly CommandEntry[] = commandGroups.flatMap(({ commands }) => commands);

export function findCommand(name: string): CommandEntry | undefined {
  return commandEntries.find((command) => command.name === name);
}
