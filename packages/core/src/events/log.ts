import { canonicalJson } from '../plan/json.js';

/** Text that a build or check said, by step. */
export interface LogSection {
  readonly step: string;
  readonly text: string;
}

/** Collects log lines by step, in the order in which the steps first spoke. */
export interface BuildLog {
  add(step: string, line: string): void;
  readonly empty: boolean;
  /** The blob's text: `{"logs":[{"step","text"}]}`. */
  text(): string;
}

/** Opens a log whose lines are masked before they are kept. */
export function openLog(redact: (text: string) => string): BuildLog {
  const sections = new Map<string, string[]>();
  return {
    add: (step, line) => {
      const lines = sections.get(step) ?? [];
      if (lines.length === 0) sections.set(step, lines);
      lines.push(line);
    },
    get empty() {
      return sections.size === 0;
    },
    text: () => {
      const logs = [...sections].map(([step, lines]) => ({ step, text: redact(lines.join('\n')) }));
      return canonicalJson({ logs });
    },
  };
}
