import type { Subject, TimedEvent } from '../events/types.js';

/** How long parts of a build took, as its events tell. */
export interface BuildTimes {
  note(event: TimedEvent): void;
  /** Milliseconds from the start of the checks to the end; `undefined` where none were run. */
  checking(subject: Pick<Subject, 'target' | 'version' | 'image'>): number | undefined;
}

export function createBuildTimes(): BuildTimes {
  const started = new Map<string, number>();
  const taken = new Map<string, number>();
  const key = ({ image, target, version }: Subject): string => JSON.stringify([image, target, version]);
  return {
    note({ time, event }) {
      if (event.type === 'checking' && event.checks > 0) started.set(key(event), Date.parse(time));
      const start = event.type === 'finished' ? started.get(key(event)) : undefined;
      if (event.type === 'finished' && start !== undefined) taken.set(key(event), Date.parse(time) - start);
    },
    checking: (subject) => taken.get(key(subject)),
  };
}
