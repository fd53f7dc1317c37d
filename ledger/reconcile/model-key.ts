import { listNames } from '#store/prices/model-names.ts';

/** `claude-3-5-haiku`, `claude-haiku-3-5` and `Claude Haiku 3.5`: Anthropic has turned family and version round. */
const CLAUDE = /^claude-(?:(\d+(?:-\d+)?)-)?(opus|sonnet|haiku|instant)(?:-(\d+(?:-\d+)?))?$/;

/** One word for all names of a model: as sent, dated, with vendor or region, or as written on an invoice. */
export function modelKey(name: string): string {
  const plain = name
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, '-')
    // A dot of a Claude version is a dash in its id; those of `gpt-4.1` stay.
    .replace(/^(claude.*?)(\d)\.(\d)/, '$1$2-$3');
  const short = listNames(plain).at(-1) ?? '';
  const claude = CLAUDE.exec(short);
  return claude ? `claude-${claude[2]}-${claude[3] ?? claude[1] ?? ''}`.replace(/-$/, '') : short;
}
