/** What is drawn beside one version: its own row, with `●` where it is, and rows that follow. */
export interface Lane {
  readonly row: string;
  readonly after: readonly string[];
}

/**
 * Draws a lane for each branch beside versions that are sorted newest first. The trunk (`main`, `master`, else the
 * oldest version's branch) is the first lane; another branch's lane begins at its newest version and joins the trunk
 * below its oldest one, where the trunk goes on.
 */
export function drawLanes(branches: readonly string[]): readonly Lane[] {
  const trunk = ['main', 'master'].find((name) => branches.includes(name)) ?? branches.at(-1) ?? 'main';
  const first = branches.indexOf(trunk);
  const last = branches.lastIndexOf(trunk);
  const active: (string | undefined)[] = [];
  return branches.map((branch, index) => {
    const trunkDrawn = index >= first && index <= last;
    if (branch === trunk) return { row: join([{ text: '●' }, ...active.map(through)]), after: [] };
    let slot = active.indexOf(branch);
    if (slot < 0) {
      const free = active.indexOf(undefined);
      slot = free < 0 ? active.length : free;
      active[slot] = branch;
    }
    const row = join([
      { text: trunkDrawn ? '│' : ' ' },
      ...active.map((name, at) => (at === slot ? { text: '●' } : through(name))),
    ]);
    if (branches.indexOf(branch, index + 1) >= 0) return { row, after: [] };
    const joins = index < last;
    const corner = trunkDrawn ? '├' : '╭';
    const line = join([
      { text: corner, right: true },
      ...active.map((name, at) => {
        if (at < slot) return { text: name === undefined ? '─' : '│', right: true };
        return at === slot ? { text: '╯' } : through(name);
      }),
    ]);
    active[slot] = undefined;
    while (active.length > 0 && active.at(-1) === undefined) active.pop();
    return { row, after: joins ? [line] : [] };
  });
}

interface Piece {
  readonly text: string;
  /** Whether a line leads on to the right. */
  readonly right?: boolean;
}

const through = (name: string | undefined): Piece => ({ text: name === undefined ? ' ' : '│' });

const join = (pieces: readonly Piece[]): string =>
  pieces
    .map(({ text, right }) => text + (right === true ? '─' : ' '))
    .join('')
    .trimEnd();
