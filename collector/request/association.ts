import { type MappedField, type Mapping, mappedFields, readMapped } from '#contract/mapping.ts';
import { isContentKey } from './content-keys.ts';
import type { SpanFacts } from './facts.ts';
import { placeOf } from './places.ts';
import { normalPurpose } from './purpose.ts';
import {
  asText,
  type Field,
  type FieldTable,
  field,
  firstText,
  inJson,
  type LookUp,
  type Reading,
  type Source,
  sources,
} from './reading.ts';

export type AssociationFacts = Pick<
  SpanFacts,
  | 'feature'
  | 'workflow'
  | 'chain'
  | 'tenant'
  | 'team'
  | 'purpose'
  | 'user'
  | 'session'
  | 'agent'
  | 'promptName'
  | 'promptVersion'
  | 'variant'
  | 'outcome'
>;

// Where each sender lets applications put their own values.
const T = (...names: string[]) => names.map(name => `traceloop.association.properties.${name}`);
const V = (...names: string[]) =>
  names.flatMap(name => [`ai.telemetry.metadata.${name}`, `ai.settings.context.${name}`]);
const I = (...names: string[]) => names.map(name => inJson('metadata', name));
const L = (...names: string[]) =>
  names.flatMap(name => [`langfuse.trace.metadata.${name}`, `langfuse.observation.metadata.${name}`]);

/** The same words for every sender, since a plain HTTP span may carry them above any dialect. */
function everywhere(general: Source[], own: Partial<FieldTable>): Field {
  const column = (keys: readonly Source[] = []) => [...keys, ...general];
  return field({
    gen_ai: column(own.gen_ai),
    openinference: column(own.openinference),
    vercel_ai: column(own.vercel_ai),
    langfuse: column(own.langfuse),
  });
}

const feature = everywhere(['langfuse.trace.name'], {
  gen_ai: ['app.feature', 'feature.name', ...T('feature'), ...V('feature')],
  openinference: ['app.feature', 'feature.name', ...I('feature')],
  vercel_ai: ['app.feature', 'feature.name', ...V('feature'), 'ai.telemetry.functionId', 'resource.name'],
  langfuse: ['app.feature', 'feature.name', ...L('feature')],
});

const user = everywhere(['user.id', 'enduser.id', 'langfuse.user.id'], {
  gen_ai: [
    'user.id',
    'enduser.id',
    ...T('user_id', 'userId'),
    'gen_ai.request.user',
    ...V('userId', 'user_id'),
  ],
  openinference: ['user.id', ...I('user_id', 'userId')],
  vercel_ai: V('userId', 'user_id'),
});

const session = everywhere(['gen_ai.conversation.id', 'session.id', 'langfuse.session.id'], {
  gen_ai: [
    'gen_ai.conversation.id',
    'session.id',
    ...T('session_id', 'sessionId', 'thread_id'),
    ...V('sessionId', 'session_id', 'conversationId'),
  ],
  openinference: ['session.id', ...I('session_id', 'sessionId', 'thread_id')],
  vercel_ai: V('sessionId', 'session_id', 'conversationId'),
  langfuse: ['session.id', 'langfuse.session.id'],
});

const tenant = everywhere(['tenant.id'], {
  gen_ai: ['tenant.id', ...T('tenant', 'tenant_id'), ...V('tenant', 'tenantId')],
  openinference: I('tenant', 'tenant_id'),
  vercel_ai: V('tenant', 'tenantId'),
  langfuse: L('tenant', 'tenant_id'),
});

const team = everywhere(['driftline.team', 'team', 'team.id', 'app.team'], {
  gen_ai: [...T('team', 'team_id'), ...V('team', 'teamId')],
  openinference: I('team', 'team_id'),
  vercel_ai: V('team', 'teamId'),
  langfuse: L('team', 'team_id'),
});

const purpose = everywhere(['driftline.purpose'], {});

const openInferenceKind = placeOf('openinference.span.kind');
const observationType = placeOf('langfuse.observation.type');
const traceloopKind = placeOf('traceloop.span.kind');

const agent = everywhere(['gen_ai.agent.name'], {
  openinference: [reading => (reading.values[openInferenceKind] === 'AGENT' ? reading.span.name : undefined)],
  vercel_ai: ['ai.telemetry.functionId'],
  langfuse: [reading => (reading.values[observationType] === 'agent' ? reading.span.name : undefined)],
});

