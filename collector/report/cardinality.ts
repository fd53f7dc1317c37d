import type { Cardinality } from '../settle/cardinality.ts';
import type { Problems } from './problems.ts';

/** Told by name. */
const maxProjects = 3;

interface Exceeded {
  projectId: string;
  folded: number;
  examples: readonly string[];
}

/** Raises what is beyond its limit of distinct names today, with examples, and clears what is not any more. */
export function tellCardinality(problems: Problems, cardinality: Cardinality, nowMs: number): void {
  const { limits, attributes, names } = cardinality;
  const tell = (id: string, exceeded: Exceeded[], title: string, detail: string) => {
    if (exceeded.length === 0) problems.clear(id);
    else
      problems.raise(
        id,
        {
          severity: 'warning',
          title,
          detail: `${detail} ${exceeded.slice(0, maxProjects).map(said).join(' ')}`,
        },
        nowMs,
      );
  };
  tell(
    'attribute-keys',
    attributes.exceeded(nowMs),
    `More than ${count(limits.attributes)} attribute names in a day`,
    'Attributes of further names are together in the attribute _other until midnight UTC, and cannot be searched by name.',
  );
  tell(
    'features',
    names.features.exceeded(nowMs),
    `More than ${count(limits.features)} features`,
    'Calls of further features count as the feature other. Does a feature name hold an id?',
  );
  tell(
    'models',
    names.models.exceeded(nowMs),
    `More than ${count(limits.models)} models`,
    'Calls of further models count as the model other; they were priced by their own name, which they keep as requested and response model.',
  );
}

function said({ projectId, folded, examples }: Exceeded): string {
  return `Project ${projectId}: ${count(folded)} today, for example ${examples.map(shortened).join(', ')}.`;
}

const shortened = (name: string) => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
const count = (items: number) => items.toLocaleString('en-US');
