import { short } from '../../plan/digest.js';
import type { PlannedImage, PlanResult, PlanState } from '../../library.js';
import { changeLines } from './changes.js';
import type { Colour } from './style.js';
import { summarise } from './summarise.js';
import { tableRows, type Row } from './table.js';
import { visible } from './text.js';
import type { View } from './view.js';

const colours: Readonly<Record<PlanState, Colour>> = {
  present: 'green',
  missing: 'yellow',
  failed: 'red',
  revoked: 'red',
  gone: 'yellow',
};

/** One line an image: `web  docker  9c41f7e03b6d  missing  1 file changed: site/index.html`. */
export function printPlan({ images }: PlanResult, view: View): readonly string[] {
  if (images.length === 0) return ['nothing is defined'];
  const rows = images.map((image): Row => [
    visible(image.image),
    { text: visible(image.target), colour: 'dim' },
    { text: short(image.version), colour: 'cyan' },
    { text: image.state, colour: colours[image.state] },
    reasonOf(image),
  ]);
  return tableRows(rows, view).flatMap((lines, index) => [
    ...lines,
    ...(view.verbose ? changeLines(images[index]?.reasons ?? [], view, '    ') : []),
  ]);
}

/** Why an image is not present, beside the fact that it is not. */
function reasonOf({ image, state, version, reasons }: PlannedImage): string {
  const reason = summarise(reasons);
  if (state === 'present') return reason;
  if (state === 'missing') return reason === '' ? 'not built yet' : reason;
  if (state === 'revoked') return reason;
  if (state === 'gone') return 'recorded, but its artifact is not there';
  return `see: bake logs ${visible(image)}@${short(version)}${reason === '' ? '' : `; ${reason}`}`;
}