// traceloop.entity.version is the workflow's version, not the prompt's.
const promptName = everywhere(['gen_ai.prompt.name'], {
  gen_ai: ['gen_ai.prompt.name', 'traceloop.prompt.key', ...T('traceloop.prompt.key'), ...V('promptName')],
  openinference: I('prompt_name', 'promptName'),
  vercel_ai: [langfusePrompt('name'), ...V('promptName')],
  langfuse: ['langfuse.observation.prompt.name'],
});

const promptVersion = everywhere(['gen_ai.prompt.version'], {
  gen_ai: [
    'gen_ai.prompt.version',
    'traceloop.prompt.version',
    ...T('traceloop.prompt.version'),
    ...V('promptVersion'),
  ],
  openinference: ['llm.prompt_template.version', ...I('prompt_version', 'promptVersion')],
  vercel_ai: [langfusePrompt('version'), ...V('promptVersion')],
  langfuse: ['langfuse.observation.prompt.version'],
});

const workflowName = sources('gen_ai.workflow.name', 'traceloop.workflow.name');
const entityName = sources('traceloop.entity.name');

const VARIANT_NAMES = ['variant', 'prompt_variant', 'promptVariant', 'experiment'];

const variant = everywhere(['feature_flag.result.variant', 'app.variant'], {
  gen_ai: ['feature_flag.result.variant', 'app.variant', ...T(...VARIANT_NAMES), ...V(...VARIANT_NAMES)],
  openinference: [...I(...VARIANT_NAMES), soleTag('tag.tags')],
  vercel_ai: V(...VARIANT_NAMES),
  langfuse: [
    'langfuse.experiment.name',
    'langfuse.experiment.id',
    ...L(...VARIANT_NAMES),
    soleTag('langfuse.trace.tags'),
    'langfuse.version',
  ],
});

/** Who and what a span says it belongs to. Only the span itself: inheritance comes later. */
export function associationOf(reading: Reading, mapping?: Mapping): AssociationFacts {
  const text = (of: Field) => firstText(reading, of[reading.column]);
  const own = mapping && configuredIn(reading, mapping);
  return {
    feature: own?.feature ?? text(feature),
    workflow: workflowOf(reading),
    chain: chainOf(reading),
    tenant: own?.tenant ?? text(tenant),
    team: own?.team ?? text(team),
    purpose: normalPurpose(own?.purpose ?? text(purpose)),
    user: own?.user ?? text(user),
    session: own?.session ?? text(session),
    agent: text(agent),
    promptName: own?.prompt_name ?? text(promptName),
    promptVersion: own?.prompt_version ?? text(promptVersion),
    variant: own?.variant ?? text(variant),
    // No dialect has a word for it, so it is known only where somebody says.
    outcome: own?.outcome,
  };
}

/**
 * The mapping without keys that hold prompts and answers, which must not become labels; undefined when no key is left, so
 * that nothing is asked of it per span.
 */
export function mappingInUse(mapping: Mapping): Mapping | undefined {
  const used = { ...mapping };
  for (const name of mappedFields)
    used[name] = mapping[name].filter(({ from, key }) => from === 'resource' || !isContentKey(key));
  return mappedFields.some(name => used[name].length > 0) ? used : undefined;
}

function configuredIn(reading: Reading, mapping: Mapping): Partial<Record<MappedField, string>> {
  const found: Partial<Record<MappedField, string>> = {};
  const { attributes } = reading.span.resource;
  for (const name of mappedFields) {
    const keys = mapping[name];
    if (keys.length > 0) found[name] = readMapped(keys, reading.attributes, attributes)?.value;
  }
  return found;
}

function workflowOf(reading: Reading): string | undefined {
  if (reading.column !== 'gen_ai') return undefined;
  const named = firstText(reading, workflowName);
  const isWorkflow = reading.values[traceloopKind] === 'workflow';
  return named ?? (isWorkflow ? firstText(reading, entityName) : undefined);
}

// OpenInference has no word for a feature: the nearest chain or agent is the best there is.
function chainOf(reading: Reading): string | undefined {
  const kind = reading.column === 'openinference' && reading.values[openInferenceKind];
  return kind === 'CHAIN' || kind === 'AGENT' ? asText(reading.span.name) : undefined;
}

function langfusePrompt(part: string): LookUp {
  return inJson('ai.telemetry.metadata.langfusePrompt', part);
}

// Tags are free words; one alone is taken as the variant, of several nobody knows which.
function soleTag(key: string): LookUp {
  const place = placeOf(key);
  return reading => {
    const tags = reading.json(place);
    return Array.isArray(tags) && tags.length === 1 ? tags[0] : undefined;
  };
}
