import type { HistoryResult, HistoryVersion } from '../../library.js';
import { short } from '../../plan/digest.js';
import { plain, type Colour } from './style.js';
import { drawLanes } from './lanes.js';
import { tableRows, type Row } from './table.js';
import { pad, textWidth, visible } from './text.js';
import { ago } from './time.js';
import type { View } from './view.js';

const signs: Readonly<Record<HistoryVersion['state'], readonly [sign: string, colour: Colour]>> = {
  checked: ['●', 'green'],
  unchecked: ['○', 'yellow'],
  failed: ['○', 'red'],
  revoked: ['✗', 'red'],
  retired: ['○', 'dim'],
};

/** Versions, newest first, one line each, with a lane a branch beside them. */
export function printHistory({ versions }: HistoryResult, view: View): readonly string[] {
  if (versions.length === 0) return ['nothing is recorded yet'];
  const several = (part: (version: HistoryVersion) => string): boolean => new Set(versions.map(part)).size > 1;
  const images = several(({ image }) => image);
  const targets = several(({ target }) => target);
  const lanes = drawLanes(versions.map(({ branch }) => branch));
  const heads = versions.map((version, index) => {
    const [sign] = signs[version.state];
    const graph = (lanes[index]?.row ?? '●').replace('●', sign);
    return { graph, version: short(version.version), age: ago(version.createdAt, view.now) };
  });
  const width = Math.max(...heads.map((head) => textWidth(`${head.graph} ${head.version}  ${head.age}`)));
  const sources = versions.map(madeFrom);
  const sourceWidth = Math.max(...sources.map(textWidth)) + (view.columns < 80 ? 0 : 2);
  const rows = versions.map((version, index): Row => [
    pad(`${heads[index]?.graph} ${heads[index]?.version}  ${heads[index]?.age}`, width),
    ...(images ? [visible(version.image)] : []),
    ...(targets ? [visible(version.target)] : []),
    pad(sources[index] ?? '', sourceWidth),
    remark(version),
  ]);
  const uncoloured = { columns: view.columns, style: plain, shrink: (rows[0]?.length ?? 2) - 2 };
  return tableRows(rows, uncoloured).flatMap((lines, index) => {
    const version = versions[index];
    return [
      ...(version ? paint(lines, version, view) : lines),
      ...(lanes[index]?.after ?? []).map((line) => view.style('dim', line)),
    ];
  });
}

function madeFrom({ branch, source }: HistoryVersion): string {
  if (source === null) return visible(branch);
  return `${visible(branch)} ${visible(source.commit).slice(0, 7)}${source.dirty ? '+' : ''}`;
}

function remark({ state, channels, artifact }: HistoryVersion): string {
  const words: Readonly<Record<HistoryVersion['state'], string>> = {
    checked: '',
    unchecked: 'unchecked',
    failed: artifact === null ? 'failed' : 'checks failed',
    revoked: 'revoked',
    retired: 'retired',
  };
  return [channels.map(visible).join(', '), words[state]].filter((text) => text !== '').join(' · ');
}

/** Colours the sign and the version of a line that is laid out already. */
function paint(lines: readonly string[], version: HistoryVersion, view: View): readonly string[] {
  const digits = short(version.version);
  const [sign, colour] = signs[version.state];
  return lines.map((line, index) => {
    if (index > 0) return view.style('dim', line);
    const at = line.indexOf(digits);
    const graph = line.slice(0, at).replace(sign, view.style(colour, sign));
    return graph + view.style('cyan', digits) + line.slice(at + digits.length);
  });
}
