/** Values a template may name: plain text, whether something holds, or lists of such. */
export type TemplateValue = string | number | boolean | null | readonly TemplateData[];
export interface TemplateData {
  readonly [name: string]: TemplateValue;
}

/** Says where a template is wrong. */
export class TemplateError extends Error {}

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'value'; name: string; raw: boolean }
  | { kind: 'section'; name: string; inverted: boolean; children: Node[] };

/** Names the values of an event. */
const nameShape = /^[a-z][a-z0-9_]{0,40}$/;
const deepest = 10;
const longestResult = 100_000;

/**
 * Fills a template: `{{name}}` is a value, escaped; `{{{name}}}` as it is; `{{#name}}…{{/name}}` holds when there is such a
 * value, once for each of a list; `{{^name}}…{{/name}}` when there is none. No code, no partials, no lookups. Throws a
 * TemplateError for a template that is not whole or names what there is not.
 */
export function renderTemplate(
  template: string,
  data: TemplateData,
  escaped: (text: string) => string,
): string {
  const nodes = parse(template);
  let result = '';
  const write = (text: string) => {
    result += text;
    if (result.length > longestResult)
      throw new TemplateError('the result is longer than 100,000 characters');
  };
  const walk = (children: readonly Node[], scopes: readonly TemplateData[]): void => {
    for (const node of children) {
      if (node.kind === 'text') write(node.text);
      else if (node.kind === 'value') {
        const text = textOf(find(node.name, scopes));
        write(node.raw ? text : escaped(text));
      } else walkSection(node, scopes);
    }
  };
  const walkSection = (node: Extract<Node, { kind: 'section' }>, scopes: readonly TemplateData[]): void => {
    const value = find(node.name, scopes);
    const items = Array.isArray(value) ? (value as readonly TemplateData[]) : value ? [{}] : [];
    if (node.inverted) {
      if (items.length === 0) walk(node.children, scopes);
      return;
    }
    for (const item of items) walk(node.children, [item, ...scopes]);
  };
  walk(nodes, [data]);
  return result;
}

function find(name: string, scopes: readonly TemplateData[]): TemplateValue {
  for (const scope of scopes) if (Object.hasOwn(scope, name)) return scope[name] ?? null;
  const known = Object.keys(scopes.at(-1) ?? {}).join(', ');
  throw new TemplateError(`there is no value "${name}"; there are ${known}`);
}

function textOf(value: TemplateValue): string {
  if (value === null) return '';
  if (typeof value === 'object') throw new TemplateError('a list needs a section: {{#name}}…{{/name}}');
  return String(value);
}

const tag = /\{\{\{\s*([^{}]*?)\s*\}\}\}|\{\{\s*([#^/!]?)\s*([^{}]*?)\s*\}\}/g;

function parse(template: string): Node[] {
  const root: Node[] = [];
  const open: { name: string; children: Node[] }[] = [];
  const into = () => open.at(-1)?.children ?? root;
  let end = 0;
  for (const found of template.matchAll(tag)) {
    const [whole, rawName, sign = '', plainName = ''] = found;
    const text = template.slice(end, found.index);
    if (text) into().push({ kind: 'text', text });
    end = found.index + whole.length;
    if (sign === '!') continue;
    const name = rawName ?? plainName;
    if (!nameShape.test(name)) throw new TemplateError(`"${whole.slice(0, 60)}" names no value`);
    if (sign === '/') close(open, name);
    else if (sign === '#' || sign === '^') {
      if (open.length >= deepest) throw new TemplateError('sections are nested too deeply');
      const section = { kind: 'section' as const, name, inverted: sign === '^', children: [] };
      into().push(section);
      open.push(section);
    } else into().push({ kind: 'value', name, raw: rawName !== undefined });
  }
  const rest = template.slice(end);
  if (rest) into().push({ kind: 'text', text: rest });
  const left = open.at(-1);
  if (left) throw new TemplateError(`section "${left.name}" is not closed`);
  return root;
}

function close(open: { name: string }[], name: string): void {
  const last = open.pop();
  if (last?.name === name) return;
  throw new TemplateError(
    last ? `section "${last.name}" is closed by "${name}"` : `section "${name}" was not opened`,
  );
}
