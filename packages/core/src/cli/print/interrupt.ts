import { short } from '../../plan/digest.js';
import { isActive, type Job } from '../progress.js';
import { visible } from './text.js';

/** What is said at the first interrupt. */
export function noticeOf(reason: unknown): readonly string[] {
  const what = reason instanceof Error ? visible(reason.message) : 'interrupted';
  return [`${what}: cleaning up. Once more leaves things as they are.`];
}

/** What is said at the second interrupt: what was being worked on, and how it is put right. */
export function abandoned(jobs: readonly Job[]): readonly string[] {
  const active = jobs.filter(isActive);
  if (active.length === 0) return ['interrupted again: nothing was being built'];
  return [
    'interrupted again: left as they are, and built anew by the next bake build',
    ...active.map(
      ({ subject, phase }) =>
        `  ${visible(subject.image)}  ${visible(subject.target)}  ${short(subject.version)}  while ${phase}`,
    ),
  ];
}
