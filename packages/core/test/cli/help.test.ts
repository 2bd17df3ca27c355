import { describe, expect, it } from 'vitest';
import { parse } from '../../src/cli/parse.js';
import { textWidth } from '../../src/cli/print/text.js';
import { commandEntries } from '../../src/cli/registry.js';
import { run } from './support.js';

describe('help', () => {
  it('shows usage, what it does, options, examples and exit codes', async () => {
    const { out, exit } = await run(['help', 'plan']);
    expect(exit).toBe(0);
    expect(`\n${out}`).toMatchInlineSnapshot(`
      "
      Usage  bake plan [IMAGE…] [OPTION…]

      Shows which version each image has, whether it is there, and if not, which of
      its inputs differ from the newest version. It writes nothing, and needs no
      credentials where bake.lock is complete.

      Options
        --target NAME     only this target
        --refresh         ask the providers too whether artifacts are still there
        --rehash          read every input again instead of trusting the stat cache
        --exit-code       exit with 4 where something is not present
        --set NAME=VALUE  value of a variable of the definition
        --[no-]frozen     refuse a missing or stale lock entry. Default: whether CI is set

      Everywhere
        -C DIR · --config FILE · --catalog DIR · --json · --events FILE · --quiet ·
        --verbose · --no-color · -h, --help · -V, --version

      Examples
        # all images
        bake plan
        # in a script: is there anything to build?
        bake plan web --exit-code --quiet

      Exit codes
          0  done
          1  failed
          2  usage or definition
          4  with --exit-code: something is not present
        130  interrupted
      "
    `);
  });

  it('is the same with --help, wherever it stands and whatever is missing', async () => {
    const { out } = await run(['help', 'export']);
    for (const argv of [
      ['export', '--help'],
      ['-h', 'export'],
      ['export', 'web', '--help'],
      ['export', '--nonsense', '-h'],
    ])
      expect(await run(argv)).toMatchObject({ exit: 0, out });
  });

  it('lists every command, and bare bake does so as a mistake', async () => {
    const { out } = await run(['help']);
    for (const { name, summary } of commandEntries) expect(out).toContain(`${name.padEnd(10)}  ${summary}`);
    expect(await run(['--help'])).toMatchObject({ exit: 0, out });
    expect(await run([])).toMatchObject({ exit: 2, out: '', err: out });
  });

  it('of an unknown command is an error', async () => {
    expect(await run(['paln', '--help'])).toMatchObject({ exit: 2, out: '' });
  });

  it('tells the version', async () => {
    expect(await run(['--version'])).toMatchObject({ exit: 0, out: '1.2.3\n' });
    expect(await run(['-C', '/', 'plan', '-V'])).toMatchObject({ exit: 0, out: '1.2.3\n' });
  });

  it.each([40, 80])('fits a terminal of %i columns, and says the same', async (columns) => {
    for (const argv of [['help'], ...commandEntries.map(({ name }) => ['help', name])]) {
      const { out } = await run(argv, {}, { columns, env: { NO_COLOR: '1' } });
      for (const line of out.split('\n').filter((one) => !/^ {2}.*bake /.test(one)))
        expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(out).not.toContain('…\n');
    }
  });
});

describe.each(commandEntries)('$name', ({ name, load }) => {
  it('is described in two sentences, with two examples that can be typed', async () => {
    const command = await load();
    expect(command.name).toBe(name);
    expect(command.about.match(/[.](?= |$)/g)).toHaveLength(2);
    for (const { command: line } of command.examples) {
      const typed = /bake ([^|>)"]*)/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
      expect(typed[0]).toBe(name);
      expect(() => parse(typed, command)).not.toThrow();
    }
  });
});
