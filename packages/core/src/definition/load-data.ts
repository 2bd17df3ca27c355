/** Why a definition file cannot be loaded. */
export class LoadFailure extends Error {
  override readonly name: string = 'LoadFailure';
  /** Where in the file, from 1. */
  readonly line: number | null;
  readonly hint: string | undefined;

  constructor(message: string, options: { line?: number | null; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.line = options.line ?? null;
    this.hint = options.hint;
  }
}

/** Parses JSON. Throws a {@link LoadFailure} with the line where the parser tells one. */
export function loadJson(text: string): unknown {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadFailure(`it is not JSON: ${reason}`, { line: jsonLine(source, reason), cause: error });
  }
}

function jsonLine(source: string, reason: string): number | null {
  const position = /at position (\d+)/.exec(reason)?.[1];
  if (position !== undefined) return source.slice(0, Number(position)).split('\n').length;
  return reason.includes('end of JSON') || reason.includes('Unterminated') ? source.trimEnd().split('\n').length : null;
}

/**
 * Parses YAML 1.2 as far as it is JSON: dates and `yes` stay strings, `0644` a number; keys are strings.
 * Throws a {@link LoadFailure} for duplicate keys, tags, several documents, and whatever does not parse.
 */
export async function loadYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, stringKeys: true });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const reason = fault.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
    throw new LoadFailure(`it is not usable YAML: ${reason}`, { line: fault.linePos?.[0].line ?? null, cause: fault });
  }
  if (document.contents === null) throw new LoadFailure('it is empty');
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadFailure(`it is not usable YAML: ${reason}`, { cause: error });
  }
}
