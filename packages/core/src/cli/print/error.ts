import type { BakeError } from '../../errors/index.js';
import { visible, visibleLines, wrap } from './text.js';
import type { View } from './view.js';

/** Causes of causes beyond this are not shown. */
const deepest = 8;

/**
 * An error for people: `error CODE: message`, what to do, and with `--verbose` where it came from.
 * Further lines of the message, such as the problems of a definition, follow one a line.
 */
export function printError(error: BakeError, view: View): readonly string[] {
  const [first = '', ...rest] = visibleLines(error.message);
  const lines = [`${view.style('red', 'error')} ${view.style('bold', error.code)}: ${first}`, ...rest];
  if (error.hint !== undefined) {
    const [hint = '', ...more] = visibleLines(error.hint).flatMap((line) => wrap(line, view.columns - 8));
    lines.push(`  ${view.style('cyan', 'hint')}  ${hint}`, ...more.map((line) => `        ${line}`));
  }
  if (!view.verbose) return lines;
  return [...lines, ...traceLines(error).map((line) => view.style('dim', line))];
}

/** Where an error came from: its data, its stack, and the errors underneath. */
export function traceLines(error: BakeError): readonly string[] {
  const data = Object.keys(error.data).length > 0 ? [`  data  ${visible(JSON.stringify(error.data))}`] : [];
  return [...data, ...stackLines(error), ...causeLines(error.cause, 1)];
}

export function printWarning(message: string, view: View): readonly string[] {
  const [first = '', ...rest] = visibleLines(message);
  return [`${view.style('yellow', 'warning')} ${first}`, ...rest.map((line) => `  ${line}`)];
}

function stackLines(error: Error): readonly string[] {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => visible(`    ${line.trim()}`));
}

function causeLines(cause: unknown, depth: number): readonly string[] {
  if (cause === undefined || depth > deepest) return [];
  if (!(cause instanceof Error))
    return [visible(`  cause ${typeof cause === 'string' ? cause : JSON.stringify(cause)}`)];
  const code = 'code' in cause && typeof cause.code === 'string' ? ` ${cause.code}` : '';
  const joined = cause instanceof AggregateError ? cause.errors : [];
  return [
    ...visibleLines(`  cause ${cause.name}${code}: ${cause.message}`),
    ...stackLines(cause),
    ...joined.flatMap((error: unknown) => causeLines(error, depth + 1)),
    ...causeLines(cause.cause, depth + 1),
  ];
}
