/** Bedrock's cross-region inference profiles. */
const REGION = /^(us|eu|apac|au|jp|ca|sa|us-gov|global)\.(?=[a-z0-9]+\.)/;
/** Bedrock's vendors; a fixed list, since a dot also stands in `gpt-4.1`. */
const VENDOR = /^(anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|writer|google|stability)\./;
/** `@20250929` or `@default` of Vertex. */
const AT_VERSION = /@[\w.-]+$/;
/** Bedrock's revision. */
const REVISION = /(-v\d+)?:\d+$/;
/** `-2024-07-18` or `-20250929`. */
const DATE = /-20\d{2}-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$/;
/** `-001` of Gemini. */
const STABLE_VERSION = /-00\d$/;
const LATEST = /-latest$/;
const PATH = /^.*\//;

/** Where a model was asked to run, from the prefix of its name (`eu` of `eu.anthropic.…`); empty when it does not say. */
export function regionOf(model: string): string {
  return REGION.exec(model.trim().toLowerCase().replace(PATH, ''))?.[1] ?? '';
}

/**
 * Names under which a model as sent may stand in a price list, the closest first: as it is, then without vendor path,
 * region, vendor, `@version`, revision and date. `us.anthropic.claude-sonnet-4-5-20250929-v1:0` ends as
 * `claude-sonnet-4-5`. Fine-tuned models (`ft:…`) have prices of their own and only their own name.
 */
export function listNames(model: string): string[] {
  const sent = model.trim().toLowerCase();
  if (sent === '' || sent.startsWith('ft:')) return sent === '' ? [] : [sent];
  const names = [sent];
  for (const decoration of [PATH, REGION, VENDOR, AT_VERSION, REVISION, DATE, STABLE_VERSION, LATEST]) {
    const shorter = names.at(-1)!.replace(decoration, '');
    if (shorter !== '' && shorter !== names.at(-1)) names.push(shorter);
  }
  return names;
}
