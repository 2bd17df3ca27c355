import { stripVTControlCharacters } from 'node:util';
import type { BuildResult, BuiltImage } from '../../library.js';
import { short } from '../../plan/digest.js';
import type { BuildTimes } from '../build-times.js';
import { traceLines } from './error.js';
import { marks, type Mark } from './marks.js';
import { tableRows, type Cell, type Row } from './table.js';
import { visible, visibleLines, wrap } from './text.js';
import { duration } from './time.js';
import type { View } from './view.js';

const signs: Readonly<Record<BuiltImage['outcome'], Mark>> = {
  built: marks.good,
  reused: marks.good,
  failed: marks.bad,
  skipped: marks.skipped,
};

/** One line an image, and under it where it is or what to do: `✓ web  9c41f7e03b6d  built 1.8 s · 1/1 checks · 0.6 s`. */
export function printBuild({ images }: BuildResult, view: View, times: BuildTimes): readonly string[] {
  if (images.length === 0) return ['nothing is defined'];
  const targets = new Set(images.map(({ target }) => target)).size > 1;
  const rows = images.map((image): Row => [
    visible(image.image),
    ...(targets ? [{ text: visible(image.target), colour: 'dim' } as const] : []),
    { text: short(image.version), colour: 'cyan' },
    result(image, times),
  ]);
  return tableRows(rows, { ...view, columns: view.columns - 2 }).flatMap(([first = '', ...rest], index) => {
    const image = images[index];
    const sign = image ? signs[image.outcome] : marks.skipped;
    const cut = stripVTControlCharacters(rest.at(-1) ?? first).endsWith('…');
    const below = image ? details(image, view, cut) : [];
    return [
      `${view.style(sign.colour, sign.text)} ${first}`,
      ...rest.map((line) => `  ${line}`),
      ...below.map((line) => view.style('dim', `    ${line}`)),
    ];
  });
}

function result(image: BuiltImage, times: BuildTimes): Cell {
  if (image.outcome === 'failed') return { text: ending('failed', image), colour: 'red' };
  if (image.outcome === 'skipped') return { text: ending('skipped', image), colour: 'dim' };
  if (image.outcome === 'reused') return { text: image.checks.notRun > 0 ? `reused · ${checks(image)}` : 'reused' };
  const checking = times.checking(image);
  const building = Math.max(0, image.milliseconds - (checking ?? 0));
  const tail = checking === undefined ? [] : [duration(checking)];
  return { text: [`built ${duration(building)}`, checks(image), ...tail].join(' · ') };
}

/** What became of an image and why, without repeating what the line says already. */
function ending(word: string, { image, error }: BuiltImage): string {
  const message = (error?.message ?? '').split('\n', 1)[0]?.replace(/:$/, '') ?? '';
  const why = message.startsWith(`${image} was ${word}: `) ? message.slice(`${image} was ${word}: `.length) : message;
  if (why.startsWith(`checks of ${image} failed`)) return visible(why.replace(`checks of ${image}`, 'checks'));
  return why === '' ? word : `${word}: ${visible(why)}`;
}

function checks({ checks: { passed, failed, notRun } }: BuiltImage): string {
  const total = passed + failed + notRun;
  if (total === 0) return 'no checks';
  const run = `${passed}/${total} checks`;
  return notRun === 0 ? run : `${run} · ${notRun} not run`;
}

/** Where the artifact is, or the code of the error and what to do about it. */
function details(
  { image, version, outcome, artifact, error }: BuiltImage,
  view: View,
  cut: boolean,
): readonly string[] {
  if (outcome === 'failed' && error !== null) {
    const rest = visibleLines(error.message)
      .slice(cut ? 0 : 1)
      .filter((line) => line.trim() !== '');
    const hint =
      error.hint ?? (error.code === 'ERR_BAKE_BUILD_FAILED' ? `bake logs ${image}@${short(version)}` : undefined);
    const facts = [...rest, error.code + (hint === undefined ? '' : ` · ${visible(hint)}`)];
    return [...facts.flatMap((line) => wrap(line, view.columns - 4)), ...(view.verbose ? traceLines(error) : [])];
  }
  if (artifact === null || (outcome === 'reused' && !view.verbose)) return [];
  const locations = artifact.locations.map(visible);
  return view.verbose ? [visible(artifact.id), ...locations.filter((text) => text !== artifact.id)] : locations;
}
