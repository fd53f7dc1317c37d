import type { Signal } from '../otlp/proto.ts';
import type { Resource, Scope } from '../telemetry.ts';

/** Names are the senders' and may be any length. */
const maxNameChars = 200;

/** Who sent: an instrumentation in a service, by signal. */
export interface SourceName {
  signal: Signal;
  projectId: string;
  service: string;
  sdk: string;
  sdkVersion: string;
  scopeName: string;
  scopeVersion: string;
  dialect: string;
}

/** All that is not counted apart. */
export const foldedNames = {
  service: '(other)',
  sdk: '',
  sdkVersion: '',
  scopeName: '',
  scopeVersion: '',
  dialect: '',
};

/** The name by what the items of one request have in common. */
export function nameOf(
  projectId: string,
  signal: Signal,
  resource: Resource,
  scope: Scope | null,
  dialect: string,
): SourceName {
  const { attributes } = resource;
  const sdk = [attributes['telemetry.sdk.name'], attributes['telemetry.sdk.language']].filter(Boolean);
  return {
    signal,
    projectId,
    service: short(resource.service),
    sdk: short(sdk.join(' ')),
    sdkVersion: short(attributes['telemetry.sdk.version'] ?? ''),
    scopeName: short(scope?.name ?? ''),
    scopeVersion: short(scope?.version ?? ''),
    dialect,
  };
}

/** The same for the same names. */
export function keyOf(name: SourceName): string {
  const { projectId, signal, service, sdk, sdkVersion, scopeName, scopeVersion, dialect } = name;
  return [projectId, signal, service, sdk, sdkVersion, scopeName, scopeVersion, dialect].join('\0');
}

const short = (name: string) => (name.length > maxNameChars ? name.slice(0, maxNameChars) : name);
