import { formatPath } from '../definition/problems.js';
import { BakeError, isBakeError } from '../errors/index.js';
import type { Json } from '../plan/json.js';
import { encoders } from './encode.js';
import { assertEncoded, blocks } from './safety.js';
import { templateSource, type TemplateSource } from './source.js';

/** What a template is filled with. Every value that it uses must be there; `null` stands for none. */
export type TemplateValues = Readonly<Record<string, Json>>;

/** A filled template. */
export interface Rendered {
  readonly text: string;
  readonly source: TemplateSource['source'];
}

/** Fills templates of one project; each is read and compiled once. */
export interface Renderer {
  /** Rejects with `ERR_BAKE_TEMPLATE` or `ERR_BAKE_VALUE_UNSAFE`. */
  render(name: string, values: TemplateValues): Promise<Rendered>;
}

/** A compiled template. */
export type Template = (values: TemplateValues) => string;

export function createRenderer({ templatesDir }: { readonly templatesDir?: string } = {}): Renderer {
  const compiled = new Map<
    string,
    Promise<{ readonly template: Template; readonly source: TemplateSource['source'] }>
  >();
  const get = async (
    name: string,
  ): Promise<{ readonly template: Template; readonly source: TemplateSource['source'] }> => {
    const { text, source } = await templateSource(name, templatesDir);
    return { template: await compileTemplate(text, name), source };
  };
  return {
    async render(name, values) {
      const known = compiled.get(name) ?? get(name);
      compiled.set(name, known);
      const { template, source } = await known;
      return { text: template(values), source };
    },
  };
}

/** Reads and fills one template. */
export async function renderTemplate(
  name: string,
  values: TemplateValues,
  options: { readonly templatesDir?: string } = {},
): Promise<Rendered> {
  return createRenderer(options).render(name, values);
}

interface HelperOptions {
  readonly ids?: readonly (string | undefined)[];
  readonly data?: { readonly contextPath?: string };
}

/**
 * Compiles a template after making sure that it writes no value unencoded.
 * Throws `ERR_BAKE_TEMPLATE` (`data: { name, line }`) for that and for faults of syntax; the template throws it for
 * values that are not there (`data: { name, field }`), and `ERR_BAKE_VALUE_UNSAFE` for those that cannot be encoded.
 */
export async function compileTemplate(text: string, name: string): Promise<Template> {
  const { default: Handlebars } = await import('handlebars');
  const handlebars = Handlebars.create();
  const builtIn = { ...handlebars.helpers };
  for (const helper of Object.keys(builtIn)) handlebars.unregisterHelper(helper);

  const missing = (field: string): never => {
    throw new BakeError('ERR_BAKE_TEMPLATE', `${name}: there is no value ${field}`, { data: { name, field } });
  };
  for (const [helper, encode] of Object.entries(encoders))
    handlebars.registerHelper(helper, (value: unknown, options: HelperOptions) => {
      const field = fieldName(options);
      return value === undefined || value === null ? missing(field) : encode(value, field);
    });
  for (const block of blocks)
    handlebars.registerHelper(block, function (this: unknown, value: unknown, options: HelperOptions) {
      // Handlebars' strict mode does not look at what blocks are given.
      if (value === undefined) missing(fieldName(options));
      return (builtIn[block] as (value: unknown, options: HelperOptions) => unknown).call(this, value, options);
    });

  let template: (values: TemplateValues) => string;
  try {
    const tree = handlebars.parse(text);
    assertEncoded(tree.body, Object.keys(encoders), name);
    template = handlebars.compile(tree, {
      strict: true,
      noEscape: true,
      trackIds: true,
      knownHelpersOnly: true,
      knownHelpers: Object.fromEntries(Object.keys(encoders).map((helper) => [helper, true])),
    } as Parameters<typeof handlebars.compile>[1]);
  } catch (error) {
    if (isBakeError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const line = /Parse error on line (\d+)/.exec(reason)?.[1];
    throw new BakeError('ERR_BAKE_TEMPLATE', `${name}: ${reason}`, {
      data: { name, line: line === undefined ? null : Number(line) },
      cause: error,
    });
  }
  return (values) => {
    try {
      return template(values);
    } catch (error) {
      if (isBakeError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new BakeError('ERR_BAKE_TEMPLATE', `${name}: ${reason}`, { data: { name, field: null }, cause: error });
    }
  };
}

/** Where the value of a helper comes from: `config.env.TZ`, `steps[0].command`. */
function fieldName({ ids, data }: HelperOptions): string {
  const [id = ''] = ids ?? [];
  const parts = (text: string): string[] => text.split(/[./]+/).filter((part) => part !== '' && part !== 'this');
  const isKey = id === '@key' || id === '@index';
  // How many parts of the path a `../` stands for is not known here.
  const around = id.startsWith('../') ? [] : (data?.contextPath ?? '').split('.').filter((part) => part !== '');
  const path = [...around, ...(isKey ? [] : parts(id))].map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return `${isKey ? 'the name of ' : ''}${formatPath(path) || 'a value'}`;
}
